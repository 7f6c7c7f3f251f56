"""What a trained or a zero-shot model says of videos, found by their names."""

import json
from dataclasses import dataclass, field
from itertools import chain
from typing import Dict, List, Optional, Sequence

from mmengine.dataset import BaseDataset
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..faults import Faults
from ..files import is_there, parsed, written_aside
from .annotations import clip_names, infos_of, prefix_of
from .features import FeatureDataset
from .joined_dataset import JoinedDataset

KEY = 'scores'  # of the tensor, and of its notes


@dataclass
class VideoScores:
    """Logits ``[N, K]`` of videos, in a file that says what gave them.

    Args:
        names (list[str]): The ``N`` videos, as :func:`video_names` has them.
        classes (list[str], optional): Names of the ``K`` classes.
        scores (Tensor): Before the softmax.
        digests (dict): SHA-256 of what determines them, by name: of the
            ``backbone`` and of the ``classifier``, texts among it.
    """

    names: List[str]
    classes: Optional[List[str]]
    scores: Tensor
    digests: Dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: str) -> 'VideoScores':
        """Read what :meth:`write` has written.

        Raises:
            FileNotFoundError: If it is not there.
            Faults: If it holds something else.
        """
        if not is_there(file):
            raise FileNotFoundError(
                f'The scores of videos, {file!r}, are not there. A stage with '
                "default_hooks.scores=dict(type='ScoresHook') leaves them in "
                'its directory.'
            )
        try:
            with safe_open(file, 'pt') as content:
                notes = parsed((content.metadata() or {})[KEY])
                found = cls(scores=content.get_tensor(KEY), **notes)
            if found.scores.shape[:1] != (len(found.names),):
                raise ValueError(f'{len(found.names)} names')
        except (SafetensorError, ValueError, LookupError, TypeError) as error:
            raise Faults(
                f'{file!r} holds no scores of videos ({error}). Delete it and '
                'make them again.'
            ) from error
        return found

    def write(self, file: str) -> None:
        """Write a safetensors file, its notes as JSON."""
        notes = dict(
            names=self.names, classes=self.classes, digests=self.digests
        )
        content = save(
            {KEY: self.scores.contiguous()}, {KEY: json.dumps(notes)}
        )
        with written_aside(file) as out:
            out.write(content)

    def of(self, dataset: BaseDataset, file: str) -> Tensor:
        """Scores ``[N, K]`` of the videos of a data set, in its order.

        Args:
            dataset (BaseDataset): Videos of a list, or their tokens.
            file (str): For messages.

        Raises:
            Faults: For videos without scores, or other classes.
        """
        classes = dataset.metainfo.get('classes')
        if None not in (classes, self.classes):
            if [*classes] != self.classes:
                raise Faults(
                    f'{file!r} holds scores of the classes {self.classes}, '
                    f'but the videos have {[*classes]}. Score them on the '
                    'same task, the classes in the same order.'
                )
        names = video_names(dataset)
        rows = {name: row for row, name in enumerate(self.names)}
        lacking = [name for name in names if name not in rows]
        if lacking:
            raise Faults(
                f'{file!r} holds no scores of {len(lacking)} of {len(names)} '
                f'videos of {dataset.ann_file!r}, first {lacking[:3]}. Score '
                'the same list.'
            )
        return self.scores[[rows[name] for name in names]]


def teacher_scores(
    file: Optional[str], target: Optional[BaseDataset]
) -> Optional[Tensor]:
    """Rows ``[N, K]`` of a file for the ``N`` videos of a target, if named.

    Raises:
        ValueError: If there is no target, or they do not fit it.
    """
    if file is None:
        return None
    if target is None:
        raise ValueError('dataset.teacher scores a target, and there is none')
    return VideoScores.read(file).of(target, file)


def video_names(dataset: BaseDataset) -> Sequence[str]:
    """Names of the videos of a data set, wherever they lie.

    Args:
        dataset (BaseDataset): A :class:`FeatureDataset`, whose names those
            of its store are, or any of videos; joined ones one by one.
    """
    if isinstance(dataset, JoinedDataset):
        return [*chain(*map(video_names, dataset.datasets))]
    infos = infos_of(dataset)
    if isinstance(dataset, FeatureDataset) and dataset.stored:
        names = dataset.names
        return [names[info['row']] for info in infos]
    return clip_names(infos, prefix_of(dataset))

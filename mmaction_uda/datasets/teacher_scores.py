import os.path as osp
from functools import cached_property
from typing import Dict

from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from safetensors.torch import load_file
from torch import Tensor

from ..faults import Faults
from ..files import is_there


@TRANSFORMS.register_module()
class TeacherScores(BaseTransform):
    """Add what a teacher says of a video: its probabilities of the classes.

    Required key: ``filename``. Added: ``teacher_scores`` (``[K]``), which
    ``PackActionInputs(algorithm_keys=('teacher_scores',))`` hands on.

    Args:
        scores (str): A ``.safetensors`` file, ``[K]`` probabilities for every
            video by the name that its list has.
        root (str): What its list leaves out of a path, the ``data_prefix``
            of the videos. Defaults to ``''``.
    """

    def __init__(self, scores: str, root: str = '') -> None:
        self.scores = scores
        self.root = root

    @cached_property
    def table(self) -> Dict[str, Tensor]:
        """All scores, by names of videos."""
        if not is_there(self.scores):
            raise Faults(
                f'the scores of a teacher, {self.scores!r}, are not there. '
                'Write the file, or take TeacherScores out of the pipeline.'
            )
        return load_file(self.scores)

    def transform(self, results: Dict) -> Dict:
        """Look one video up.

        Raises:
            Faults: If the file does not know it.
        """
        name = osp.relpath(results['filename'], self.root or '.')
        if name not in self.table:
            raise Faults(
                f'{self.scores!r} has no scores of {name!r}; it has those of '
                f'{len(self.table)} videos, such as '
                f'{next(iter(self.table), None)!r}. Add them, or correct '
                'TeacherScores.root.'
            )
        return dict(results, teacher_scores=self.table[name])

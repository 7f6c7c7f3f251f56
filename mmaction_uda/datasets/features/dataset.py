import logging
import os.path as osp
from dataclasses import dataclass
from typing import Callable, List, Optional, Sequence, Tuple, Union

import numpy as np
from mmaction.datasets import BaseActionDataset, PackActionInputs
from mmaction.registry import DATASETS
from mmaction.structures import ActionDataSample
from mmengine.logging import print_log

from ...choices import check_choice
from ..checks import unreadable, video_path
from ..transforms import SampleFeature
from .memory import DeviceTokens, MemoryTokens
from .store import FeatureStore


@dataclass
class Extraction:
    """How tokens are made from videos, apart from the backbone.

    Args:
        name (str): Subdirectory of the stores; a store holds what one
            backbone makes of one list.
        pipeline (Sequence[dict]): How the videos are read. Not needed for
            imported tokens.
        dtype (str): ``'float32'`` or ``'float16'``, of the tokens on disk.
            Defaults to ``'float32'``.
    """

    name: str
    pipeline: Sequence[dict] = ()
    dtype: str = 'float32'

    def __post_init__(self) -> None:
        check_choice('extraction.dtype', self.dtype, ('float32', 'float16'))


@DATASETS.register_module()
class FeatureDataset(BaseActionDataset):
    """The stored tokens of an ordinary video data set.

    List and labels are those of ``videos``; an item is what ``pipeline``
    makes of ``features``, the tokens ``[N, C]`` of a video.

    Args:
        videos (dict): Config of the data set of videos, without pipeline.
        extraction (dict): Arguments of :class:`Extraction`.
        store (str): The :class:`FeatureStore` is its subdirectory
            ``extraction['name']``.
        pipeline (list): Usually ``SampleFeature``, ``PackActionInputs``.
        in_memory (str, optional): Read all tokens once into the memory of
            the host (``'cpu'``) or of a GPU (``'cuda'``, the current one of
            the process; any device of PyTorch), each process its own. Items
            are the same. On a GPU they are drawn there, those of a batch at
            once, and never cross the bus; the data loader then needs
            ``num_workers=0``. By default the files are memory-mapped.
        bad_videos (str): What to do when videos could not be read:
            ``'refuse'`` the data set, or ``'exclude'`` them from it.
            Defaults to ``'refuse'``.
        test_mode (bool): As in MMAction2. Defaults to False.
        kwargs: Other arguments of :class:`BaseActionDataset`.

    Raises:
        ValueError: For other choices, and when the list is loaded, see
            :meth:`FeatureStore.open`; for bad videos, unless excluded; from
            a worker process for tokens on a GPU.
        FileNotFoundError: If the store is not complete.
        MemoryError: If the tokens do not fit into that memory.
    """

    def __init__(
        self,
        videos: dict,
        extraction: dict,
        store: str,
        pipeline: List[Union[dict, Callable]],
        in_memory: Optional[str] = None,
        bad_videos: str = 'refuse',
        test_mode: bool = False,
        **kwargs,
    ) -> None:
        check_choice('bad_videos', bad_videos, ('refuse', 'exclude'))
        if 'pipeline' in videos:
            raise ValueError(
                'the pipeline of the videos of a FeatureDataset belongs into '
                f'extraction.pipeline, got videos={videos}'
            )
        self.extraction = Extraction(**extraction)
        self.path = osp.join(store, self.extraction.name)
        self.in_memory = in_memory
        self.tokens = None  # until the list is loaded
        self._made = {}
        self.bad_videos = bad_videos
        reading = dict(pipeline=self.extraction.pipeline, test_mode=True)
        self.videos = DATASETS.build({**videos, **reading})
        super().__init__(
            self.videos.ann_file,
            pipeline=pipeline,
            data_prefix=dict(),
            test_mode=test_mode,
            metainfo=self.videos.metainfo,
            **kwargs,
        )

    @property
    def names(self) -> List[str]:
        """Paths of the videos as the list gives them, without the prefix."""
        prefix = self.videos.data_prefix
        prefix = prefix.get('video') or prefix.get('img') or ''
        return [
            osp.relpath(path, prefix) if prefix else osp.normpath(path)
            for path in map(video_path, self._infos())
        ]

    @property
    def labels(self) -> List[int]:
        """Labels of all videos, -1 for none."""
        return [info['label'] for info in self._infos()]

    def load_data_list(self) -> List[dict]:
        """Open the store, take names and labels from the list."""
        self.features = self.tokens = FeatureStore.open(self.path, self.names)
        if self.in_memory == 'cpu':
            self.tokens = MemoryTokens(self.features)
            self.tokens.videos  # noqa: B018 read before workers are forked
        elif self.in_memory is not None:
            self.tokens = DeviceTokens(self.features, self.in_memory)
            self.tokens.tensor  # noqa: B018 it may not fit
        bad = self.features.faults
        infos = self._infos()
        if bad:
            self._report([f'{video_path(infos[i])}: {bad[i]}' for i in bad])
        return [
            dict(filename=video_path(info), label=info['label'], row=i)
            for i, info in enumerate(infos)
            if i not in bad
        ]

    def get_data_info(self, idx: int) -> dict:
        """Add the tokens to the annotation."""
        info = super().get_data_info(idx)
        info['features'] = self.tokens[info['row']]
        return info

    def __getitems__(self, indices: Sequence[int]) -> List[dict]:
        """Items of a batch (called by PyTorch's loaders)."""
        items = self.draw_items([(index, None) for index in indices])
        return [self[i] for i in indices] if items is None else items

    def draw_items(
        self, draws: Sequence[Tuple[int, Optional[int]]]
    ) -> Optional[List[dict]]:
        """Items of a batch, their tokens taken from a device by one kernel.

        Args:
            draws (Sequence[tuple]): Index and seed of every item; for None
                it draws from NumPy's random state as it is.

        Returns:
            list[dict], optional: Those of ``dataset[index]``; None unless
            tokens lie on a device and the pipeline draws frames, no more.
        """
        if not isinstance(self.tokens, DeviceTokens) or (
            [*map(type, self.pipeline.transforms)]
            != [SampleFeature, PackActionInputs]
        ):
            return None
        indices, seeds = zip(*draws)
        rows, samples = zip(*map(self._packed, indices))
        lengths = [self.tokens.lengths[row] for row in rows]
        frames = self.pipeline.transforms[0].draw_indices(lengths, seeds)
        views = self.tokens.take(rows, frames)
        return [
            dict(inputs=inputs, data_samples=_copy(sample))
            for inputs, sample in zip(views.unbind(), samples)
        ]

    def _packed(self, index: int) -> Tuple[int, ActionDataSample]:
        """Row and sample of a video: the same in every epoch, made once."""
        if index not in self._made:
            info = super().get_data_info(index)
            item = self.pipeline.transforms[1](dict(info, imgs=np.empty(0)))
            self._made[index] = info['row'], item['data_samples']
        return self._made[index]

    def _infos(self) -> List[dict]:
        return list(map(self.videos.get_data_info, range(len(self.videos))))

    def _report(self, faults: List[str]) -> None:
        """Refuse bad videos, or say that they are left out."""
        total = len(self.videos)
        text = unreadable(faults, total, self.videos.ann_file)
        if self.bad_videos == 'exclude' and len(faults) < total:
            text = f'Videos are left out: {text}'
            print_log(text, 'current', logging.WARNING)
            return
        raise ValueError(
            f'{text}\nBad videos are tried again at the next start, imported '
            "ones at the next import; bad_videos='exclude' of the "
            'FeatureDataset leaves them out, if others remain.'
        )


def _copy(sample: ActionDataSample) -> ActionDataSample:
    """One with the same fields, without a copy of what is in them."""
    fields = dict(sample.items())
    return type(sample)(metainfo=dict(sample.metainfo_items()), **fields)

import logging
import os.path as osp
from functools import cached_property
from typing import (
    Annotated,
    Any,
    Callable,
    Dict,
    List,
    Optional,
    Sequence,
    Union,
)

from mmaction.datasets import BaseActionDataset, VideoDataset
from mmaction.registry import DATASETS
from mmengine.logging import print_log

from ...choices import check_choice
from ...garbage import no_collection
from ..annotations import infos_of, names_of, part_of, prefix_of, video_path
from ..file_checks import unreadable
from .drawing import BatchDrawing, Draw, batch_drawing
from .extraction import Extraction
from .listed import videos_of
from .memory import MemoryTokens, tokens_in
from .sources import Source, sources_of
from .store import FeatureStore, beside

# Of an annotation, which clip of a video it is.
_PARTS = ('segment', 'offset', 'total_frames')


@DATASETS.register_module()
class FeatureDataset(BaseActionDataset):
    """The videos of a list, read as stored tokens or as clips.

    List and labels are those of ``videos``. With ``extraction`` and
    ``pipeline`` an item is what ``pipeline`` makes of ``features``, the
    stored tokens ``[N, C]`` of a video. With one of them it is what this
    pipeline makes of the video itself.

    Args:
        videos (dict): Config of the data set of videos, without pipeline;
            its type is by default MMAction2's ``VideoDataset``.
        extraction (dict, optional): Arguments of :class:`Extraction`. None:
            no tokens, the videos themselves, read by ``pipeline``.
        pipeline (list, optional): For tokens usually ``SampleFeature``,
            ``PackActionInputs``. None: the videos themselves, read as the
            extraction reads them.
        store (str, optional): The :class:`FeatureStore` is its subdirectory
            ``extraction['name']``. By default ``features/NAME`` beside the
            list, of its name without ending.
        store_root (str): Before ``store``, the directory of a stage whose
            net made the tokens. Defaults to ``''``.
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
        videos: Annotated[dict, VideoDataset],
        extraction: Optional[Annotated[dict, Extraction]] = None,
        pipeline: Optional[List[Union[dict, Callable]]] = None,
        store: Optional[str] = None,
        store_root: str = '',
        in_memory: Optional[str] = None,
        bad_videos: str = 'refuse',
        test_mode: bool = False,
        **kwargs,
    ) -> None:
        check_choice('bad_videos', bad_videos, ('refuse', 'exclude'))
        _check_places(videos, extraction, pipeline, kwargs)
        self.stored = extraction is not None and pipeline is not None
        self.extraction = Extraction(**extraction) if extraction else None
        self.in_memory = in_memory
        # None until the list is loaded.
        self.tokens: Union[FeatureStore, MemoryTokens, None] = None
        self.bad_videos = bad_videos
        reading = self.extraction.pipeline if self.extraction else pipeline
        self.videos = videos_of(
            {'type': 'VideoDataset', **videos}
            | dict(
                pipeline=[dict(type='InPieces', transforms=reading)],
                test_mode=True,
            )
        )
        if store is None:
            store = beside(self.videos.ann_file)
        self.store = osp.join(store_root, store)
        super().__init__(
            self.videos.ann_file,
            pipeline=reading if pipeline is None else pipeline,
            data_prefix=dict(),
            test_mode=test_mode,
            metainfo=self.videos.metainfo,
            # The annotations lie in that of the videos.
            **{**kwargs, 'serialize_data': False},
        )

    @property
    def path(self) -> str:
        """Directory of the tokens."""
        assert self.extraction is not None  # it is, where tokens are stored
        return osp.join(self.store, self.extraction.name)

    @cached_property
    def names(self) -> List[str]:
        """What the store calls the videos of the list, in its order."""
        return names_of(self.videos, prefix_of(self))

    @cached_property
    def sources(self) -> Dict[str, Source]:
        """What the tokens of each video are made from, by name."""
        return sources_of(self.names, infos_of(self.videos))

    @property
    def labels(self) -> List[int]:
        """Labels of all videos, -1 for none."""
        return [info['label'] for info in infos_of(self.videos)]

    @no_collection()
    def load_data_list(self) -> Sequence[int]:
        """Which of the videos it has, once the store is open."""
        rows = range(len(self.videos))
        if not self.stored:
            return rows
        self.features = FeatureStore.open(self.path, self.names)
        self.tokens = tokens_in(self.features, self.in_memory)
        bad = self.features.faults
        if bad:
            infos = infos_of(self.videos)
            self._report([f'{_place(infos[i])}: {bad[i]}' for i in bad])
            return [row for row in rows if row not in bad]
        return rows

    @property
    def infos(self) -> List[dict]:
        """Annotations of all items, without the tokens."""
        self.full_init()
        infos = infos_of(self.videos)
        return [
            self._annotation(infos[row], row, idx)
            for idx, row in enumerate(self.data_list)
        ]

    def get_annotation(self, idx: int) -> dict:
        """The annotation of an item, without the tokens."""
        self.full_init()
        row = self.data_list[idx]
        info = self.videos.get_data_info(row)
        return self._annotation(info, row, idx % len(self.data_list))

    def _annotation(self, info: dict, row: int, idx: int) -> dict:
        if self.stored:
            path = video_path(info)
            found = {k: info[k] for k in _PARTS if k in info}
            found.update(filename=path, img_key=path, label=info['label'])
            found['row'] = row
        else:
            found = dict(info)
        found['sample_idx'] = idx
        found['modality'] = self.modality
        found['start_index'] = self.start_index
        return found

    def get_data_info(self, idx: int) -> dict:
        """Add the tokens, if there are, to the annotation."""
        info = self.get_annotation(idx)
        if self.tokens is not None:
            info['features'] = self.tokens[info['row']]
        return info

    def __getitems__(self, indices: Sequence[int]) -> List[dict]:
        """Items of a batch (called by PyTorch's loaders)."""
        items = self.draw_items([(index, None) for index in indices])
        return [self[i] for i in indices] if items is None else items

    def draw_items(self, draws: Sequence[Draw]) -> Optional[List[dict]]:
        """Items of a batch, drawn faster than one by one.

        Args:
            draws (Sequence[tuple]): Index and seed of every item; for None
                it draws from NumPy's random state as it is.

        Returns:
            list[dict], optional: Those of ``dataset[index]``; None unless
            tokens are read and the pipeline draws frames, no more.
        """
        if isinstance(self.tokens, FeatureStore):
            rows = (self.data_list[index] for index, _ in draws)
            self.tokens.read_ahead(rows)
        return self._drawing.items(draws) if self._drawing else None

    @cached_property
    def _drawing(self) -> Optional[BatchDrawing]:
        return batch_drawing(
            self.tokens, self.pipeline.transforms, self.get_annotation
        )

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


def _check_places(
    videos: dict, extraction: Any, pipeline: Any, others: dict
) -> None:
    """Refuse arguments that stand, or are missing, in the wrong place."""
    if 'pipeline' in videos:
        raise ValueError(
            'the pipeline of the videos of a FeatureDataset belongs into '
            f'extraction.pipeline, got videos={videos}'
        )
    lost = sorted({'multi_class', 'num_classes'} & others.keys())
    if lost:
        raise ValueError(
            f'{" and ".join(lost)} of a FeatureDataset belong into its videos'
        )
    if extraction is None and pipeline is None:
        raise ValueError(
            f'{videos.get("ann_file")!r}: a FeatureDataset needs an '
            'extraction, a pipeline, or both'
        )


def _place(info: dict) -> str:
    return video_path(info) + part_of(info)

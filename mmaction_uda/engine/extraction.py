"""Runs a frozen backbone once over all videos and stores its tokens."""

import os
from functools import cached_property, partial
from itertools import groupby
from typing import Any, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.utils import import_modules_from_strings
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..datasets import FeatureDataset, FeatureStore
from ..datasets.features.filling import fill_shard
from ..datasets.features.sources import Source
from ..datasets.features.writer import Tokens
from ..faults import Faults, one_line
from ..models.backbones import FrozenBackbone
from ..processes import serve
from ..streams import Stream
from .pool import Job, Report


class _Videos(Dataset):
    """Some videos and their keys; one that cannot be read gives its fault."""

    def __init__(self, videos: Dataset, sources: Sequence[Source]) -> None:
        self.videos, self.sources = videos, sources

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, item: int) -> Tuple[Union[Tensor, Stream, str], Any]:
        source, key = self.sources[item], None
        try:
            # Before the video is decoded: a later change is found later.
            key = source.key()
            return self.videos[source.place]['inputs'], key
        except Exception as error:  # decoders raise types of their own
            return one_line(error), key


class Extractor:
    """Frozen backbone and preprocessing of a model config.

    Args:
        model (dict): Config of a :class:`UDARecognizer`.
        num_workers (int, optional): Processes that decode; by default one
            per core, at most 4.
    """

    def __init__(self, model: dict, num_workers: Optional[int] = None) -> None:
        self.model = model
        self.device = 'cuda' if torch.cuda.is_available() else 'cpu'
        # Whose batches are labelled does not change a pixel.
        self.preprocessor_cfg = {
            k: v
            for k, v in model['data_preprocessor'].items()
            if k != 'train_domain'
        }
        self.backbone_cfg = dict(model['backbone'])
        if num_workers is None:
            num_workers = min(4, len(os.sched_getaffinity(0)))
        self.num_workers = num_workers

    @cached_property
    def backbone_identity(self) -> dict:
        """Hashes the weights: once, not for every store."""
        return MODELS.build({**self.backbone_cfg, 'cached': True}).identity

    @cached_property
    def backbone(self) -> FrozenBackbone:
        """Built only when there are videos to extract."""
        backbone = MODELS.build({**self.backbone_cfg, 'cached': False})
        return backbone.to(self.device)

    @cached_property
    def preprocessor(self) -> torch.nn.Module:
        """Built on the device of the backbone."""
        return MODELS.build(self.preprocessor_cfg).to(self.device)

    def __reduce__(self):
        """Pickle what it is made of: each process builds its own nets."""
        return Extractor, (self.model, self.num_workers)

    def find(self, dataset: FeatureDataset) -> Optional[FeatureStore]:
        """The store of a data set, if it is there and has any tokens.

        Raises:
            ValueError: If it holds other features.
            FileNotFoundError: If features made elsewhere are not complete.
        """
        features = self.backbone_identity.get('features')
        if features is not None:
            return self._imported(dataset, features)
        return FeatureStore.find(
            dataset.path, self._identity(dataset), _dtype(dataset)
        )

    def store(self, dataset: FeatureDataset) -> FeatureStore:
        """The store of a data set, made if it is not there.

        Raises:
            ValueError: If it holds other features.
        """
        return FeatureStore.make(
            dataset.path,
            self._identity(dataset),
            dataset.names,
            dataset.labels,
            _dtype(dataset),
        )

    def read(
        self, dataset: FeatureDataset, names: Sequence[str]
    ) -> Iterator[Tuple[Tokens, Any]]:
        """Tokens ``[N, C]`` of videos and their keys, one after the other.

        Args:
            dataset (FeatureDataset): The videos and how to read them.
            names (list[str]): Which of them.
        """
        # What is wrong with these is no fault of a video.
        _ = self.backbone, self.preprocessor
        for video, key in self.load(dataset, names):
            known = isinstance(video, str)
            yield (video if known else self._try(video)), key

    def _try(self, video: Union[Tensor, Stream]) -> Tokens:
        try:
            return self.tokens(video)
        except (Faults, OSError):  # of the config, of the machine
            raise
        except Exception as error:  # nets raise types of their own
            return one_line(error)

    def load(self, dataset: FeatureDataset, names: Sequence[str]):
        """Videos and keys, as :meth:`tokens` takes them, or their faults."""
        workers = min(self.num_workers, len(names))
        sources = [dataset.sources[name] for name in names]
        return DataLoader(
            _Videos(dataset.videos, sources),
            batch_size=None,
            num_workers=workers,
            # Below launchers and spawned processes the default is to spawn,
            # which takes longer than to decode a shard.
            multiprocessing_context='fork' if workers else None,
            worker_init_fn=serve,
        )

    @torch.no_grad()
    def tokens(self, video: Union[Tensor, Stream]) -> np.ndarray:
        """Tokens ``[N, C]``, float32, of one video.

        Args:
            video (Tensor or Stream): ``[V, C, T, H, W]``, or frames
                ``[T, C, H, W]`` of a long one.
        """
        batch = self.preprocessor(dict(inputs=[video], data_samples=[None]))
        tokens = self.backbone(batch['inputs'])
        return tokens[0].flatten(0, 1).float().cpu().numpy()

    def _identity(self, dataset: FeatureDataset) -> dict:
        """What determines the tokens of a video, but for the video."""
        assert dataset.extraction is not None  # it is, where they are stored
        return dict(
            self.backbone_identity,
            preprocessor=self.preprocessor_cfg,
            pipeline=[dict(t) for t in dataset.extraction.pipeline],
        )

    def _imported(self, dataset: FeatureDataset, name: str) -> FeatureStore:
        try:
            store = FeatureStore.open(dataset.path, dataset.names)
        except FileNotFoundError as error:
            raise FileNotFoundError(
                f'The features {name!r} were made elsewhere and are not all '
                f'in {dataset.path!r}. tools/data/import_features.py imports '
                f'them: --list {dataset.ann_file} --name {name} --store '
                f'{os.path.dirname(dataset.path)}'
            ) from error
        wanted = dict(features=name)
        store.header.check_identity(dataset.path, wanted, store.header.dtype)
        return store


def _dtype(dataset: FeatureDataset) -> str:
    assert dataset.extraction is not None  # it is, where they are stored
    return dataset.extraction.dtype


def extract(
    cfg: Config, extractor: Extractor, jobs: List[Job], report: Report
) -> None:
    """Make shards.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        extractor (Extractor): Its backbone.
        jobs (list[Job]): The shards; ``work`` is the config of the
            :class:`FeatureDataset` and the :class:`Task`.
        report (callable): Is told of every video.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    import_modules_from_strings(**cfg.get('custom_imports', dict(imports=[])))
    for config, group in groupby(jobs, key=lambda job: job.work[0]):
        # Once for all of its shards: lists are long.
        dataset = DATASETS.build({**config, 'lazy_init': True})
        read = partial(extractor.read, dataset)
        for job in group:
            told = partial(report, job.path)
            store = FeatureStore(job.path)
            fill_shard(store, job.work[1], read, dataset.sources, told)

"""Runs a frozen backbone once over all videos and stores its tokens."""

import os
from functools import cached_property, partial
from typing import Iterator, List, Optional, Sequence, Union

import numpy as np
import torch
from mmaction.datasets import BaseActionDataset
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.utils import import_modules_from_strings
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..datasets import FeatureDataset, FeatureStore
from ..datasets.features.filling import Tokens, fill_shard
from ..models.backbones import FrozenBackbone
from ..processes import serve
from .pool import Job, Report


class _Videos(Dataset):
    """Some videos; one that cannot be read gives its fault."""

    def __init__(
        self, videos: BaseActionDataset, indices: Sequence[int]
    ) -> None:
        self.videos, self.indices = videos, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, item: int) -> Union[Tensor, str]:
        try:
            return self.videos[self.indices[item]]['inputs']
        except Exception as error:  # decoders raise types of their own
            first_line = str(error).strip().partition('\n')[0]
            return f'{type(error).__name__}: {first_line}'


class Extractor:
    """Frozen backbone and preprocessing of a model config.

    Args:
        model (dict): Config of a :class:`UDARecognizer`.
        num_workers (int, optional): Processes that decode; by default one
            per core, at most 4.
    """

    def __init__(self, model: dict, num_workers: Optional[int] = None) -> None:
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

    def store(self, dataset: FeatureDataset) -> FeatureStore:
        """The store of a data set, made if it is not there.

        Raises:
            ValueError: If it holds other features.
            FileNotFoundError: If features made elsewhere are not complete.
        """
        features = self.backbone_identity.get('features')
        if features is not None:
            return self._imported(dataset, features)
        extraction = dataset.extraction
        assert extraction is not None  # it is, where tokens are stored
        identity = dict(
            self.backbone_identity,
            preprocessor=self.preprocessor_cfg,
            pipeline=[dict(t) for t in extraction.pipeline],
        )
        return FeatureStore.make(
            dataset.path,
            identity,
            dataset.names,
            dataset.labels,
            extraction.dtype,
        )

    def read(
        self, videos: BaseActionDataset, indices: Sequence[int]
    ) -> Iterator[Tokens]:
        """Tokens ``[N, C]`` of videos, one after the other.

        Args:
            videos (BaseActionDataset): The videos and how to read them.
            indices (list[int]): Which of them.
        """
        for video in self.load(videos, indices):
            yield video if isinstance(video, str) else self.tokens(video)

    def load(self, videos: BaseActionDataset, indices: Sequence[int]):
        """Decoded videos ``[V, C, T, H, W]``, or why they cannot be read."""
        workers = min(self.num_workers, len(indices))
        return DataLoader(
            _Videos(videos, indices),
            batch_size=None,
            num_workers=workers,
            # Below launchers and spawned processes the default is to spawn,
            # which takes longer than to decode a shard.
            multiprocessing_context='fork' if workers else None,
            worker_init_fn=serve,
        )

    @torch.no_grad()
    def tokens(self, video: Tensor) -> np.ndarray:
        """Tokens ``[N, C]`` of one video ``[V, C, T, H, W]``, float32."""
        batch = self.preprocessor(dict(inputs=[video], data_samples=[None]))
        tokens = self.backbone(batch['inputs'])
        return tokens[0].flatten(0, 1).float().cpu().numpy()

    def _imported(self, dataset: FeatureDataset, name: str) -> FeatureStore:
        try:
            store = FeatureStore.open(dataset.path, dataset.names)
        except FileNotFoundError as error:
            raise FileNotFoundError(
                f'The features {name!r} were made elsewhere and are not in '
                f'{dataset.path!r}. tools/data/import_features.py imports '
                f'them: --list {dataset.ann_file} --name {name} --store '
                f'{os.path.dirname(dataset.path)}'
            ) from error
        wanted = dict(features=name, dtype=store.header.dtype)
        store.header.check_identity(dataset.path, wanted)
        return store


def extract(cfg: Config, jobs: List[Job], report: Report) -> None:
    """Make shards.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        jobs (list[Job]): The shards; ``videos`` is the config of the
            :class:`FeatureDataset`.
        report (callable): Is told of every video.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    import_modules_from_strings(**cfg.get('custom_imports', dict(imports=[])))
    extractor = Extractor(cfg.model)
    for job in jobs:
        dataset = DATASETS.build({**job.videos, 'lazy_init': True})
        read = partial(extractor.read, dataset.videos)
        store = FeatureStore(job.path)
        fill_shard(store, job.number, read, partial(report, job.path))

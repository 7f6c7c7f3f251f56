"""Runs a frozen backbone once over all videos and stores its tokens."""

from functools import cached_property
from typing import Iterator, List, Union

import numpy as np
import torch
from mmaction.datasets import BaseActionDataset
from mmaction.registry import MODELS
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from torch.utils.data import DataLoader, Dataset

from ..datasets.checks import undecodable
from ..datasets.feature_dataset import video_names
from ..datasets.feature_store import FeatureStore
from ..models.backbones import FrozenBackbone


class _Videos(Dataset):
    """Videos of a range; one that cannot be read gives its fault."""

    def __init__(self, dataset: BaseActionDataset, indices: range) -> None:
        self.dataset, self.indices = dataset, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, item: int) -> Union[dict, str]:
        index = self.indices[item]
        try:
            return self.dataset[index]
        except Exception as error:  # decoders raise types of their own
            name = self.dataset.get_data_info(index)['filename']
            return f'{name}: {type(error).__name__}: {error}'


class Extractor:
    """Frozen backbone and preprocessing of a model config.

    Args:
        model (dict): Config of a :class:`UDARecognizer`.
        num_workers (int): Processes that decode. Defaults to 2.
    """

    def __init__(self, model: dict, num_workers: int = 2) -> None:
        self.device = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.preprocessor_cfg = dict(model['data_preprocessor'])
        self.backbone_cfg = dict(model['backbone'])
        # Hashes the weights: once, not for every store.
        passing = MODELS.build({**self.backbone_cfg, 'cached': True})
        self.identity = dict(
            passing.identity, preprocessor=self.preprocessor_cfg
        )
        self.preprocessor = MODELS.build(self.preprocessor_cfg)
        self.preprocessor.to(self.device)
        self.num_workers = num_workers

    @cached_property
    def backbone(self) -> FrozenBackbone:
        """Built only when there are videos to extract."""
        backbone = MODELS.build({**self.backbone_cfg, 'cached': False})
        return backbone.to(self.device)

    def fill(
        self, videos: BaseActionDataset, pipeline: List[dict], store: str
    ) -> None:
        """Make the shards that ``store`` lacks.

        Args:
            videos (BaseActionDataset): The videos and how to read them.
            pipeline (list[dict]): Config of its pipeline, for the identity
                of the store.
            store (str): Directory of the store.

        Raises:
            ValueError: If videos cannot be read, all of them named.
        """
        identity = dict(self.identity, pipeline=[dict(t) for t in pipeline])
        store = FeatureStore(store, identity, video_names(videos))
        shards = store.missing_shards()
        faults = []
        with Progress(
            TextColumn(f'features {store.path}'),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn('videos'),
            TimeRemainingColumn(),
        ) as bar:
            task = bar.add_task(
                '', total=sum(len(store.shard_range(n)) for n in shards)
            )
            for number in shards:
                tokens, bad = [], []
                for item in self._items(videos, store.shard_range(number)):
                    bar.advance(task)
                    bad.append(item) if isinstance(
                        item, str
                    ) else tokens.append(self._tokens(item))
                if not bad:
                    store.write_shard(number, tokens)
                faults += bad
        if faults:
            raise ValueError(
                undecodable(faults, len(store.names), videos.ann_file)
            )

    def _items(
        self, videos: BaseActionDataset, indices: range
    ) -> Iterator[Union[dict, str]]:
        return iter(
            DataLoader(
                _Videos(videos, indices),
                batch_size=None,
                num_workers=self.num_workers,
            )
        )

    @torch.no_grad()
    def _tokens(self, item: dict) -> np.ndarray:
        """Tokens ``[N, C]`` of one video, float32."""
        batch = self.preprocessor(
            dict(inputs=[item['inputs']], data_samples=[None])
        )
        tokens = self.backbone(batch['inputs'])
        return tokens[0].flatten(0, 1).float().cpu().numpy()

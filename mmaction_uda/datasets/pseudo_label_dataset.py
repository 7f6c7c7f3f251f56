from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np
from mmaction.registry import DATA_SAMPLERS, DATASETS
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from .draws import draw_items, draws_kept

LabelledDraw = Tuple[int, int, int]  # (index, seed of its draws, label)


@DATASETS.register_module()
class PseudoLabelDataset:
    """Target videos whose labels are those that a training gives them.

    The annotated label is removed from every item, however it is asked for.
    A :class:`PseudoLabelSampler` says which video comes with which label, so
    that worker processes need not be told.

    Args:
        dataset (dict | BaseDataset): Any data set of target videos; its
            labels are not used.

    Raises:
        ValueError: If it has no video.
    """

    def __init__(self, dataset: Union[dict, BaseDataset]) -> None:
        if isinstance(dataset, dict):
            dataset = DATASETS.build(dataset)
        self.dataset = dataset
        self.full_init()
        if not len(dataset):
            raise ValueError(
                f'the target has no video: {dataset.ann_file!r} is an empty '
                'list. Write one line `path label` per video.'
            )

    @property
    def metainfo(self) -> dict:
        """Meta information of the videos."""
        return self.dataset.metainfo

    def full_init(self) -> None:
        """Load the list (called by MMEngine)."""
        self.dataset.full_init()

    def __len__(self) -> int:
        """Number of all videos. An epoch's length is the sampler's."""
        return len(self.dataset)

    def __getitem__(self, draw: Union[int, LabelledDraw]) -> Dict:
        """One item.

        Args:
            draw (int | tuple): ``(i, seed, label)`` of the sampler: an item
                with this pseudo-label, a function of the triple. Or ``i``
                alone: an item without any label.

        Returns:
            dict: ``inputs`` and ``data_samples``.
        """
        return self.__getitems__([draw])[0]

    def __getitems__(
        self, draws: Sequence[Union[int, LabelledDraw]]
    ) -> List[Dict]:
        """Draw a batch (called by PyTorch's loaders)."""
        if not isinstance(draws[0], tuple):
            return [self._strip(self.dataset[index]) for index in draws]
        with draws_kept():
            items = draw_items(self.dataset, [draw[:2] for draw in draws])
        for item, (_, _, label) in zip(items, draws):
            self._strip(item)['data_samples'].set_gt_label(label)
        return items

    def _strip(self, item: Dict) -> Dict:
        """Take the annotated label away."""
        item['data_samples'].pop('gt_label', None)
        return item


@DATA_SAMPLERS.register_module()
class PseudoLabelSampler(Sampler):
    """The videos that were selected for an epoch, in random order.

    An item is ``(index, seed of its draws, pseudo-label)``. Order and seeds
    are functions of (seed, epoch); process ``r`` takes every ``world``-th
    item from ``r``. All epochs have ``round(keep_ratio * N)`` videos, as
    MMEngine counts iterations by it: a permutation of the selected ones is
    cut, or goes on with a new one, where ties or small classes let the
    selection be larger or smaller.

    Args:
        dataset (PseudoLabelDataset): ``N`` videos.
        seed (int, optional): By default drawn, the same on all processes.
        keep_ratio (float): The share of each pseudo-class that a
            :class:`PseudoLabelHook` selects, in (0, 1]. Defaults to 0.5.
    """

    def __init__(
        self,
        dataset: PseudoLabelDataset,
        seed: Optional[int] = None,
        keep_ratio: float = 0.5,
    ) -> None:
        if not 0 < keep_ratio <= 1:
            raise ValueError(
                f'sampler.keep_ratio must lie in (0, 1], got {keep_ratio}'
            )
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.keep_ratio = keep_ratio
        self.length = round(keep_ratio * len(dataset))
        self.selection: List[Tuple[int, int]] = []

    def select(self, indices: Sequence[int], labels: Sequence[int]) -> None:
        """Say which videos the next epoch has, and how they are labelled.

        Args:
            indices (Sequence[int]): Different videos.
            labels (Sequence[int]): The pseudo-label of each.
        """
        self.selection = list(zip(map(int, indices), map(int, labels)))

    def __len__(self) -> int:
        """Items of this process in an epoch, the same on all processes."""
        return self.length // self.world_size

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch (called by MMEngine's DistSamplerSeedHook)."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[LabelledDraw]:
        if not self.selection:
            raise ValueError(
                'no video is selected for this epoch: add '
                "dict(type='PseudoLabelHook', ...) to custom_hooks, which "
                'labels and selects them'
            )
        rng = np.random.default_rng([self.seed, self.epoch])
        order = []
        while len(order) < self.length:
            order.extend(rng.permutation(len(self.selection)).tolist())
        seeds = rng.integers(2**32, size=self.length).tolist()
        draws = []
        for position, seed in zip(order, seeds):
            index, label = self.selection[position]
            draws.append((index, seed, label))
        end = len(self) * self.world_size
        return iter(draws[self.rank : end : self.world_size])

from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np
from mmaction.registry import DATA_SAMPLERS, DATASETS
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from .domain_pair_dataset import DomainPairDataset
from .draws import draw_items, draws_kept

LabelledDraw = Tuple[int, int, int]  # (index, seed of its draws, label)


@DATASETS.register_module()
class PseudoLabelDataset(DomainPairDataset):
    """A target alone, whose labels are those that a training gives it.

    The annotated label is removed from every item, however it is asked for.
    A :class:`PseudoLabelSampler` says which video comes with which label, so
    that worker processes need not be told.

    Args:
        target (dict | BaseDataset): Any data set of target videos; its
            labels are not used.
        source (None): There is none.
        both: Further arguments of the target.

    Raises:
        ValueError: If it has no video.
    """

    def __init__(
        self, target: Union[dict, BaseDataset], source: None = None, **both
    ) -> None:
        super().__init__(source=source, target=target, **both)

    def __getitems__(
        self, draws: Sequence[Union[int, LabelledDraw]]
    ) -> List[Dict]:
        """Draw a batch.

        Args:
            draws (Sequence[int | tuple]): ``(i, seed, label)`` of the
                sampler: items with this pseudo-label, functions of the
                triple. Or ``i`` alone: items without any label.
        """
        if not isinstance(draws[0], tuple):
            return super().__getitems__(draws)
        indices, seeds, labels = zip(*draws)
        with draws_kept():
            items = draw_items(self.target, list(zip(indices, seeds)))
        for item, label in zip(self._unlabelled(items), labels):
            item['data_samples'].set_gt_label(label)
        return items


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

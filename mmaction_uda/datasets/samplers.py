from typing import Iterator, List, Literal, Optional, Sequence, Tuple, Union

import numpy as np
from mmaction.registry import DATA_SAMPLERS
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from .annotations import infos_of
from .domain_pair_dataset import DomainPairDataset, Pair
from .pseudo_label_dataset import LabelledDraw, PseudoLabelDataset

SOURCE, TARGET = range(2)
EpochLength = Union[Literal['target', 'source', 'max', 'min'], int]


@DATA_SAMPLERS.register_module()
class DomainPairSampler(Sampler):
    """Pairs ``((i, seed), (j, seed))`` of a source and a target index.

    Each domain is an endless stream of permutations ("passes"), seeded by
    (seed, domain, pass). Epoch ``e`` of length ``L`` takes the positions
    ``e L ... (e + 1) L - 1`` of both streams: a shorter domain wraps round
    into a new permutation and goes on across epochs. All is a function of
    (seed, epoch), so a resumed training meets the same pairs. Process ``r``
    takes every ``world``-th pair from ``r``, so that a global step holds the
    same pairs on any number of processes. Each item comes with the seed of
    its own random draws, from (seed, domain, epoch, position).

    The authors of TransferAttn let the source iterator stand still for the
    pairs that an epoch drops (``L mod batch``); here both streams skip them.

    Args:
        dataset (DomainPairDataset): The two domains.
        seed (int, optional): By default drawn, the same on all processes.
        epoch_length (str | int): Pairs of an epoch: the size of the
            ``'target'`` or ``'source'`` list, of the longer (``'max'``) or
            shorter (``'min'``) one, or a number. Defaults to ``'target'``.
        class_balanced (bool): A pass over the source takes the classes in
            turn, ``c0, c1, ...``, as many of each as the smallest class
            has (TransferAttn, MA2LT-D). Defaults to False.
    """

    def __init__(
        self,
        dataset: DomainPairDataset,
        seed: Optional[int] = None,
        epoch_length: EpochLength = 'target',
        class_balanced: bool = False,
    ) -> None:
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        source, target = (dataset.domains[d] for d in ('source', 'target'))
        self.sizes = len(source), len(target)
        self.length = self._epoch_length(dataset, epoch_length)
        self.labels = None
        if class_balanced:
            self.labels = np.array(
                [info['label'] for info in infos_of(source)]
            )

    def _epoch_length(self, dataset, epoch_length: EpochLength) -> int:
        named = dict(
            source=self.sizes[SOURCE],
            target=self.sizes[TARGET],
            max=max(self.sizes),
            min=min(self.sizes),
        )
        length = (
            named.get(epoch_length, 0)
            if isinstance(epoch_length, str)
            else epoch_length
        )
        if not isinstance(length, int) or length < 1:
            raise ValueError(
                f'epoch_length must be one of {list(named)} or '
                f'a positive number, got {epoch_length!r}'
            )
        # mmengine's num_batch_per_epoch wraps the data set in a shorter one.
        if not isinstance(dataset, DomainPairDataset):
            length = min(length, len(dataset))
        return length

    def __len__(self) -> int:
        """Pairs of this process in an epoch, the same on all processes."""
        return self.length // self.world_size

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch (called by MMEngine's DistSamplerSeedHook)."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[Pair]:
        source, target = (
            list(zip(self._stream(d), self._draw_seeds(d)))
            for d in (SOURCE, TARGET)
        )
        end = len(self) * self.world_size
        pairs = list(zip(source, target))[self.rank : end : self.world_size]
        return iter(pairs)

    def _rng(self, *key: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *key])

    def _draw_seeds(self, domain: int) -> list:
        rng = self._rng(domain, 1, self.epoch)
        return rng.integers(2**32, size=self.length).tolist()

    def _stream(self, domain: int) -> list:
        """The indices of this epoch, of one domain, on all processes."""
        start = self.epoch * self.length
        size = len(self._pass(domain, 0))
        first, last = start // size, (start + self.length - 1) // size
        passes = [self._pass(domain, n) for n in range(first, last + 1)]
        offset = start - first * size
        return np.concatenate(passes)[offset : offset + self.length].tolist()

    def _pass(self, domain: int, number: int) -> np.ndarray:
        """One pass over a domain, every index at most once."""
        rng = self._rng(domain, 0, number)
        order = rng.permutation(self.sizes[domain])
        if domain == TARGET or self.labels is None:
            return order
        by_class = [
            order[self.labels[order] == c] for c in np.unique(self.labels)
        ]
        smallest = min(map(len, by_class))
        return np.stack([c[:smallest] for c in by_class], 1).ravel()


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
                "dict(type='PseudoLabelHook', ...) to default_hooks, which "
                'labels and selects them'
            )
        rng = np.random.default_rng([self.seed, self.epoch])
        order: List[int] = []
        while len(order) < self.length:
            order.extend(rng.permutation(len(self.selection)).tolist())
        seeds = rng.integers(2**32, size=self.length).tolist()
        draws = []
        for position, seed in zip(order, seeds):
            index, label = self.selection[position]
            draws.append((index, seed, label))
        end = len(self) * self.world_size
        return iter(draws[self.rank : end : self.world_size])

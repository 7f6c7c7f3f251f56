from typing import Dict, List, Optional, Sequence, Tuple, Union

from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

from ..faults import Faults
from .checks import infos_of
from .draws import DrawIndex, draw_items, draws_kept

Domain = Optional[Union[dict, BaseDataset]]
Pair = Tuple[DrawIndex, DrawIndex]  # of a source and a target item


@DATASETS.register_module()
class DomainPairDataset:
    """Labelled source and unlabelled target, any two MMAction2 data sets.

    An item is ``dict(source=item_i, target=item_j)``; a
    :class:`DomainPairSampler` says which ``i`` and ``j``. The target's label
    is removed here, so no training code can see it.

    Where one domain is None, a stage trains on the other alone: items are
    then those of that domain, by an ordinary sampler, and the other's
    videos are not opened.

    Args:
        source (dict | BaseDataset, optional): Data set with labels.
        target (dict | BaseDataset, optional): Data set whose labels are not
            used.
        keep_target_labels (bool): For the oracle alone, which learns from
            them. Defaults to False.
        both: Arguments that the two have in common, where their configs
            (dicts) do not name them.

    Raises:
        ValueError: If a domain is empty, their classes differ, or there is
            neither.
    """

    def __init__(
        self,
        source: Domain = None,
        target: Domain = None,
        keep_target_labels: bool = False,
        **both,
    ) -> None:
        configs = shared_configs(dict(source=source, target=target, **both))
        if not configs:
            raise ValueError(
                'a pair without source and target has no video. Give '
                'train_dataloader.dataset at least one of them.'
            )
        self.domains = {
            domain: DATASETS.build(cfg) if isinstance(cfg, dict) else cfg
            for domain, cfg in configs.items()
        }
        self.source = self.domains.get('source')
        self.target = self.domains.get('target')
        self.keep_target_labels = keep_target_labels
        self._check()

    @property
    def metainfo(self) -> dict:
        """Meta information of the source, or of the target alone."""
        return next(iter(self.domains.values())).metainfo

    def full_init(self) -> None:
        """Load the lists of both domains (called by MMEngine)."""
        for dataset in self.domains.values():
            dataset.full_init()

    def __len__(self) -> int:
        """Number of videos of the longer domain. An epoch's length is the
        sampler's."""
        return max(map(len, self.domains.values()))

    def __getitem__(self, pair: Union[Pair, int]) -> Dict:
        """Draw one item of each domain.

        Args:
            pair (tuple | int): ``((i, seed), (j, seed))``. The items are
                functions of this, whatever worker draws them and whatever
                was drawn there before. ``i`` for one domain alone.

        Returns:
            dict: ``source`` and ``target``, each with ``inputs`` and
            ``data_samples``; or the item of the one domain.
        """
        return self.__getitems__([pair])[0]

    def __getitems__(self, draws: Sequence) -> List[Dict]:
        """Draw a batch, for each what :meth:`__getitem__` takes (called by
        PyTorch's loaders)."""
        if len(self.domains) == 1:
            return self._of_one_domain(draws)
        source_draws, target_draws = zip(*draws)
        with draws_kept():
            sources = draw_items(self.source, source_draws)
            targets = self._unlabelled(draw_items(self.target, target_draws))
        return [
            dict(source=source, target=target)
            for source, target in zip(sources, targets)
        ]

    def _of_one_domain(self, indices: Sequence[int]) -> List[Dict]:
        ((domain, dataset),) = self.domains.items()
        if hasattr(dataset, '__getitems__'):
            items = dataset.__getitems__(indices)
        else:
            items = [dataset[index] for index in indices]
        return items if domain == 'source' else self._unlabelled(items)

    def _unlabelled(self, items: List[Dict]) -> List[Dict]:
        """Items of the target."""
        if not self.keep_target_labels:
            for item in items:
                item['data_samples'].pop('gt_label', None)
        return items

    def check_batch(self, batch_size: int) -> None:
        """Refuse a domain with fewer videos than one batch.

        Raises:
            Faults: Names the domains, their lists and the numbers.
        """
        faults = [
            f'{domain} ({videos.ann_file}) has {len(videos)} videos, fewer '
            f'than one batch of {batch_size}. Lower '
            'train_dataloader.batch_size or add videos.'
            for domain, videos in self.domains.items()
            if len(videos) < batch_size
        ]
        if faults:
            raise Faults(*faults)

    def _check(self) -> None:
        self.full_init()
        for name, dataset in self.domains.items():
            if not len(dataset):
                raise ValueError(
                    f'{name} has no video: {dataset.ann_file!r} is an empty '
                    'list. Write one line `path label` per video.'
                )
        if len(self.domains) == 2:
            self._compare_classes()

    def _compare_classes(self) -> None:
        source, target = self.domains.values()
        names = [d.metainfo.get('classes') for d in (source, target)]
        if None not in names and list(names[0]) != list(names[1]):
            raise ValueError(
                'source and target must have the same classes in the same '
                f'order, got {list(names[0])} and {list(names[1])}'
            )
        classes = [labels_of(d) for d in (source, target)]
        if classes[1] and classes[0] != classes[1]:
            raise ValueError(
                'the classes of the two domains differ: only in source '
                f'({source.ann_file}) {sorted(classes[0] - classes[1])},'
                f' only in target ({target.ann_file}) '
                f'{sorted(classes[1] - classes[0])}. Remove those videos, or '
                'leave the labels out of the target list.'
            )


def shared_configs(pair: dict) -> Dict[str, Union[dict, BaseDataset]]:
    """Data sets of the domains of a pair, each with what both share.

    Args:
        pair (dict): Arguments of a :class:`DomainPairDataset`, or its
            config.
    """
    own = ('type', 'source', 'target', 'keep_target_labels')
    both = {k: v for k, v in pair.items() if k not in own}
    found = {d: pair.get(d) for d in ('source', 'target')}
    return {
        domain: {**both, **cfg} if isinstance(cfg, dict) else cfg
        for domain, cfg in found.items()
        if cfg is not None
    }


def labels_of(dataset: BaseDataset) -> set:
    """The labels that occur in a data set; -1 (unlabelled) left out."""
    return {info['label'] for info in infos_of(dataset)} - {-1}

from typing import Dict, List, Sequence, Tuple, Union

from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

from .draws import DrawIndex, draw_items, draws_kept

Pair = Tuple[DrawIndex, DrawIndex]  # of a source and a target item


@DATASETS.register_module()
class DomainPairDataset:
    """Labelled source and unlabelled target, any two MMAction2 data sets.

    An item is ``dict(source=item_i, target=item_j)``; a
    :class:`DomainPairSampler` says which ``i`` and ``j``. The target's label
    is removed here, so no training code can see it.

    Args:
        source (dict | BaseDataset): Data set with labels.
        target (dict | BaseDataset): Data set whose labels are not used.
        keep_target_labels (bool): For the oracle alone, which learns from
            them. Defaults to False.

    Raises:
        ValueError: If a domain is empty or their classes differ.
    """

    def __init__(
        self,
        source: Union[dict, BaseDataset],
        target: Union[dict, BaseDataset],
        keep_target_labels: bool = False,
    ) -> None:
        self.source, self.target = (
            DATASETS.build(d) if isinstance(d, dict) else d
            for d in (source, target)
        )
        self.keep_target_labels = keep_target_labels
        self._check()

    @property
    def metainfo(self) -> dict:
        """Meta information of the source."""
        return self.source.metainfo

    def full_init(self) -> None:
        """Load the lists of both domains (called by MMEngine)."""
        self.source.full_init()
        self.target.full_init()

    def __len__(self) -> int:
        """Number of videos of the longer domain. An epoch's length is the
        sampler's."""
        return max(len(self.source), len(self.target))

    def __getitem__(self, pair: Pair) -> Dict:
        """Draw one item of each domain.

        Args:
            pair (tuple): ``((i, seed), (j, seed))``. The items are functions
                of this, whatever worker draws them and whatever was drawn
                there before.

        Returns:
            dict: ``source`` and ``target``, each with ``inputs`` and
            ``data_samples``.
        """
        return self.__getitems__([pair])[0]

    def __getitems__(self, pairs: Sequence[Pair]) -> List[Dict]:
        """Draw a batch (called by PyTorch's loaders)."""
        source_draws, target_draws = zip(*pairs)
        with draws_kept():
            sources = draw_items(self.source, source_draws)
            targets = draw_items(self.target, target_draws)
        if not self.keep_target_labels:
            for target in targets:
                target['data_samples'].pop('gt_label', None)
        return [
            dict(source=source, target=target)
            for source, target in zip(sources, targets)
        ]

    def check_batch(self, batch_size: int) -> None:
        """Refuse a domain with fewer videos than one batch.

        Raises:
            ValueError: Names the domain, its list and both numbers.
        """
        for domain in ('source', 'target'):
            videos = getattr(self, domain)
            if len(videos) < batch_size:
                raise ValueError(
                    f'{domain} ({videos.ann_file}) has {len(videos)} videos, '
                    f'fewer than one batch of {batch_size}. Lower '
                    'train_dataloader.batch_size or add videos.'
                )

    def _check(self) -> None:
        self.full_init()
        for name in ('source', 'target'):
            dataset = getattr(self, name)
            if not len(dataset):
                raise ValueError(
                    f'{name} has no video: {dataset.ann_file!r} is an empty '
                    'list. Write one line `path label` per video.'
                )
        names = [d.metainfo.get('classes') for d in (self.source, self.target)]
        if None not in names and list(names[0]) != list(names[1]):
            raise ValueError(
                'source and target must have the same classes in the same '
                f'order, got {list(names[0])} and {list(names[1])}'
            )
        classes = [labels_of(d) for d in (self.source, self.target)]
        if classes[1] and classes[0] != classes[1]:
            raise ValueError(
                'the classes of the two domains differ: only in source '
                f'({self.source.ann_file}) {sorted(classes[0] - classes[1])},'
                f' only in target ({self.target.ann_file}) '
                f'{sorted(classes[1] - classes[0])}. Remove those videos, or '
                'leave the labels out of the target list.'
            )


def labels_of(dataset: BaseDataset) -> set:
    """The labels that occur in a data set; -1 (unlabelled) left out."""
    labels = {dataset.get_data_info(i)['label'] for i in range(len(dataset))}
    return labels - {-1}

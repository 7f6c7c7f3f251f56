from typing import Dict, List, Sequence, Tuple, Union

from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

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
        both: Further arguments of the target, and ``teacher``, see
            :class:`DomainPairDataset`.

    Raises:
        ValueError: If it has no video.
    """

    def __init__(
        self, target: Union[dict, BaseDataset], source: None = None, **both
    ) -> None:
        super().__init__(source=source, target=target, **both)

    def __getitems__(self, draws: Sequence) -> List[Dict]:
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
        for item, label in zip(self._unlabelled(items, indices), labels):
            item['data_samples'].set_gt_label(label)
        return items

from typing import Dict, List, Sequence, Tuple, Union

from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

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

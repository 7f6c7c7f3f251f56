from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

from ..faults import Faults
from .annotations import infos_of
from .draws import DrawIndex, draw_items, draws_kept
from .joined_dataset import build_joined
from .video_scores import teacher_scores

Videos = Union[dict, BaseDataset]
Domain = Union[None, dict, BaseDataset, List[Videos]]
_OF_THE_PAIR = ('keep_target_labels', 'weak', 'teacher')
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
        source (dict | BaseDataset | list, optional): Data set with labels;
            of several, a :class:`JoinedDataset`.
        target (dict | BaseDataset | list, optional): Data set whose labels
            are not used; likewise.
        keep_target_labels (bool): For the oracle alone, which learns from
            them. Defaults to False.
        weak (list, optional): A pipeline for a second view of the target's
            videos, ``weak`` beside ``inputs`` of an item. It draws from the
            same seed, so that the same frames are taken where this comes
            first in both. For configs, not data sets.
        teacher (str, optional): A file of :class:`VideoScores` of the
            target; its items carry theirs as ``teacher_scores``, and their
            place in the list as ``index``.
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
        weak: Optional[List[Union[dict, Callable]]] = None,
        teacher: Optional[str] = None,
        **both,
    ) -> None:
        configs = shared_configs(dict(source=source, target=target, **both))
        if not configs:
            raise ValueError(
                'a pair without source and target has no video. Give '
                'train_dataloader.dataset at least one of them.'
            )
        self.domains = {d: build_joined(cfg) for d, cfg in configs.items()}
        self.source = self.domains.get('source')
        self.target = self.domains.get('target')
        self.keep_target_labels = keep_target_labels
        self.weak = weak and build_joined(_read_by(weak, configs['target']))
        self._check()
        self.teacher_scores = teacher_scores(teacher, self.target)

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
            targets = draw_items(self.target, target_draws)
            if self.weak is not None:
                others = draw_items(self.weak, target_draws)
                for item, other in zip(targets, others):
                    item['weak'] = other['inputs']
        self._unlabelled(targets, [index for index, _ in target_draws])
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
        if domain == 'source':
            return items
        return self._unlabelled(items, indices)

    def _unlabelled(
        self, items: List[Dict], indices: Sequence[int]
    ) -> List[Dict]:
        """Items of the target, with what a teacher says of them."""
        for item, index in zip(items, indices):
            sample = item['data_samples']
            if not self.keep_target_labels:
                sample.pop('gt_label', None)
            if self.teacher_scores is not None:
                sample.teacher_scores = self.teacher_scores[index]
                sample.set_field(index, 'index', field_type='metainfo')
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


def shared_configs(pair: dict) -> Dict[str, Union[Videos, List[Videos]]]:
    """Data sets of the domains of a pair, each with what all share.

    Args:
        pair (dict): Arguments of a :class:`DomainPairDataset`, or its
            config.
    """
    own = ('type', 'source', 'target', *_OF_THE_PAIR)
    both = {k: v for k, v in pair.items() if k not in own}

    def filled(videos: Any) -> Any:
        if isinstance(videos, (list, tuple)):
            return [*map(filled, videos)]
        return {**both, **videos} if isinstance(videos, dict) else videos

    found = {d: pair.get(d) for d in ('source', 'target')}
    return {d: filled(cfg) for d, cfg in found.items() if cfg is not None}


def _read_by(pipeline: list, videos: Any) -> Any:
    """Configs of videos, read by another pipeline."""
    if isinstance(videos, (list, tuple)):
        return [_read_by(pipeline, one) for one in videos]
    return dict(videos, pipeline=pipeline)


def labels_of(dataset: BaseDataset) -> set:
    """The labels that occur in a data set; -1 (unlabelled) left out."""
    return {info['label'] for info in infos_of(dataset)} - {-1}

from collections import defaultdict
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset, ConcatDataset

from ..faults import Faults
from .annotations import part_of, video_path
from .draws import DrawIndex, draw_items


class JoinedDataset(ConcatDataset):
    """Several data sets as one domain, their videos one after the other.

    Labels mean the same in all of them, and each keeps its own list, folder
    and store. A sampler sees one domain: a balanced one takes the classes in
    turn, each from all data sets together.

    Args:
        datasets (Sequence[dict | BaseDataset]): At least one.

    Raises:
        Faults: If their classes differ, or two of them hold the same video.
    """

    def __init__(self, datasets: Sequence[Union[dict, BaseDataset]]) -> None:
        built = [build_joined(dataset) for dataset in datasets]
        for dataset in built:
            dataset.full_init()
        faults = [*_other_classes(built), *_shared_videos(built)]
        if faults:
            raise Faults(*faults)
        super().__init__(built, ignore_keys=_all_keys(built))

    @property
    def ann_file(self) -> str:
        """Their lists, for messages."""
        return ' + '.join(dataset.ann_file for dataset in self.datasets)

    @property
    def stored(self) -> bool:
        """Whether all of them read stored tokens."""
        return all(getattr(one, 'stored', False) for one in self.datasets)

    def draw_items(self, draws: Sequence[DrawIndex]) -> List[dict]:
        """Items of a batch, each data set's at once; see :func:`draw_items`.

        Args:
            draws (Sequence[DrawIndex]): Index and seed of every item.
        """
        places = defaultdict(list)
        for position, (index, seed) in enumerate(draws):
            number, inner = self._get_ori_dataset_idx(index)
            places[number].append((position, (inner, seed)))
        found: Dict[int, dict] = {}
        for number, part in places.items():
            positions, inner_draws = zip(*part)
            items = draw_items(self.datasets[number], inner_draws)
            found.update(zip(positions, items))
        return [found[position] for position in range(len(draws))]


def build_joined(config: Any) -> Any:
    """A data set of its config, of a list of them a :class:`JoinedDataset`.

    Args:
        config (dict | BaseDataset | list): What is built already stays.
    """
    if isinstance(config, (list, tuple)):
        return JoinedDataset(config)
    return DATASETS.build(config) if isinstance(config, dict) else config


def part_at(dataset: Any, index: int) -> Tuple[Any, int]:
    """The data set that an item comes from, and its index there."""
    if isinstance(dataset, JoinedDataset):
        number, index = dataset._get_ori_dataset_idx(index)
        dataset = dataset.datasets[number]
    return dataset, index


def _all_keys(datasets: Sequence[BaseDataset]) -> List[str]:
    return sorted({key for d in datasets for key in d.metainfo})


def _other_classes(datasets: Sequence[BaseDataset]) -> List[str]:
    first = datasets[0]
    named: Optional[Sequence[str]] = first.metainfo.get('classes')
    return [
        f'data sets that are joined must have the same classes in the same '
        f'order, got {named} of {first.ann_file!r} and '
        f'{other.metainfo.get("classes")} of {other.ann_file!r}'
        for other in datasets[1:]
        if other.metainfo.get('classes') != named
    ]


def _shared_videos(datasets: Sequence[BaseDataset]) -> List[str]:
    """A video of two data sets would count twice, perhaps as two classes."""
    seen: Dict[str, str] = {}
    faults = []
    for dataset in datasets:
        infos = map(dataset.get_data_info, range(len(dataset)))
        names = {video_path(info) + part_of(info) for info in infos}
        both = sorted(name for name in names if name in seen)
        if both:
            faults.append(
                f'{len(both)} videos of {dataset.ann_file!r} are in '
                f'{seen[both[0]]!r} as well, first {both[:3]}. Remove them '
                'from one of the lists.'
            )
        seen.update(dict.fromkeys(names, dataset.ann_file))
    return faults

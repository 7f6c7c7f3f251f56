"""What is wrong with a config and its data, told before any work begins."""

import os.path as osp
from collections import defaultdict
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from mmaction.datasets import BaseActionDataset
from mmaction.registry import DATASETS, TASK_UTILS
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope

from ..datasets import FeatureDataset, FeatureStore, shared_configs
from ..datasets.checks import check_classes, check_labels, check_overlap
from ..datasets.features.shard import width_of
from ..datasets.file_checks import check_decoding, check_files
from ..faults import Faults, gathered
from ..garbage import no_collection
from .readings import NEEDED, Reading, is_pair, leaves, readings
from .texts import check_texts

Stored = Dict[Tuple[str, str], Reading]  # what is read from stores


def build(config: dict) -> BaseDataset:
    """Build a data set, without the stored tokens."""
    dataset = DATASETS.build({**config, 'lazy_init': True})
    if not is_stored(dataset):
        dataset.full_init()
    return dataset


def _built(reading: Reading) -> BaseDataset:
    try:
        return build(reading.config)
    except (TypeError, KeyError) as error:  # of Python and of registries
        raise ValueError(
            f'{reading.place} cannot be built: {type(error).__name__}: '
            f'{error}. Correct its settings.'
        ) from error


def is_stored(dataset: BaseDataset) -> bool:
    """Whether stored tokens are read."""
    return isinstance(dataset, FeatureDataset) and dataset.stored


def place_of(dataset: FeatureDataset) -> Tuple[str, str]:
    """Its store, which lists may share, and its list."""
    return dataset.path, dataset.ann_file


@no_collection()
def check(
    configs: Sequence[Config], labelled: Sequence[str] = tuple(NEEDED)
) -> List[Stored]:
    """Check a config and its stages, all before any of them does work.

    Args:
        configs (Sequence[Config]): The stages that are to be trained, and
            the config.
        labelled (Sequence[str]): See :func:`readings`.

    Returns:
        list[dict]: What :func:`check_data` found for each.

    Raises:
        Faults: Those of all.
    """
    faults: List[str] = []
    found: List[Stored] = []
    for cfg in configs:
        with gathered(faults):
            found.append(check_data(cfg, labelled))
    if faults:
        raise Faults(*faults)
    return found


def check_data(cfg: Config, labelled: Sequence[str] = tuple(NEEDED)) -> Stored:
    """Make what ``cfg.prepare`` makes, and check all lists.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        labelled (Sequence[str]): See :func:`readings`.

    Returns:
        dict: What is read as stored tokens, by store and list.

    Raises:
        Faults: Those of all lists.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    for task in cfg.get('prepare', []):
        TASK_UTILS.build(task).prepare()
    faults: List[str] = []
    with gathered(faults):
        check_texts(cfg)
    stored = {}
    datasets: Dict[str, BaseDataset] = {}
    found = [*readings(cfg, labelled)]
    for key, reading in _unique(found).items():
        with gathered(faults):
            dataset = datasets[key] = _built(reading)
            classes = cfg.model.cls_head.num_classes
            with gathered(faults):
                check_classes(dataset, classes)
            check_labels(dataset, classes, reading.needed)
            if is_stored(dataset):
                stored[place_of(dataset)] = reading
                check_width(dataset.path, cfg.model.neck.get('in_channels'))
            elif isinstance(dataset, BaseActionDataset):
                check_files(dataset)
                check_decoding(dataset)
    if not faults:
        with gathered(faults):
            _check_pair(cfg.get('train_dataloader'))
        if not cfg.get('allow_overlap'):
            faults += _overlaps(found, datasets)
    if faults:
        raise Faults(*faults)
    return stored


def check_width(path: str, channels: Optional[int]) -> None:
    """Compare the tokens of a store, if it is there, with what is expected.

    Raises:
        ValueError: Names both widths.
    """
    if channels is None or not osp.exists(osp.join(path, 'store.json')):
        return
    store = FeatureStore(path)
    for stem in map(store.stem, store.numbers()):
        width = width_of(stem)
        if width not in (0, channels):
            raise ValueError(
                f'{stem}.npy holds tokens of width '
                f'{width}, but model.neck.in_channels={channels}. '
                'Set it to the width of the backbone, or, if the file is '
                f'wrong, delete {path!r} and extract again.'
            )


def _unique(found: Sequence[Reading]) -> Dict[str, Reading]:
    """Lists that several phases read, once, with labels if one needs them."""
    kinds: Dict[str, Reading] = {}
    for reading in found:
        key = _list_of(reading)
        if key not in kinds or kinds[key].needed is None:
            kinds[key] = reading
    return kinds


def _list_of(reading: Reading) -> str:
    """What is equal where the same list is read, in whatever way."""
    return str({**reading.config, 'pipeline': None, 'test_mode': None})


def _overlaps(
    found: Sequence[Reading], datasets: Mapping[str, BaseDataset]
) -> List[str]:
    """Videos that are tested, and whose labels are learnt."""
    lists: Dict[str, Dict[str, BaseDataset]] = defaultdict(dict)
    for reading in found:
        phase = reading.place.partition('_')[0]
        if phase == 'test' or reading.needed is not None:
            key = _list_of(reading)
            lists['train' if phase == 'train' else 'tested'][key] = datasets[
                key
            ]
    faults: List[str] = []
    for tested in lists['tested'].values():
        with gathered(faults):
            check_overlap(list(lists['train'].values()), tested)
    return faults


def _check_pair(loader: Optional[dict]) -> None:
    """Find what is wrong with a pair before features are extracted."""
    if not loader or not is_pair(loader['dataset']):
        return
    pair = loader['dataset']
    configs = shared_configs(pair)
    for domain, config in configs.items():
        parts = config if isinstance(config, list) else [config]
        inner = list(leaves('', parts, ''))
        if [leaf.config for leaf in inner] != parts:
            return  # a wrapper, checked when the loop builds it
        built = [build(part) for part in parts]
        # Of stored tokens the list is what is checked.
        lists = [d.videos if is_stored(d) else d for d in built]
        configs[domain] = lists if isinstance(config, list) else lists[0]
    own = {k: v for k, v in pair.items() if k == 'keep_target_labels'}
    whole = DATASETS.build(dict(type='DomainPairDataset', **configs, **own))
    whole.check_batch(loader['batch_size'])

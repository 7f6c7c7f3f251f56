"""The plain data sets that a config reads, wherever it has them."""

from typing import Iterator, NamedTuple, Optional, Sequence, Union

from mmaction.registry import DATASETS
from mmengine.config import Config

from ..datasets import DomainPairDataset, shared_configs
from .validation import source_config

# What reads the labels of a loader, and what to do without them.
NEEDED = dict(
    train='the training learns from. Give them labels',
    val='val_evaluator compares with. Give them labels, set '
    'val_evaluator=[], or train with --no-validate',
    test='test_evaluator compares with. Give them labels, or set '
    'test_evaluator=[]',
)


SOURCE = 'source accuracy needs. Give them labels, or leave val_cfg.source out'


class Reading(NamedTuple):
    """A plain data set that a config reads."""

    place: str  # dotted path
    config: dict
    needed: Optional[str] = None  # what reads its labels, and the remedy


def readings(
    cfg: Config, labelled: Sequence[str] = tuple(NEEDED)
) -> Iterator[Reading]:
    """All plain data sets that a config reads.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        labelled (Sequence[str]): Phases whose labels are needed: all by
            default.
    """
    for phase, why in NEEDED.items():
        loader = cfg.get(f'{phase}_dataloader')
        if loader is not None:
            place = f'{phase}_dataloader.dataset'
            compares = cfg.get(f'{phase}_evaluator') != []
            needed = why if phase in labelled and compares else None
            yield from leaves(place, loader.dataset, needed)
    source = source_config(cfg)
    if source is not None:
        yield from leaves('val_cfg.source', source, SOURCE)


def leaves(
    place: str, dataset: Union[dict, list], needed: Optional[str]
) -> Iterator[Reading]:
    """Look inside pairs, concatenations and other wrappers."""
    if isinstance(dataset, (list, tuple)):  # a domain of several
        for number, config in enumerate(dataset):
            yield from leaves(f'{place}.{number}', config, needed)
        return
    inner = {
        key: dataset[key]
        for key in ('dataset', 'datasets')
        if dataset.get(key) is not None
    }
    if is_pair(dataset):
        kept = dataset.get('keep_target_labels')
        for domain, config in shared_configs(dataset).items():
            read = needed if domain == 'source' or kept else None
            yield from leaves(f'{place}.{domain}', config, read)
    elif not inner:
        yield Reading(place, dataset, needed)
    for key, found in inner.items():
        for config in found if isinstance(found, (list, tuple)) else [found]:
            yield from leaves(f'{place}.{key}', config, needed)


def is_pair(dataset: dict) -> bool:
    return issubclass(DATASETS.get(dataset['type']), DomainPairDataset)

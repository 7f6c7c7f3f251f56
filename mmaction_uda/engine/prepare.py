"""All that must be there before a config is trained or tested."""

from typing import Iterator, Optional

from mmaction.registry import DATASETS, TASK_UTILS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ..datasets.checks import check_videos
from ..models.utils import DOMAINS
from .extraction import Extractor


def prepare(cfg: Config) -> None:
    """Make and check the data of a config.

    1. ``cfg.prepare``, a list of configs of TASK_UTILS with a method
       ``prepare()``, e.g. :class:`RenderedBenchmark`, is run;
    2. every list is checked: classes, files, labels, decoding;
    3. feature stores are filled where tokens are missing.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.

    Raises:
        ValueError, FileNotFoundError: What is missing or wrong, and how to
            mend it.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    for task in cfg.get('prepare', []):
        TASK_UTILS.build(task).prepare()
    todo = []
    for dataset in _unique(data_sets(cfg)):
        cached = dataset['type'] == 'FeatureDataset'
        videos_cfg = dataset['videos'] if cached else dataset
        videos = _build(videos_cfg)
        check_videos(videos, cfg.model.cls_head.num_classes, not cached)
        if cached:
            todo.append((videos, videos_cfg['pipeline'], dataset['store']))
    _check_pair(cfg.get('train_dataloader'))
    if todo:
        extractor = Extractor(cfg.model)
        for videos, pipeline, store in todo:
            extractor.fill(videos, pipeline, store)


def data_sets(cfg: Config) -> Iterator[dict]:
    """Configs of all plain data sets that a config reads."""
    for phase in ('train', 'val', 'test'):
        loader = cfg.get(f'{phase}_dataloader')
        if loader is not None:
            yield from _leaves(loader['dataset'])


def _leaves(dataset: dict) -> Iterator[dict]:
    """Look inside pairs, concatenations and other wrappers."""
    if 'ann_file' in dataset or dataset['type'] == 'FeatureDataset':
        yield dataset
        return
    for value in dataset.values():
        for inner in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(inner, dict) and 'type' in inner:
                yield from _leaves(inner)


def _check_pair(loader: Optional[dict]) -> None:
    """Find what is wrong with a pair before features are extracted."""
    pair = loader and loader['dataset']
    if not pair or pair['type'] != 'DomainPairDataset':
        return
    leaves = {d: list(_leaves(pair[d])) for d in DOMAINS}
    if any(leaves[d] != [pair[d]] for d in DOMAINS):
        return  # a wrapper, checked when the loop builds it
    plain = {d: pair[d].get('videos', pair[d]) for d in DOMAINS}
    DATASETS.build({**pair, **plain}).check_batch(loader['batch_size'])


def _unique(datasets: Iterator[dict]) -> list:
    """Validation and test often read the same list."""

    def key(d: dict) -> str:
        return str((d.get('store'), d.get('ann_file'), d.get('data_prefix')))

    return list({key(d): d for d in datasets}.values())


def _build(cfg: dict):
    if cfg.get('ann_file'):
        _check_list(cfg['ann_file'])
    return DATASETS.build(cfg)


def _check_list(path: str) -> None:
    try:
        with open(path) as file:
            empty = not file.read().strip()
    except OSError as error:
        raise FileNotFoundError(
            f'The list {path!r} is not there. It holds one line `path label` '
            'per video; docs/datasets.md says how to make it.'
        ) from error
    if empty:  # MMEngine would fail with a message about arrays
        raise ValueError(
            f'{path!r} is an empty list. Write one line '
            '`path label` per video.'
        )

"""All that must be there before a config is trained or tested."""

from functools import partial
from typing import Iterator, List, Optional, Tuple

from mmaction.datasets import BaseActionDataset
from mmaction.registry import DATASETS, TASK_UTILS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ..datasets import FeatureDataset, FeatureStore
from ..datasets.checks import (
    check_decoding,
    check_files,
    check_labels,
    check_list,
)
from ..models.utils import DOMAINS
from .extraction import Extractor, extract
from .sharing import Job, Ranks, share

# Plain data sets that no list describes.
UNLISTED = ('FeatureDataset', 'SpritesDataset')


def prepare(cfg: Config, num_processes: int = 1) -> None:
    """Make and check the data of a config.

    1. ``cfg.prepare``, a list of configs of TASK_UTILS with a method
       ``prepare()``, e.g. :class:`RenderedBenchmark`, is run;
    2. every list is checked: classes, files, labels, decoding;
    3. feature stores are filled where tokens are missing;
    4. stored tokens are compared with their checksums.

    The processes of a launcher share step 3, the first of them does the
    rest; an error of one ends all.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        num_processes (int): Processes of this machine that share step 3, if
            there is no launcher. Defaults to 1.

    Raises:
        ValueError, FileNotFoundError: What is missing or wrong, and how to
            mend it.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    ranks = Ranks()
    jobs = ranks.first(_plan, cfg)
    if jobs:
        mine = jobs[ranks.rank :: ranks.world]
        work = partial(extract, cfg)
        ranks.all(share, work, mine, num_processes, ranks.rank > 0)
    ranks.first(_verify, cfg)


def data_sets(cfg: Config) -> Iterator[dict]:
    """Configs of all plain data sets that a config reads."""
    for phase in ('train', 'val', 'test'):
        loader = cfg.get(f'{phase}_dataloader')
        if loader is not None:
            yield from _leaves(loader['dataset'])


def _leaves(dataset: dict) -> Iterator[dict]:
    """Look inside pairs, concatenations and other wrappers."""
    if 'ann_file' in dataset or dataset['type'] in UNLISTED:
        yield dataset
        return
    for value in dataset.values():
        for inner in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(inner, dict) and 'type' in inner:
                yield from _leaves(inner)


def check(cfg: Config) -> List[Tuple[dict, FeatureDataset]]:
    """Make and check all that features are made from.

    Args:
        cfg (Config): See :func:`prepare`.

    Returns:
        list: The data sets of features, each behind its config.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    for task in cfg.get('prepare', []):
        TASK_UTILS.build(task).prepare()
    cached = []
    for config in _unique(data_sets(cfg)):
        dataset = _build(config)
        videos = getattr(dataset, 'videos', dataset)
        check_labels(videos, cfg.model.cls_head.num_classes)
        if isinstance(dataset, FeatureDataset):
            cached.append((config, dataset))
        else:
            check_files(videos)
            check_decoding(videos)
    _check_pair(cfg.get('train_dataloader'))
    return cached


def _plan(cfg: Config) -> List[Job]:
    """Check the data; the shards to make."""
    cached = check(cfg)
    extractor = Extractor(cfg.model) if cached else None
    jobs = {}
    for config, dataset in cached:
        for job in _jobs(config, dataset, extractor):
            jobs[job.path, job.number] = job
    # The largest first, so that processes end together.
    return sorted(jobs.values(), key=lambda job: -job.size)


def _jobs(
    config: dict, dataset: FeatureDataset, extractor: Extractor
) -> Iterator[Job]:
    """The shards that a data set lacks."""
    imported = 'features' in extractor.backbone_identity
    refuse = dataset.bad_videos == 'refuse'
    if refuse and not imported and not _is_stored(dataset):
        check_files(dataset.videos)
    store = extractor.store(dataset)
    if imported:
        return
    for number in range(store.num_shards):
        unread = store.unread(number, retry=refuse)
        if unread:
            yield Job(store.path, number, len(unread), config)


def _is_stored(dataset: FeatureDataset) -> bool:
    """Whether the videos themselves are no longer needed."""
    try:
        store = FeatureStore(dataset.path)
    except FileNotFoundError:
        return False
    return store.header.names == dataset.names and not store.missing_shards()


def _verify(cfg: Config) -> None:
    """Find bad videos and damaged tokens."""
    for config in _unique(data_sets(cfg)):
        if config['type'] == 'FeatureDataset':
            # The files are checked; memory is filled by the loop.
            config = {**config, 'in_memory': None}
            store = DATASETS.build(config).features
            store.verify()
            store.clean()


def _check_pair(loader: Optional[dict]) -> None:
    """Find what is wrong with a pair before features are extracted."""
    pair = loader and loader['dataset']
    if not pair or pair['type'] != 'DomainPairDataset':
        return
    leaves = {d: list(_leaves(pair[d])) for d in DOMAINS}
    if any(leaves[d] != [pair[d]] for d in DOMAINS):
        return  # a wrapper, checked when the loop builds it
    built = {d: _build(pair[d]) for d in DOMAINS}
    plain = {d: getattr(built[d], 'videos', built[d]) for d in DOMAINS}
    DATASETS.build({**pair, **plain}).check_batch(loader['batch_size'])


def _unique(datasets: Iterator[dict]) -> list:
    """Validation and test often read the same list."""
    other = dict(pipeline=None, test_mode=None)
    return list({str({**d, **other}): d for d in datasets}.values())


def _build(cfg: dict) -> BaseActionDataset:
    """Build a data set, without the stored tokens."""
    cached = cfg['type'] == 'FeatureDataset'
    listed = cfg['videos'] if cached else cfg
    if 'ann_file' in listed:
        check_list(listed['ann_file'])
    return DATASETS.build({**cfg, 'lazy_init': True} if cached else cfg)

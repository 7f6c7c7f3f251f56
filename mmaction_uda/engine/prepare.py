"""All that must be there before a config is trained or tested."""

from functools import partial
from typing import Dict, Iterator, List, Optional, Tuple

from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ..config.checking import check_configs
from ..datasets import FeatureDataset, FeatureStore
from ..datasets.checks import check_files
from ..faults import Faults, gathered
from .checking import Stored, build, check, is_stored, readings
from .extraction import Extractor, extract
from .pool import Job, share
from .ranks import Ranks


def prepare(
    cfg: Config, num_processes: int = 1, stored: Optional[Stored] = None
) -> None:
    """Make and check the data of a config.

    1. every setting is checked (:func:`check_settings`);
    2. ``cfg.prepare``, a list of configs of TASK_UTILS with a method
       ``prepare()``, e.g. :class:`RenderedBenchmark`, is run;
    3. every list is checked: classes, files, labels, decoding;
    4. feature stores are filled where tokens are missing;
    5. stored tokens are compared with their checksums.

    The processes of a launcher share step 4, the first of them does the
    rest; an error of one ends all.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        num_processes (int): Processes of this machine that share step 4, if
            there is no launcher. Defaults to 1.
        stored (dict, optional): What :func:`check` has found; by default
            settings and data are checked here.

    Raises:
        Faults: What is missing or wrong, and how to mend it.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    ranks = Ranks()
    jobs = ranks.first(_plan, cfg, stored)
    if jobs:
        mine = jobs[ranks.rank :: ranks.world]
        work = partial(extract, cfg)
        ranks.all(share, work, mine, num_processes, ranks.rank > 0)
    ranks.first(_verify, cfg)


def _plan(cfg: Config, stored: Optional[Stored]) -> List[Job]:
    """The shards to make."""
    if stored is None:
        check_configs({'': cfg})
        (stored,) = check([cfg])
    if not stored:
        return []
    extractor = Extractor(cfg.model)
    jobs: Dict[Tuple[str, int], Job] = {}
    faults: List[str] = []
    for reading in stored.values():
        with gathered(faults):
            for job in _jobs(reading.config, extractor):
                jobs[job.path, job.number] = job
    if faults:
        raise Faults(*faults)
    # The largest first, so that processes end together.
    return sorted(jobs.values(), key=lambda job: -job.size)


def _jobs(config: dict, extractor: Extractor) -> Iterator[Job]:
    """The shards that a data set lacks."""
    dataset = build(config)
    imported = 'features' in extractor.backbone_identity
    refuse = dataset.bad_videos == 'refuse'
    if refuse and not imported and not _is_complete(dataset):
        check_files(dataset)
    store = extractor.store(dataset)
    if imported:
        return
    for number in range(store.num_shards):
        unread = store.unread(number, retry=refuse)
        if unread:
            yield Job(store.path, number, len(unread), config)


def _is_complete(dataset: FeatureDataset) -> bool:
    """Whether the videos themselves are no longer needed."""
    try:
        store = FeatureStore(dataset.path)
    except FileNotFoundError:
        return False
    return store.header.names == dataset.names and not store.missing_shards()


def _verify(cfg: Config) -> None:
    """Find bad videos and damaged tokens."""
    paths = set()
    for reading in readings(cfg):
        # The files are checked; memory is filled by the loop.
        config = dict(reading.config, lazy_init=True)
        dataset = DATASETS.build(config)
        if is_stored(dataset) and dataset.path not in paths:
            paths.add(dataset.path)
            dataset.in_memory = None
            dataset.full_init()
            dataset.features.verify()
            dataset.features.clean()

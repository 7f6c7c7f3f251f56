"""All that must be there before a config is trained or tested."""

import logging
from functools import partial
from typing import List, Optional, Sequence, Set

from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope

from ..config.checking import check_configs
from ..datasets import FeatureDataset, FeatureStore
from ..datasets.features.filling import plan, replaced
from ..datasets.file_checks import check_files
from ..faults import Faults, gathered
from ..garbage import no_collection
from ..models.backbones.hf_models import pixel_notes
from ..zoo import fetch
from .checking import Stored, build, check, is_stored, place_of
from .extraction import Extractor, extract
from .pool import Job, share
from .ranks import Ranks
from .readings import readings


def prepare(
    cfg: Config, num_processes: int = 1, stored: Optional[Stored] = None
) -> None:
    """Make and check the data of a config.

    1. every setting is checked (:func:`check_settings`), and weights are
       downloaded that it names by an address;
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
    if stored is None:
        stored = ranks.first(_check, cfg)
    for note in ranks.first(pixel_notes, cfg.model):
        print_log(note, 'current', logging.WARNING)
    extractor = Extractor(cfg.model)
    jobs = ranks.first(_plan, extractor, stored)
    if jobs:
        mine = jobs[ranks.rank :: ranks.world]
        work = partial(extract, cfg, extractor)
        ranks.all(share, work, mine, num_processes, ranks.rank > 0)
    ranks.first(_verify, cfg, {job.path for job in jobs})


def _check(cfg: Config) -> Stored:
    check_configs({'': cfg})
    fetch({'': cfg})
    (stored,) = check([cfg])
    return stored


@no_collection()
def _plan(extractor: Extractor, stored: Stored) -> List[Job]:
    """The shards to make."""
    jobs: List[Job] = []
    faults: List[str] = []
    for reading in stored.values():
        with gathered(faults):
            jobs += _jobs(reading.config, extractor, jobs)
    if faults:
        raise Faults(*faults)
    # The largest first, so that processes end together.
    return sorted(jobs, key=lambda job: -job.size)


def _jobs(
    config: dict, extractor: Extractor, others: Sequence[Job]
) -> List[Job]:
    """The shards that a data set lacks, beside those planned already."""
    dataset = build(config)
    store = extractor.find(dataset)
    if 'features' in extractor.backbone_identity:
        return []
    refuse = dataset.bad_videos == 'refuse'
    unread = list(dataset.sources)
    if store is not None:
        places = store.places()
        old = replaced(places, dataset.sources)
        if old:
            text = (
                f'{_some(old)} changed since their tokens in {store.path!r} '
                'were made, and are read again.'
            )
            print_log(text, 'current', logging.WARNING)
        again = {*old, *store.unread(unread, refuse, places)}
        unread = [name for name in unread if name in again]
    if unread:
        if refuse:
            check_files(dataset, [dataset.sources[n].path for n in unread])
        _ = extractor.backbone  # a store is made once its weights are read
    store = extractor.store(dataset)
    planned = [job.work[1] for job in others if job.path == store.path]
    return [
        Job(store.path, len(task.names), (config, task))
        for task in plan(store, unread, planned)
    ]


@no_collection()
def _verify(cfg: Config, made: Set[str]) -> None:
    """Find bad videos and damaged tokens, of stores just made or older."""
    seen = set()
    for reading in readings(cfg):
        # The files are checked; memory is filled by the loop.
        config = dict(reading.config, lazy_init=True)
        dataset = DATASETS.build(config)
        if is_stored(dataset) and place_of(dataset) not in seen:
            seen.add(place_of(dataset))
            dataset.in_memory = None
            dataset.load_data_list()
            store = dataset.features
            store.verify_changed()
            store.clean()
            if store.path in made:
                _check_unchanged(store, dataset)


def _check_unchanged(store: FeatureStore, dataset: FeatureDataset) -> None:
    """Refuse tokens of other videos than the list names.

    Raises:
        ValueError: Names the videos.
    """
    other = replaced(store.places(), dataset.sources)
    if other:
        raise ValueError(
            f'{_some(other)} of {store.path!r} changed while their tokens '
            'were made, or other lists call other videos so. Start again, or '
            'give each list a store of its own.'
        )


def _some(names: List[str]) -> str:
    shown = ', '.join(names[:3]) + (', …' if len(names) > 3 else '')
    return f'{len(names)} videos ({shown})'

"""Which shards get the videos that a store lacks, and how."""

from itertools import count, islice
from typing import (
    Callable,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

from ...progress import Progress
from .notes import Entry
from .shard import Shard
from .shards import Place
from .sources import Key, Source
from .store import FeatureStore
from .writer import ShardWriter, Tokens, Written, begun

# Maps names of videos to their tokens, and what these were made from.
Read = Callable[[List[str]], Iterable[Tuple[Tokens, Optional[Key]]]]


class Task(NamedTuple):
    """Videos that are to be read for one shard."""

    number: int  # of the shard
    names: List[str]


def plan(
    store: FeatureStore, names: Sequence[str], others: Sequence[Task] = ()
) -> List[Task]:
    """Share videos that are to be read among shards.

    A video goes where it is already, in a shard, which is made anew, or in
    one that a killed process has begun; the others fill these and new ones
    in their order. So a killed run and an uninterrupted one plan the same.

    Args:
        store (FeatureStore): The store.
        names (Sequence[str]): The videos.
        others (Sequence[Task]): What is planned already, for another list.
    """
    if not names:
        return []
    planned = {name for task in others for name in task.names}
    left = dict.fromkeys(name for name in names if name not in planned)

    def take(found: Iterable[str]) -> List[str]:
        return [name for name in found if left.pop(name, name) is None]

    shards, size = store.shards(), store.header.shard_size
    tasks = [Task(n, take(shard.videos)) for n, shard in shards.items()]
    taken = {*shards, *(task.number for task in others)}
    begins = {
        n: take(begun(store.stem(n), store.header))
        for n in store.numbers('part.jsonl')
        if n not in taken
    }
    free = (n for n in count() if n not in taken)
    enough = len(begins) + len(left) // size + 1
    for number in sorted({*begins, *islice(free, enough)}):
        some = begins.get(number, [])
        room = max(0, size - len(some))
        tasks.append(Task(number, some + take([*islice(left, room)])))
    return [task for task in tasks if task.names]


def fill_shard(
    store: FeatureStore,
    task: Task,
    read: Read,
    sources: Optional[Mapping[str, Source]] = None,
    report: Callable[[int], None] = lambda count: None,
) -> None:
    """Make a shard, or make it anew with some videos read again.

    Args:
        store (FeatureStore): The store.
        task (Task): The shard and the videos to read.
        read (callable): Maps names of videos to their tokens and keys.
        sources (dict, optional): Where the videos are, to find out whether
            what a killed process has read is still the same.
        report (callable): Is told how many more videos are read.

    Raises:
        RuntimeError: If another process is at the same shard.
        ValueError: If the shard that is made anew is damaged.
    """
    stem = store.stem(task.number)
    with ShardWriter(stem, store.header) as new:
        old = store.shard(task.number)
        if old is not None:
            old.verify()
            new.width = old.rows.shape[1]
        todo = [
            name
            for name in task.names
            if not _is_read(new.videos.get(name), (sources or {}).get(name))
        ]
        report(len(task.names) - len(todo))
        if todo:
            for name, (tokens, key) in zip(todo, read(todo)):
                new.append(name, tokens, key)
                report(1)
        kept = _keep(old, new, task.names) if old else []
        new.finish([*dict.fromkeys([*kept, *task.names])])


def _keep(old: Shard, new: ShardWriter, others: Sequence[str]) -> List[str]:
    """Take over the videos of a shard, but for some; names of all."""
    for index, (name, entry) in enumerate(old.videos.items()):
        there = new.videos.get(name)
        if name not in others and (there is None or there.entry != entry):
            new.append(name, entry.fault or old[index], entry.key)
    return [*old.videos]


def replaced(
    places: Mapping[str, Place], sources: Mapping[str, Source]
) -> List[str]:
    """Videos that are no longer what their tokens were made from.

    Those that were touched are read; the stamps of those that are the same
    after all are kept. A video that is not there (any more) is taken as it
    was, as is any, once, of a store of an older version.

    Args:
        places (dict): :meth:`FeatureStore.places`, which is changed.
        sources (dict): Where the videos are now.

    Raises:
        OSError: For a video that is there, and cannot be read.
    """
    touched = [
        name
        for name, source in sources.items()
        if name in places and source.touched(places[name].entry.key)
    ]
    found, shards = [], {}
    with Progress(quiet=not touched) as bars:
        for name in bars.track(touched, description='comparing videos'):
            shard, _, entry = places[name]
            key = sources[name].key(entry.key)
            if _same(entry, key):
                entry.key = key
                shards[shard.stem] = shard
            else:
                found.append(name)
    for shard in shards.values():
        shard.write_notes()
    return found


def fill(
    store: FeatureStore, names: Sequence[str], read: Read
) -> FeatureStore:
    """Make in this process what a store lacks of some videos.

    Args:
        store (FeatureStore): The store.
        names (Sequence[str]): The videos.
        read (callable): See :func:`fill_shard`.

    Returns:
        FeatureStore: The same, open for these videos.
    """
    for task in plan(store, store.unread(names)):
        fill_shard(store, task, read)
    return FeatureStore.open(store.path, names)


def _is_read(video: Optional[Written], source: Optional[Source]) -> bool:
    """Whether a killed process has read a video as it still is."""
    if video is None or video.entry.fault is not None:
        return False
    known = video.entry.key
    return source is None or _same(video.entry, source.key(known))


def _same(entry: Entry, key: Optional[Key]) -> bool:
    """Whether the rows of a video are those of a content."""
    if entry.key is None or key is None:
        return key is None or entry.fault is None
    return entry.key.digest == key.digest

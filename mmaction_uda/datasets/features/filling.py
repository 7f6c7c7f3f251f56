from typing import Callable, Iterator, List, Union

import numpy as np

from .store import FeatureStore
from .writer import ShardWriter

Tokens = Union[np.ndarray, str]  # [N, C], or why a video has none


def fill_shard(
    store: FeatureStore,
    number: int,
    read: Callable[[List[int]], Iterator[Tokens]],
    report: Callable[[int], None] = lambda count: None,
) -> None:
    """Make a shard, or read again those videos that could not be read.

    Args:
        store (FeatureStore): The store.
        number (int): The shard.
        read (callable): Maps numbers of videos to their tokens.
        report (callable): Is told how many more videos are read.

    Raises:
        RuntimeError: If another process is at the same shard.
        ValueError: For tokens that the store cannot take.
    """
    videos = store.shard_range(number)
    unread = store.unread(number, retry=True)
    if not unread:
        return
    old = store.shard(number) if len(unread) < len(videos) else None
    names, dtype = store.shard_names(number), store.header.dtype
    with ShardWriter(store.stem(number), names, dtype) as new:
        stale_faults = new.faults
        done = videos.start + len(new)
        report(sum(i < done for i in unread))
        fresh = read([i for i in unread if i >= done])
        for i in range(done, videos.stop):
            if old is None or i in unread:
                new.append(next(fresh))
                report(1)
            else:
                new.append(old[i - videos.start])
        new.finish()
    if stale_faults:  # met by a killed start; mended since, maybe
        fill_shard(store, number, read)

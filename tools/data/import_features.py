"""Import features that other code made, for FrozenBackbone(features=NAME).

They go to the feature store DIR/NAME, that is FeatureDataset(store=DIR,
extraction=dict(name=NAME)). A killed import goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os.path as osp
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Tuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from _layout import add_layout
from cli import make_parser, positive, told

if TYPE_CHECKING:
    import numpy as np

    from mmaction_uda.datasets import FeatureStore
    from mmaction_uda.datasets.features.sources import Key, Source
    from mmaction_uda.datasets.features.writer import Tokens
    from mmaction_uda.engine.pool import Job, Report
    from mmaction_uda.lists import Line


@dataclass
class Importer:
    """Reads the features of a list.

    Args:
        layout (str): Their layout.
        lines (dict): Lines of the list, by name.
        sources (dict): Where the features lie, by name.
        pool_time (int): So many values in a row become their mean.
        channels (int, optional): How many a frame must have then.
    """

    layout: str
    lines: Dict[str, Line]
    sources: Dict[str, Source]
    pool_time: int
    channels: Optional[int]

    def __call__(self, jobs: List[Job], report: Report) -> None:
        """Make shards."""
        from mmaction_uda.datasets import FeatureStore
        from mmaction_uda.datasets.features.filling import fill_shard

        for job in jobs:
            store = FeatureStore(job.path)
            done = partial(report, job.path)
            fill_shard(store, job.work, self.read, self.sources, done)

    def read(self, names: List[str]) -> Iterator[Tuple[Tokens, Optional[Key]]]:
        """Features of videos, and what they are made from."""
        for name in names:
            source = self.sources.get(name)
            if source is None:
                yield 'nothing fits this name', None
                continue
            key = source.key()
            try:
                yield self._features(source.path, self.lines[name]), key
            except ValueError as error:
                yield str(error), key

    def _features(self, path: str, line: Line) -> np.ndarray:
        """Features ``[N, C]`` of a video."""
        from mmaction_uda.datasets.features.layouts import read_features

        features = read_features(path, self.layout)
        number, width = features.shape
        if line.frames not in (None, number):
            raise ValueError(
                f'{path!r} has {number} frames, the list {line.frames}'
            )
        if width % self.pool_time:
            raise ValueError(
                f'{path!r} is {width} wide, no multiple of --pool-time'
            )
        if self.pool_time > 1:
            features = features.reshape(number, -1, self.pool_time).mean(-1)
        if self.channels not in (None, features.shape[1]):
            raise ValueError(
                f'{path!r} is {list(features.shape)}, not [frames, '
                f'{self.channels}]: --channels'
            )
        return features


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = make_parser(
        __doc__,
        'python tools/data/import_features.py --layout t7 --root RGB-feature '
        '--list data/hmdb51/hmdb_test.txt --name theirs --store DIR',
    )
    add_layout(parser)
    parser.add_argument('--root', required=True, help='where they lie')
    parser.add_argument(
        '--list',
        required=True,
        help='list of the videos, `path label` or `folder frames label`',
    )
    parser.add_argument('--name', required=True, help='what to call them')
    parser.add_argument('--store', required=True, metavar='DIR')
    parser.add_argument(
        '--dtype', default='float32', choices=['float32', 'float16']
    )
    parser.add_argument(
        '--pool-time',
        type=positive,
        default=1,
        help="values in a row that become their mean; 2 makes TranSVAE's "
        '2048 values, 2 c + time, 1024',
    )
    parser.add_argument(
        '--channels',
        type=positive,
        help='width that every video must have, after --pool-time',
    )
    parser.add_argument('--num-processes', type=positive, default=1)
    return parser.parse_args()


def read_sources(args: argparse.Namespace, names: List[str]):
    """Where the features of a list lie, and how they are read, by name."""
    from mmaction_uda.datasets.features.layouts import list_features
    from mmaction_uda.datasets.features.sources import Source
    from mmaction_uda.lists import match_names

    notes = dict(layout=args.layout, pool_time=args.pool_time)
    found = list_features(args.root, args.layout)
    paths = match_names(names, found, args.root)
    return {name: Source(path, notes) for name, path in paths.items()}


def check_unchanged(
    store: FeatureStore, sources: Dict[str, Source], args: argparse.Namespace
) -> None:
    """Refuse to mix features with such as others have trained on."""
    from mmaction_uda.datasets.features.filling import replaced

    unread = {*store.unread([*sources])}
    kept = {n: x for n, x in sources.items() if n not in unread}
    other = replaced(store.places(), kept)
    if other:
        raise ValueError(
            f'{store.path!r} holds other features of {len(other)} videos, '
            f'first {other[0]!r}, than {args.root!r} has now, or was given '
            'another --pool-time. Delete it to import them anew, or choose '
            'another --store or --name.'
        )


def store_list(args: argparse.Namespace) -> None:
    """Import a list."""
    from mmaction_uda.datasets import FeatureStore
    from mmaction_uda.datasets.features.filling import plan
    from mmaction_uda.engine.pool import Job, share
    from mmaction_uda.lists import read_list

    lines = {line.name: line for line in read_list(args.list, frames=True)}
    names = [*lines]
    path = osp.join(args.store, args.name)
    sources = read_sources(args, names)
    identity = dict(features=args.name)
    labels = [line.label for line in lines.values()]
    old = FeatureStore.find(path, identity, args.dtype)
    if old is not None:
        check_unchanged(old, sources, args)
    store = FeatureStore.make(path, identity, names, labels, args.dtype)
    tasks = plan(store, store.unread(names))
    jobs = [Job(path, len(task.names), task) for task in tasks]
    work = Importer(args.layout, lines, sources, args.pool_time, args.channels)
    share(work, jobs, args.num_processes)
    store = FeatureStore.open(path, names)
    store.verify()
    store.clean()
    faults = [f'{names[i]}: {text}' for i, text in store.faults.items()]
    if faults:
        raise ValueError(
            f'{len(faults)} of {len(names)} videos of {args.list!r} have no '
            f'features below {args.root!r}; the others are in {path!r}. Put '
            'them there and start again, or set bad_videos="exclude" of the '
            'FeatureDataset:\n  ' + '\n  '.join(faults[:20])
        )
    print(f'{len(names)} videos are in {path!r}')
    if args.channels is None and args.layout != 't7':
        warn_of_width(store, [*lines.values()])


def warn_of_width(store: FeatureStore, lines: List[Line]) -> None:
    """Say what [C, T] would look like, where it might be that."""
    shapes = {store[i].shape for i in range(len(store))}
    if len(shapes) == 1 < len(store) and lines[0].frames is None:
        ((frames, width),) = shapes
        print(
            f'warning: all videos have {frames} frames of {width} channels. '
            f'If it is the other way round, transpose the files, delete '
            f'{store.path!r} and import again; --channels {width} says that '
            'it is right.'
        )


def main() -> None:
    """Import."""
    args = parse_args()
    with told(args.debug):
        store_list(args)


if __name__ == '__main__':
    main()

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
from typing import TYPE_CHECKING, Dict, Iterator, List

sys.path.insert(0, str(Path(__file__).parents[1]))
from _layout import add_layout
from cli import make_parser, positive, told

if TYPE_CHECKING:
    from mmaction_uda.datasets.features.filling import Tokens
    from mmaction_uda.engine.pool import Job, Report
    from mmaction_uda.lists import Line


@dataclass
class Importer:
    """Reads the features of a list.

    Args:
        layout (str): Their layout.
        lines (list[Line]): The list.
        paths (dict): Where the features lie, by name.
        pool_time (int): So many values in a row become their mean.
    """

    layout: str
    lines: List[Line]
    paths: Dict[str, str]
    pool_time: int

    def __call__(self, jobs: List[Job], report: Report) -> None:
        """Make shards."""
        from mmaction_uda.datasets import FeatureStore
        from mmaction_uda.datasets.features.filling import fill_shard

        for job in jobs:
            store = FeatureStore(job.path)
            done = partial(report, job.path)
            fill_shard(store, job.number, self._read, done)

    def _read(self, indices: List[int]) -> Iterator[Tokens]:
        return (self._features(self.lines[i]) for i in indices)

    def _features(self, line: Line) -> Tokens:
        """Features ``[N, C]`` of a video, or why it has none."""
        from mmaction_uda.datasets.features.layouts import read_features

        path = self.paths.get(line.name)
        if path is None:
            return 'nothing fits this name'
        try:
            features = read_features(path, self.layout)
        except ValueError as error:
            return str(error)
        number, width = features.shape
        if line.frames not in (None, number):
            return f'{path!r} has {number} frames, the list {line.frames}'
        if self.pool_time == 1:
            return features
        if width % self.pool_time:
            return f'{path!r} is {width} wide, no multiple of --pool-time'
        return features.reshape(number, -1, self.pool_time).mean(-1)


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
    parser.add_argument('--num-processes', type=positive, default=1)
    return parser.parse_args()


def store_list(args: argparse.Namespace) -> None:
    """Import a list."""
    from mmaction_uda.datasets import FeatureStore
    from mmaction_uda.datasets.features.layouts import list_features
    from mmaction_uda.engine.pool import Job, share
    from mmaction_uda.lists import match_names, read_list

    lines = read_list(args.list, frames=True)
    names, labels = ([getattr(x, k) for x in lines] for k in ('name', 'label'))
    path = osp.join(args.store, args.name)
    identity = dict(features=args.name)
    store = FeatureStore.make(path, identity, names, labels, args.dtype)
    found = list_features(args.root, args.layout)
    paths = match_names(names, found, args.root)
    jobs = [
        Job(path, n, len(unread))
        for n in range(store.num_shards)
        if (unread := store.unread(n, retry=True))
    ]
    work = Importer(args.layout, lines, paths, args.pool_time)
    share(work, jobs, args.num_processes)
    store = FeatureStore.open(path)
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


def main() -> None:
    """Import."""
    args = parse_args()
    with told(args.debug):
        store_list(args)


if __name__ == '__main__':
    main()

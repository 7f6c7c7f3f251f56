"""Write published, pickled features as a file for each segment.

FILE holds a dict: somewhere in it the features, one array [T, C] or [C] for
each segment, and the names of the segments, in the same order. Nothing in it
is run. Then tools/data/import_features.py --layout npy makes a store of them.
"""

from __future__ import annotations

import argparse
import csv
import os.path as osp
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

sys.path.insert(0, str(Path(__file__).parents[2]))
from cli import make_parser, told


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = make_parser(
        __doc__,
        'python tools/data/epic_kitchens/unpack_features.py source_train.pkl '
        '--out data/ek100/source_train',
    )
    parser.add_argument('file', metavar='FILE.pkl')
    parser.add_argument(
        '--out', required=True, help='folder of the features, and of list.txt'
    )
    parser.add_argument(
        '--features',
        default='features/RGB',
        metavar='KEY/KEY',
        help='where in the dict they are; several, with commas between them, '
        'are put side by side; default: %(default)s',
    )
    parser.add_argument(
        '--names',
        default='narration_ids',
        metavar='KEY/KEY',
        help='where the names are; default: %(default)s',
    )
    parser.add_argument(
        '--labels',
        nargs=2,
        metavar=('FILE.csv', 'COLUMN'),
        help='annotations, narration_id and this column, such as verb_class; '
        'without, list.txt has no labels',
    )
    return parser.parse_args()


def at(content: Any, path: str, file: str) -> Any:
    """What lies in nested dicts."""
    found = content
    for key in path.split('/'):
        if not isinstance(found, dict) or key not in found:
            listed = '\n  '.join(described(content))
            raise ValueError(
                f'{file!r} has no {path!r}. It holds\n  {listed}\nSay with '
                '--features and --names where they are.'
            )
        found = found[key]
    return found


def described(content: Any, path: str = '') -> Iterator[str]:
    """What a pickle holds, a line each."""
    if isinstance(content, dict):
        for key in [*content][:20]:
            inner = f'{path}/{key}' if path else str(key)
            yield from described(content[key], inner)
        return
    shape = getattr(content, 'shape', None)
    size = len(content) if shape is None and hasattr(content, '__len__') else 0
    kind = f'{size} × ' if size else ''
    yield f'{path or "itself"}: {kind}{type(content).__name__} {shape or ""}'


def read_features(args: argparse.Namespace) -> Tuple[List[str], List[Any]]:
    """Names and features ``[T, C]`` of all segments.

    Raises:
        ValueError: If they do not belong together, or are no numbers.
    """
    import numpy as np

    from mmaction_uda.checkpoints.arrays import read_arrays

    content = read_arrays(args.file)
    names = [str(name) for name in at(content, args.names, args.file)]
    streams = [at(content, p, args.file) for p in args.features.split(',')]
    sizes = [len(stream) for stream in streams]
    if len({*names}) < len(names) or {*sizes} != {len(names)}:
        raise ValueError(
            f'{args.file!r}: {len(names)} names, {len({*names})} of them '
            f'different, and features of {sizes} segments. Each must have '
            'one of each: --features, --names.'
        )
    arrays = []
    for name, *parts in zip(names, *streams):
        rows = [np.atleast_2d(np.asarray(part)) for part in parts]
        if any(r.ndim > 2 or r.dtype.kind != 'f' for r in rows) or (
            len({len(r) for r in rows}) > 1
        ):
            shapes = ', '.join(f'{r.dtype} {list(r.shape)}' for r in rows)
            raise ValueError(
                f'{args.file!r}, {name}: {shapes}, expected floats [T, C], '
                'all of the same T: --features'
            )
        arrays.append(np.concatenate(rows, 1))
    return names, arrays


def read_labels(file: str, column: str) -> Dict[str, str]:
    """Labels by narration."""
    with open(file, newline='', encoding='utf-8') as lines:
        rows = csv.DictReader(lines)
        if not {'narration_id', column} <= {*(rows.fieldnames or [])}:
            raise ValueError(
                f'{file!r} has the columns {rows.fieldnames}, expected '
                f'narration_id and {column}.'
            )
        return {row['narration_id']: row[column] for row in rows}


def unpack(args: argparse.Namespace) -> None:
    """Write files and list."""
    from mmaction_uda.datasets.features.layouts import write_features
    from mmaction_uda.files import place_below, written_aside

    names, arrays = read_features(args)
    labels = read_labels(*args.labels) if args.labels else {}
    absent = [n for n in names if n not in labels] if args.labels else []
    if absent:
        raise ValueError(
            f'{args.labels[0]!r} says nothing of {len(absent)} of '
            f'{len(names)} segments, first {absent[:3]}. Give the annotations '
            'of the same split.'
        )
    places = [place_below(args.out, name) for name in names]
    for place, array in zip(places, arrays):
        write_features(place, 'npy', array)
    with written_aside(osp.join(args.out, 'list.txt'), 'w') as file:
        file.writelines(
            f'{n} {labels.get(n, "")}'.rstrip() + '\n' for n in names
        )
    width = arrays[0].shape[1] if arrays else 0
    print(f'{len(names)} segments of width {width} are in {args.out!r}')


def main() -> None:
    """Unpack."""
    args = parse_args()
    with told(args.debug):
        unpack(args)


if __name__ == '__main__':
    main()

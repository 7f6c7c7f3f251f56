"""Lists of EPIC-Kitchens-55, three kitchens; see the README beside."""

import argparse
import csv
import os
import os.path as osp
import sys
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Tuple

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _listing import (
    SHOWN,
    VideoFolder,
    all_faults,
    check_counts,
    plain_name,
    read_fields,
    write_lines,
)
from cli import make_parser, told

VERBS = ('take', 'put', 'open', 'close', 'wash', 'cut', 'mix', 'pour')
# What our lists are called, and their segments of each verb.
SEGMENTS = {
    'd1_train': (421, 383, 231, 128, 223, 71, 42, 44),
    'd1_test': (124, 104, 52, 34, 66, 13, 20, 22),
    'd2_train': (715, 692, 245, 214, 298, 89, 113, 129),
    'd2_test': (208, 217, 68, 56, 136, 14, 26, 25),
    'd3_train': (919, 1121, 450, 367, 808, 110, 53, 69),
    'd3_test': (241, 280, 102, 71, 245, 29, 1, 5),
}
# Of one domain, whatever role it has in a direction.
ROLES = dict(train='source', test='target')
COLUMNS = ('video_id', 'start_frame', 'stop_frame', 'verb_class')
ADVICE = 'Take them from the splits of MM-SADA, or of the code of DALL-V.'


class Segment(NamedTuple):
    """Frames ``start`` … ``stop - 1``, counted from 1 as EPIC counts them."""

    video: str
    start: int
    stop: int
    verb: int


def read_list(folder: str, name: str) -> List[Segment]:
    """Segments of a published list, in its order.

    Args:
        folder (str): Holds ``D1_source.txt`` or ``D1_train.csv``.
        name (str): Of our list, ``d1_train``.
    """
    domain, split = name.upper().split('_')
    text = osp.join(folder, f'{domain}_{ROLES[split.lower()]}.txt')
    table = osp.join(folder, f'{domain}_{split.lower()}.csv')
    pickled = table.replace('.csv', '.pkl')
    if osp.isfile(text):
        rows = _text_rows(text)
    elif osp.isfile(table):
        rows = _table_rows(table)
    elif osp.isfile(pickled):
        raise ValueError(
            f'{pickled!r} is a pickle, which runs code of its writer when it '
            'is read, and is not opened here. If you trust it, make a table '
            f'of it where pandas is: python -c "import pandas; pandas.'
            f"read_pickle('{pickled}').to_csv('{table}')\""
        )
    else:
        raise ValueError(f'Neither {text!r} nor {table!r} is there. {ADVICE}')
    file = text if osp.isfile(text) else table
    return [_segment(file, *row) for row in rows]


def _text_rows(file: str) -> Iterator[Tuple[str, ...]]:
    for fields in read_fields(file, ADVICE):
        yield (' '.join(fields), *fields)


def _table_rows(file: str) -> Iterator[Tuple[str, ...]]:
    with open(file, newline='', encoding='utf-8') as lines:
        rows = csv.DictReader(lines)
        if not {*COLUMNS} <= {*(rows.fieldnames or [])}:
            raise ValueError(
                f'{file!r} has the columns {rows.fieldnames}, expected '
                f'{", ".join(COLUMNS)}.'
            )
        for row in rows:
            yield (str(row), *(row[column] or '' for column in COLUMNS))


def _segment(file: str, line: str, *fields: str) -> Segment:
    try:
        video, *numbers = fields
        start, stop, verb = map(int, numbers)
        if not (1 <= start < stop and 0 <= verb < len(VERBS)):
            raise ValueError
    except ValueError as error:
        raise ValueError(
            f'{file!r}: {line!r} is not `video start stop verb` with '
            f'1 <= start < stop and a verb from 0 to {len(VERBS) - 1}. '
            f'{ADVICE}'
        ) from error
    return Segment(plain_name(video), start, stop, verb)


def write_list(
    file: str, segments: List[Segment], videos: VideoFolder
) -> None:
    """Write a list of the segments whose videos are there."""
    places = {s.video: videos.find(s.video) for s in segments}
    # Ours are counted from 0.
    lines = [
        f'{places[s.video]} {s.start - 1} {s.stop - 1} {s.verb}'
        for s in segments
        if places[s.video]
    ]
    write_lines(file, lines)
    print(
        f'{osp.basename(file)}: {len(lines)} of {len(segments)} segments, '
        f'{len([*filter(None, places.values())])} of {len(places)} videos'
    )


def build(args: argparse.Namespace) -> None:
    """Write the lists that a command line asks for."""
    videos = VideoFolder(args.videos)
    lists: Dict[str, List[Segment]] = {}
    with all_faults() as gathered:
        for name, expected in SEGMENTS.items():
            with gathered():
                lists[name] = read_list(args.lists, name)
                found = Counter(VERBS[s.verb] for s in lists[name])
                numbers = dict(zip(VERBS, expected))
                if not args.allow_missing:
                    place = f'{name}, of {args.lists!r}'
                    check_counts(place, found, numbers, ADVICE)
    missing = {
        segment.video
        for segments in lists.values()
        for segment in segments
        if videos.find(segment.video) is None
    }
    if missing:
        shown = ', '.join(sorted(missing)[:SHOWN])
        text = f'{len(missing)} videos are not in {args.videos!r}: {shown}'
        if not args.allow_missing:
            raise ValueError(
                f'{text}{" …" if len(missing) > SHOWN else ""}\nNo list was '
                'written. Put them there, or give --allow-missing for lists '
                'of what is there.'
            )
        print(text)
    os.makedirs(args.out, exist_ok=True)
    for name, segments in lists.items():
        write_list(osp.join(args.out, f'{name}.txt'), segments, videos)


def main() -> None:
    """Write the lists of all kitchens."""
    parser = make_parser(
        __doc__,
        'python tools/data/epic_kitchens/build_lists.py --lists splits',
    )
    parser.add_argument(
        '--lists',
        default='data/epic_kitchens/published',
        help='folder with D1_source.txt … or D1_train.csv …; '
        'default: %(default)s',
    )
    parser.add_argument(
        '--videos',
        default='data/epic_kitchens/videos',
        help='default: %(default)s',
    )
    parser.add_argument('--out', default='data/epic_kitchens')
    parser.add_argument(
        '--allow-missing',
        action='store_true',
        help='list the segments of videos that are there',
    )
    args = parser.parse_args()
    with told(args.debug):
        build(args)


if __name__ == '__main__':
    main()

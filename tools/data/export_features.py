"""Write a feature store in the layout of other code, with its list."""

import argparse
import os.path as osp
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _layout import add_layout
from cli import make_parser, told


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = make_parser(
        __doc__,
        'python tools/data/export_features.py --layout npz --out FOLDER '
        '--store data/ucf_hmdb_full/features/hmdb_test/i3d',
    )
    parser.add_argument(
        '--store', required=True, help='directory with the store.json'
    )
    add_layout(parser)
    parser.add_argument(
        '--out',
        required=True,
        help='folder of the features, and of list.txt: `folder frames label`',
    )
    return parser.parse_args()


def export(args: argparse.Namespace) -> None:
    """Write features and list."""
    from mmaction_uda.datasets import FeatureStore
    from mmaction_uda.datasets.features.layouts import write_features
    from mmaction_uda.files import written_aside
    from mmaction_uda.lists import without_ending

    store = FeatureStore.open(args.store)
    store.verify()
    folders = [without_ending(name) for name in store.header.names]
    bad = [f for f in folders if f.startswith(('/', '..'))]
    if bad or len(set(folders)) < len(folders):
        raise ValueError(
            f'{args.store!r} holds videos that have no place of their own '
            f'below {args.out!r}: {bad[:3] or "some differ in ending only"}. '
            'Make the store from a list of unique relative paths.'
        )
    lines = []
    for index, folder in enumerate(folders):
        if index not in store.faults:
            features = store[index]
            write_features(osp.join(args.out, folder), args.layout, features)
            label = store.header.labels[index]
            lines.append(f'{folder} {len(features)} {label}\n')
    with written_aside(osp.join(args.out, 'list.txt'), 'w') as file:
        file.writelines(lines)
    print(
        f'{len(lines)} videos are in {args.out!r}, {len(store.faults)} '
        'without features are left out'
    )


def main() -> None:
    """Export a store."""
    args = parse_args()
    with told(args.debug):
        export(args)


if __name__ == '__main__':
    main()

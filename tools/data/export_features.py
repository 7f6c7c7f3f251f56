"""Write a feature store in the layout of other code, with its list."""

import argparse
import os.path as osp
import sys
from pathlib import Path
from typing import Dict, List

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


def places_of(names: List[str], out: str) -> Dict[str, str]:
    """Where the features of videos go, by name without ending.

    Raises:
        Faults: For videos without a place of their own below ``out``.
    """
    from mmaction_uda.faults import Faults, gathered
    from mmaction_uda.files import place_below
    from mmaction_uda.lists import without_ending

    faults: List[str] = []
    places: Dict[str, str] = {}
    owners: Dict[str, str] = {place_below(out, 'list.txt'): 'the list'}
    for name in names:
        with gathered(faults):
            folder = without_ending(name)
            places[folder] = place_below(out, folder)
            owner = owners.setdefault(places[folder], name)
            if owner != name:
                raise ValueError(
                    f'{owner!r} and {name!r} have no place of their own '
                    f'below {out!r}. Make the store from a list of unique '
                    'relative paths.'
                )
    if faults:
        raise Faults(*faults)
    return places


def export(args: argparse.Namespace) -> None:
    """Write features and list."""
    from mmaction_uda.datasets import FeatureStore
    from mmaction_uda.datasets.features.layouts import write_features
    from mmaction_uda.files import written_aside

    store = FeatureStore.open(args.store)
    store.verify()
    places = places_of(store.names, args.out)
    lines = []
    for index, (folder, place) in enumerate(places.items()):
        if index not in store.faults:
            features = store[index]
            write_features(place, args.layout, features)
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

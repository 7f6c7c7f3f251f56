"""Write a feature store in the layout of other code, with its list."""

import argparse
import os.path as osp
import sys

from mmaction_uda.datasets import FeatureStore
from mmaction_uda.datasets.features import written_aside
from mmaction_uda.datasets.features.layouts import LAYOUTS, write_features
from mmaction_uda.lists import without_ending


def main() -> None:
    """Export a store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--store', required=True, help='directory with the store.json'
    )
    parser.add_argument(
        '--layout',
        required=True,
        choices=LAYOUTS,
        help='t7: VIDEO/img_%%05d.t7, a 1-D tensor each; npy, npz: one array '
        '[N, C] per video',
    )
    parser.add_argument(
        '--out',
        required=True,
        help='folder of the features, and of list.txt: `folder frames label`',
    )
    args = parser.parse_args()
    store = FeatureStore.open(args.store)
    store.verify()
    folders = [without_ending(name) for name in store.header.names]
    bad = [f for f in folders if f.startswith(('/', '..'))]
    if bad or len(set(folders)) < len(folders):
        sys.exit(
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


if __name__ == '__main__':
    main()

"""Lists that a benchmark publishes, a line ``index<TAB>label<TAB>path``.

Only the standard library, as :mod:`_listing`.
"""

import argparse
import glob
import os.path as osp
from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from _listing import (
    SHOWN,
    VideoFolder,
    VideoList,
    all_faults,
    check_counts,
    write_lists,
)

SPLITS = ('train', 'test')
Labels = Dict[str, int]  # by the path of the published list
Counts = Dict[str, Tuple[int, ...]]  # of each class, by split


@dataclass(frozen=True)
class Domain:
    """A domain of a benchmark.

    Args:
        name (str): Of our lists, ``NAME_train.txt``.
        published (str): The published ones are ``PUBLISHED_train.txt``.
        videos (str): The folder of its videos by default.
        versions (dict): Videos of each class, by the name of every version
            of the lists that is known; ``''`` where there is one.
        folders (dict): Label of every folder of a class that paths of the
            lists name.
    """

    name: str
    published: str
    videos: str
    versions: Mapping[str, Counts]
    folders: Mapping[str, int] = field(default_factory=dict)


def folders_of(*names: str) -> Dict[str, int]:
    """Labels of folders: of each class in turn one, or several with blanks."""
    return {f: label for label, n in enumerate(names) for f in n.split()}


def add_options(
    parser: argparse.ArgumentParser, domains: Sequence[Domain], out: str
) -> None:
    """Options of a builder of published lists."""
    names = [domain.name for domain in domains]
    parser.add_argument(
        '--lists',
        default=f'{out}/published',
        help='folder with the published lists, at any depth; '
        'default: %(default)s',
    )
    parser.add_argument(
        '--domains',
        nargs='+',
        choices=names,
        default=names,
        metavar='DOMAIN',
        help=f'some of {", ".join(names)}; default: all',
    )
    for domain in domains:
        parser.add_argument(
            f'--{domain.name}-videos',
            default=domain.videos,
            metavar='DIR',
            help='default: %(default)s',
        )
    parser.add_argument('--out', default=out, help='default: %(default)s')
    parser.add_argument(
        '--allow-missing',
        action='store_true',
        help='list the videos that are there, of lists of any length',
    )


def build_published(
    args: argparse.Namespace, domains: Sequence[Domain], classes: Sequence[str]
) -> None:
    """Write the lists that a command line asks for.

    Args:
        args (Namespace): See :func:`add_options`.
        domains (Sequence[Domain]): All that there are.
        classes (Sequence[str]): Names, in the order of the labels.
    """
    lists: List[VideoList] = []
    with all_faults() as gathered:
        for domain in domains:
            with gathered():
                if domain.name in args.domains:
                    lists += _lists_of(args, domain, classes)
    write_lists(args.out, lists, args.allow_missing)


def _lists_of(
    args: argparse.Namespace, domain: Domain, classes: Sequence[str]
) -> List[VideoList]:
    labels = {
        split: read_published(
            _find(args.lists, f'{domain.published}_{split}.txt'),
            len(classes),
            domain.folders,
        )
        for split in SPLITS
    }
    version = _version(domain, labels, classes, args.allow_missing)
    videos = VideoFolder(getattr(args, f'{domain.name}_videos'))
    return [
        VideoList(
            f'{domain.name}_{split}',
            videos,
            labels[split],
            dict(zip(classes, domain.versions[version][split])),
        )
        for split in SPLITS
    ]


def _find(folder: str, name: str) -> str:
    """A list by its name, at any depth."""
    found = glob.glob(
        osp.join(glob.escape(folder), '**', name), recursive=True
    )
    if len(found) != 1:
        several = f': {", ".join(sorted(found))}' if found else ''
        raise ValueError(
            f'{len(found)} files below {folder!r} are called {name!r}, not 1'
            f'{several}. Take it from the lists that the benchmark publishes, '
            'and name its folder with --lists.'
        )
    return found[0]


def read_published(
    file: str, num_classes: int, folders: Mapping[str, int]
) -> Labels:
    """Labels of the videos of a published list, in its order.

    The index may have gaps, and paths may have no folder of a class: the
    label is what counts.

    Args:
        file (str): Lines ``index<TAB>label<TAB>path``.
        num_classes (int): Labels lie below.
        folders (dict): Label of every folder of a class.

    Raises:
        ValueError: For other lines, names the first.
    """
    labels: Labels = {}
    faults: List[str] = []
    with open(file, encoding='utf-8') as lines:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            line = _parsed(text, num_classes)
            fault = line is None and 'is not `index<TAB>label<TAB>path`'
            if line is not None:
                path, label = line
                fault = _contradiction(line, labels, folders)
                labels[path] = label
            if fault:
                faults.append(f'  line {number}, {text.strip()!r}: {fault}')
    if faults or not labels:
        more = f'\n  … {len(faults)} in all' if len(faults) > SHOWN else ''
        listed = '\n'.join(faults[:SHOWN]) or '  it is empty'
        raise ValueError(
            f'{file!r} is no published list of {num_classes} classes:\n'
            f'{listed}{more}\nTake it from the lists that the benchmark '
            'publishes.'
        )
    return labels


def _parsed(text: str, num_classes: int) -> Optional[Tuple[str, int]]:
    index, *fields = text.rstrip('\r\n').split('\t')
    if len(fields) != 2 or not (index.isdecimal() and fields[0].isdecimal()):
        return None
    label, path = int(fields[0]), fields[1].strip()
    return (path, label) if path and label < num_classes else None


def _contradiction(
    line: Tuple[str, int], labels: Labels, folders: Mapping[str, int]
) -> str:
    path, label = line
    if path in labels:
        return 'the path stands there twice'
    expected = folders.get(osp.basename(osp.dirname(path)), label)
    return '' if expected == label else f'its folder is of label {expected}'


def _version(
    domain: Domain,
    labels: Dict[str, Labels],
    classes: Sequence[str],
    any_length: bool,
) -> str:
    """Which version of the lists it is, by its numbers; says so."""
    found = {
        split: tuple(Counter(part.values())[n] for n in range(len(classes)))
        for split, part in labels.items()
    }
    for version, counts in domain.versions.items():
        if counts == found:
            if version:
                print(
                    f'{domain.name}: the {version} lists, '
                    f'{sum(found["train"])} / {sum(found["test"])} videos. '
                    'Results on other versions cannot be compared.'
                )
            return version
    sizes = {
        version: sum(map(abs, _differences(counts, found)))
        for version, counts in domain.versions.items()
    }
    nearest = min(sizes, key=lambda version: sizes[version])
    if any_length:
        print(f'{domain.name}: these are not the lists whose numbers we know.')
        return nearest
    for split in SPLITS:
        check_counts(
            f'{domain.published}_{split}.txt'
            + (f' (of the {nearest} lists)' if nearest else ''),
            dict(zip(classes, found[split])),
            dict(zip(classes, domain.versions[nearest][split])),
            'Take both lists of one version, or give --allow-missing for '
            'lists of any length.',
        )
    return nearest


def _differences(a: Counts, b: Counts) -> List[int]:
    return [x - y for split in SPLITS for x, y in zip(a[split], b[split])]

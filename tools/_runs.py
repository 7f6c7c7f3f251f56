"""Finished trainings that a command line names."""

import argparse
import os.path as osp
import re
from collections import Counter
from glob import escape, glob
from typing import Any, Dict, List, Optional, Sequence

from cli import make_parser

FINISHED = 'weights.safetensors'  # what a training writes at its end
# How names of bounds begin, where --bounds does not say them.
LOWER, UPPER = ('source_only',), ('oracle', 'target_only')


def runs_parser(
    doc: str, example: str, kinds: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """A parser of a tool that reads finished trainings.

    Args:
        doc (str): What the tool does.
        example (str): A command line.
        kinds (Sequence[str]): What it can make of them, the first argument.
    """
    parser = make_parser(doc, example)
    if kinds:
        parser.add_argument('kind', choices=kinds, help='what to draw')
    parser.add_argument(
        'work_dirs',
        nargs='+',
        metavar='WORK_DIR',
        help='where trainings lie: WORK_DIR/<config>/seed<n> as of '
        'tools/run_grid.py, WORK_DIR/<config> or WORK_DIR itself as of '
        'tools/train.py',
    )
    parser.add_argument(
        '--bounds',
        nargs=2,
        metavar=('LOWER', 'UPPER'),
        help='add the share of the gap between these two, and the '
        'difference to LOWER; by default the only source_only… and the only '
        'oracle… or target_only… that are there',
    )
    parser.add_argument(
        '--versus',
        nargs='+',
        default=[],
        metavar='NAME',
        help='add the difference to each of these',
    )
    return parser


def chosen(args: argparse.Namespace) -> Dict[str, Any]:
    """What :func:`gather` is to read, by its arguments.

    Raises:
        ValueError: If no training is there, or a name is that of none.
    """
    methods: Dict[str, List[str]] = {}
    found = {folder: find(folder) for folder in args.work_dirs}
    counted = Counter(name for one in found.values() for name in one)
    for folder, named in found.items():
        parent = osp.basename(osp.abspath(folder))
        for name, seeds in named.items():
            # What two folders have in common is told apart by them.
            own = name if counted[name] == 1 else f'{parent}/{name}'
            if own in methods:
                raise ValueError(
                    f'{folder!r} and another folder of its name both hold '
                    f'{name}. Rename one of them.'
                )
            methods[own] = seeds
    _check_named(args, methods)
    lower, upper = args.bounds or (
        _only(methods, LOWER),
        _only(methods, UPPER),
    )
    # Bounds stand around the methods.
    place = {lower: -1, upper: 1}
    names = sorted(methods, key=lambda name: place.get(name, 0))
    return dict(
        methods={name: methods[name] for name in names},
        lower=lower,
        upper=upper,
        versus=args.versus,
    )


def find(work_dir: str) -> Dict[str, List[str]]:
    """Finished trainings, ``{name: a folder for each seed}``."""
    if not osp.isdir(work_dir):
        raise ValueError(f'there is no folder {work_dir!r}.')
    root = escape(osp.normpath(work_dir))
    own = glob(osp.join(root, FINISHED))
    alone = glob(osp.join(root, '*', FINISHED))
    seeds = glob(osp.join(root, '*', 'seed*', FINISHED))
    methods: Dict[str, List[str]] = {}
    # What lies below a training is one of its stages.
    for file in own or sorted(alone + seeds):
        folder = named = osp.dirname(file)
        if re.fullmatch(r'seed\d+', osp.basename(folder)):
            named = osp.dirname(folder)
        name = osp.basename(osp.abspath(named))
        methods.setdefault(name, []).append(folder)
    if not methods:
        raise ValueError(
            f'no training below {work_dir!r} is finished: there is no '
            f'{FINISHED}, <config>/{FINISHED} or <config>/seed<n>/{FINISHED}.'
        )
    return methods


def check_costs(methods: Dict[str, List[str]]) -> None:
    """Refuse trainings whose minutes nobody has counted."""
    folders = [folder for same in methods.values() for folder in same]
    for folder in folders:
        if not osp.isfile(osp.join(folder, 'finished')):
            raise ValueError(
                f'--costs: only tools/run_grid.py counts minutes, and '
                f'{folder!r} is not its work.'
            )


def _check_named(
    args: argparse.Namespace, methods: Dict[str, List[str]]
) -> None:
    """Refuse names of trainings that are not there."""
    faults = []
    for option in ('bounds', 'versus'):
        named = getattr(args, option) or ()
        unknown = [name for name in named if name not in methods]
        if unknown:
            faults.append(
                f'--{option}: there is no {" and no ".join(unknown)} in '
                f'{", ".join(map(repr, args.work_dirs))}, but '
                f'{", ".join(methods)}.'
            )
    if faults:
        raise ValueError('\n'.join(faults))


def _only(methods: Dict[str, List[str]], heads: tuple) -> Optional[str]:
    """The one that begins so, if it is one."""
    found = [m for m in methods if osp.basename(m).startswith(heads)]
    return found[0] if len(found) == 1 else None

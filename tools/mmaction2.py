"""Run a tool of MMAction2 itself: get_flops, confusion_matrix and others.

It is found where MMAction2 is installed, and runs with this package loaded:
its released wheel lacks a module that some of its tools import, and today's
PyTorch refuses MMEngine's checkpoints.
"""

import argparse
import os.path as osp
import runpy
import sys
from difflib import get_close_matches
from glob import glob
from importlib.util import find_spec
from typing import Dict

from cli import make_parser, told

FOLDERS = ('.', 'analysis_tools', 'visualizations', 'deployment')


def tools_of_mmaction2() -> Dict[str, str]:
    """Files of MMAction2's tools by name."""
    spec = find_spec('mmaction')
    if spec is None or spec.origin is None:
        raise ValueError('mmaction2 is not installed.')
    package = osp.dirname(spec.origin)
    # Of a wheel, and of a clone.
    places = osp.join(package, '.mim', 'tools'), osp.join(package, '../tools')
    return {
        osp.basename(file)[:-3]: osp.normpath(file)
        for place in places
        for folder in FOLDERS
        for file in sorted(glob(osp.join(place, folder, '*.py')))
    }


def main() -> None:
    """Run it."""
    parser = make_parser(
        __doc__,
        'python tools/mmaction2.py get_flops videos.py --shape 1 3 16 64 64',
    )
    parser.add_argument('tool', help='its name')
    parser.add_argument(
        'arguments', nargs=argparse.REMAINDER, help='its own, --help as well'
    )
    args = parser.parse_args()
    with told(args.debug):
        tools = tools_of_mmaction2()
        name = args.tool.replace('-', '_')
        if name not in tools:
            similar = get_close_matches(name, tools, 3) or sorted(tools)
            raise ValueError(
                f'MMAction2 has no tool {name!r}, but {", ".join(similar)}.'
            )
        import mmaction_uda  # noqa: F401
    sys.argv = [tools[name], *args.arguments]
    sys.path[:0] = [osp.dirname(tools[name])]
    runpy.run_path(tools[name], run_name='__main__')


if __name__ == '__main__':
    main()

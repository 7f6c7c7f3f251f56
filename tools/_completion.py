"""What a shell offers behind a tool's name, by argcomplete; no tool itself."""

import argparse
import os.path as osp
from glob import glob
from typing import Any, List

# Of an installation, and of a clone.
CONFIGS = osp.normpath(osp.join(osp.dirname(__file__), '../configs'))


def experiments(prefix: str = '', **_: Any) -> List[str]:
    """Names of shipped experiments, and config files and folders."""
    from argcomplete.completers import FilesCompleter

    files = glob('*.py', root_dir=CONFIGS)
    names = [file[:-3] for file in files]
    return [*names, *FilesCompleter(('py', 'yaml'))(prefix)]


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell, and end."""
    from argcomplete import autocomplete

    for action in parser._actions:
        if action.dest in ('config', 'configs'):
            action.completer = experiments  # type: ignore[attr-defined]
    autocomplete(parser)

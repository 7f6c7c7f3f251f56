"""A folder as a reader of the documents has it, and what lies in it."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from mmaction.registry import DATASETS, HOOKS, MODELS, TRANSFORMS

from .configs import ROOT
from .own_data import write_clips

LINKED = ('tools', 'requirements', 'docs', 'Makefile', 'setup.py')
VIDEOS = [f'{label}/{i}.mp4' for label in ('run', 'walk') for i in 'abcdef']


def lay_out(folder: Path) -> None:
    """A clone: what is in it are links, so that files can be added."""
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    for file in (ROOT / 'configs').rglob('*'):
        if file.is_file() and '__pycache__' not in file.parts:
            link = folder / file.relative_to(ROOT)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file)


def add_videos() -> None:
    """Two domains of the pages' own videos."""
    write_clips(Path('videos/street'), VIDEOS)
    write_clips(Path('videos/drone'), VIDEOS, 100)


@contextmanager
def modules_of(folder: Path) -> Iterator[None]:
    """Let modules of a folder be imported, and leave no trace of them."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in [*sys.modules.items()]:
            file = getattr(module, '__file__', None) or ''
            if file.startswith(f'{folder}{os.sep}'):
                del sys.modules[name]
                for registry in (DATASETS, HOOKS, MODELS, TRANSFORMS):
                    forget(registry._module_dict, name)


def forget(registered: dict, module: str) -> None:
    """Take classes of a module out of a registry."""
    for name, found in [*registered.items()]:
        if found.__module__ == module:
            del registered[name]

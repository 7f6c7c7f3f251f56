"""Names of tasks of one's own, and where they lie."""

import os.path as osp
import re
from contextlib import contextmanager
from typing import Iterator

from ..config.names import OWN, layer, pick
from ..faults import Faults

MADE = '# Made by tools/new_task.py: '


def places(name: str) -> tuple:
    """The folder of lists, and the config."""
    return f'data/{name}', osp.join(OWN, '_base_', 'tasks', f'{name}.py')


def check_free(name: str, backbone: str, overwrite: bool) -> None:
    """Refuse what cannot be the name of a task, or is that of another one.

    Raises:
        Faults: All that is wrong.
    """
    faults = []
    if not re.fullmatch(r'[a-z0-9][a-z0-9_]*', name):
        faults.append(
            f'--name {name!r}: give small letters, digits and _, as in '
            'street_to_drone.'
        )
    pick('backbones', backbone)
    folder, config = places(name)
    there = layer('tasks', name)
    setting = f'{backbone}_{name}'
    if layer('settings', setting) or (there and not _is_made(there)):
        faults.append(
            f'--name {name!r}: there is a task of this name that '
            f'tools/new_task.py has not made. Give another.'
        )
    elif not overwrite:
        taken = [p for p in (folder, config) if osp.lexists(p)]
        if taken:
            faults.append(
                f'{" and ".join(taken)} {"are" if taken[1:] else "is"} there '
                'already. Give another --name, or --overwrite to write lists '
                'and config anew.'
            )
    if faults:
        raise Faults(*faults)


def _is_made(config: str) -> bool:
    with open(config, encoding='utf-8') as file:
        return file.readline().startswith(MADE)


@contextmanager
def told_where() -> Iterator[None]:
    """Say of what cannot be written what it is, and what to do."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f'{error.filename or "data"!r} cannot be written: '
            f'{error.strerror}. Run it in a folder where you may write.'
        ) from error

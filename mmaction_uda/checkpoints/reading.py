"""Checkpoints are read as what they are, or refused by name.

Before a tensor is made, the sizes in a file's headers are compared with that
of the file, and the sums of its parts are made again; then what it holds is
looked at. No file of weights is read otherwise.
"""

import io
import os.path as osp
import re
import zipfile
from typing import Any, Dict, Sequence

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from ..faults import Faults
from ..files import parsed
from .archive import checked_entries
from .content import finite_fault, weights_of
from .rehearsal import rehearse

SHOWN = 20  # first bytes
ZIP = b'PK\x03\x04'
PICKLE = b'\x80'  # so begin files of a PyTorch before 1.6
REMEDY = (
    'Nothing in it was run. If you know who made it, ask for the state_dict '
    'alone.'
)


def load(path: str, map_location: Any = None) -> Any:
    """Read a file of PyTorch or safetensors.

    Args:
        path (str): Its name; safetensors by its ending.
        map_location: As of :func:`torch.load`.

    Returns:
        Whatever it holds.

    Raises:
        OSError: If it cannot be opened.
        Faults: If it is damaged, hostile, or something else.
    """
    path = osp.expanduser(path)
    with open(path, 'rb') as file:  # there, and readable
        head = file.read(SHOWN)
    stored = path.endswith('.safetensors')
    if not head or not (stored or head.startswith((ZIP, PICKLE))):
        begins = f'begins with {head!r}' if head else 'is empty'
        raise Faults(f'{path!r} is no checkpoint: it {begins}')
    try:
        if stored:
            return load_file(path, str(map_location or 'cpu'))
        _check(path)
        return torch.load(path, map_location, weights_only=True)
    except SafetensorError as error:
        raise Faults(f'{path!r} is no safetensors file: {error}') from error
    except Faults as error:
        raise Faults(f'{path!r} is refused: it {error}. {REMEDY}') from error
    except Exception as error:
        raise Faults(f'{path!r} {_reason(error)}') from error


def _reason(error: Exception) -> str:
    """In our words: PyTorch's advise to trust the file."""
    text = str(error)
    name = re.search(r'GLOBAL (\S+)', text)
    own = re.search(r'^refused (.*)', text, re.M)
    if name:
        return f'is refused: it asks for {name[1]}. {REMEDY}'
    if own:
        return f'is refused: it holds {own[1]}. {REMEDY}'
    kind = type(error).__name__
    return (
        f'is no checkpoint, or a damaged one ({kind}). Copy it again from '
        'where it comes from, or take another one.'
    )


def _check(path: str) -> None:
    """Look at the headers, the sums and the names of a PyTorch file."""
    size = osp.getsize(path)
    with open(path, 'rb') as file:
        if file.read(len(ZIP)) != ZIP:  # as PyTorch tells them
            file.seek(0)
            rehearse(file, size)
            return
    with zipfile.ZipFile(path) as archive:
        entries = checked_entries(archive, size)
        pickled = io.BytesIO(archive.read(entries['data.pkl']))
    held = {k.removeprefix('data/'): e.file_size for k, e in entries.items()}
    rehearse(pickled, size, held)


def read(
    path: str, map_location: Any = None, parts: Sequence[str] = ()
) -> Dict[str, Any]:
    """Read a checkpoint: weights by name, perhaps with more about them.

    Args:
        path (str): Its name.
        map_location: As of :func:`torch.load`.
        parts (Sequence[str]): What it must hold: :data:`RESUMED`, to go on
            from it. Defaults to weights alone.

    Raises:
        OSError: If it cannot be opened.
        Faults: If it is no checkpoint, a damaged or hostile one, lacks a
            part, or holds numbers that are not finite.
    """
    content = load(path, map_location)
    weights_of(content, path)
    fault = finite_fault(content)
    if fault:
        raise Faults(
            f'{path!r} {fault}: what wrote it had diverged. Take an earlier '
            'checkpoint.'
        )
    missing = [part for part in parts if part not in content]
    if missing:
        raise Faults(
            f'{path!r} is no checkpoint to go on from: no {missing[0]}'
        )
    return content


def read_notes(path: str, keys: Sequence[str]) -> Dict[str, Any]:
    """What a training has written about its ``weights.safetensors``.

    Args:
        path (str): Its name.
        keys (Sequence[str]): What must be in them.

    Raises:
        Faults: If the file is damaged, or no training has written it.
    """
    try:
        with safe_open(path, 'pt') as stored:
            notes = parsed((stored.metadata() or {})['training'])
        return {key: notes[key] for key in keys}
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise Faults(
            f'{path!r} does not say what it was trained with '
            f'({type(error).__name__}: {error}): it is damaged, of an older '
            'version or of other tools. Train it again with --overwrite, or '
            'choose another --work-dir.'
        ) from error

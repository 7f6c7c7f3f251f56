"""The table of known weights, and the model indices of the hosts."""

import json
import os.path as osp
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Dict, Iterator, Optional

import yaml

TABLE = Path(__file__).parent.parent / 'assets' / 'zoo.json'
HOSTS = ('mmaction', 'mmpretrain')
FILES = ('.pth', '.pt', '.bin', '.safetensors')
HASHED = re.compile(r'-([0-9a-f]{8})\.pth$')  # of OpenMMLab's and torch's


@dataclass(frozen=True)
class Row:
    """Weights that are known.

    Args:
        name (str): By which a config may name them.
        address (str): Where they lie; empty if they have to be put into
            ``checkpoints/`` by hand.
        file (str): Name of the file, there and in ``checkpoints/``.
        sha256 (str): Of the file, as many hex digits as are known.
        layers (Sequence[str]): Files of ``configs/_base_/backbones``.
        width (int): Channels of a token.
        tokens (str): How many, in words.
        accuracy (str): As the ``source`` gives it, of the whole recognizer.
        licence (str): Of the weights, or of the project they come from.
        source (str): Where all this is taken from.
        tried (str): How far this row was tried.
    """

    name: str
    address: str = ''
    file: str = ''
    sha256: str = ''
    layers: tuple = ()
    width: int = 0
    tokens: str = ''
    accuracy: str = ''
    licence: str = ''
    source: str = ''
    tried: str = ''


def _rows() -> Iterator[Row]:
    for row in json.loads(TABLE.read_text(encoding='utf-8')):
        yield Row(**{**row, 'layers': tuple(row.get('layers', ()))})


ROWS: Dict[str, Row] = {row.name: row for row in _rows()}


def host_row(name: str) -> Optional[Row]:
    """Weights by their name in the model index of an installed host."""
    if osp.splitext(name)[1] in FILES or not re.search('[_-]', name):
        return None  # a file's, or that of no model: nothing is read
    address = _host_addresses().get(name)
    if address is None:
        return None
    digits = HASHED.search(address)
    return Row(
        name,
        address,
        osp.basename(address),
        digits[1] if digits else '',
        source='model index',
    )


@lru_cache(maxsize=1)
def _host_addresses() -> Dict[str, str]:
    found: Dict[str, str] = {}
    loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    for host in HOSTS:
        spec = find_spec(host)
        for folder in (spec and spec.submodule_search_locations) or ():
            configs = Path(folder, '.mim', 'configs')
            for file in sorted(configs.rglob('metafile.yml')):
                content = yaml.load(file.read_text('utf-8'), loader)
                for model in _models(content):
                    address = model.get('Weights')
                    if isinstance(address, str):
                        found.setdefault(model['Name'], address)
    return found


def _models(content) -> list:
    return (content.get('Models') if isinstance(content, dict) else None) or []

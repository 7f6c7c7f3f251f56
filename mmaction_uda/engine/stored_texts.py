"""Embedded names of classes: one small file, and what it was made of."""

import json
import os
import os.path as osp
from dataclasses import asdict, dataclass
from typing import Any, List

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..config.names import short
from ..faults import Faults
from ..files import is_there, parsed, written_aside

KEY = 'texts'  # of the tensor, and of its notes
TOOL = 'python tools/embed_texts.py CONFIG'


@dataclass(frozen=True)
class Texts:
    """What determines the embeddings ``[M, K, D]`` of a file.

    Args:
        names (list[str]): What the ``K`` classes are called, in the order of
            the labels.
        templates (list[str]): The ``M`` sentences.
        weights (Any): SHA-256 of the file of weights that embedded them, or
            the seed of random ones, as a backbone's identity has it.
    """

    names: List[str]
    templates: List[str]
    weights: Any

    @classmethod
    def read(cls, file: str) -> 'Texts':
        """Of what a file was made.

        Raises:
            FileNotFoundError: If it is not there.
            Faults: If it is no such file.
        """
        if not is_there(file):
            raise FileNotFoundError(
                f'The texts of the classes, {file!r}, are not there. {TOOL} '
                'makes them, of the config that reads them.'
            )
        try:
            with safe_open(file, 'pt') as content:
                found = parsed((content.metadata() or {})[KEY])
            return cls(**found)
        except (SafetensorError, ValueError, LookupError, TypeError) as error:
            raise Faults(
                f'{file!r} holds no texts of classes ({error}). Delete it; '
                f'{TOOL} makes it.'
            ) from error

    def write(self, file: str, embeddings: Tensor) -> None:
        """Write them and their embeddings ``[M, K, D]``."""
        os.makedirs(osp.dirname(file) or '.', exist_ok=True)
        notes = {KEY: json.dumps(asdict(self))}
        with written_aside(file) as out:
            out.write(save({KEY: embeddings.contiguous()}, notes))

    def differences(self, there: 'Texts') -> List[str]:
        """In what a file differs from what is wanted, for messages."""
        return [
            f'{name} are {short(getattr(there, name))} there, '
            f'{short(getattr(self, name))} here'
            for name in ('names', 'templates', 'weights')
            if getattr(self, name) != getattr(there, name)
        ]

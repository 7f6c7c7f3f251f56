"""What a feature store says about itself."""

import json
import os
import os.path as osp
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from typing import List, Sequence

from ...files import written_aside


@dataclass
class StoreHeader:
    """The content of ``store.json``.

    Args:
        identity (dict): What determines the numbers: backbone, weights,
            preprocessing and pipeline, or where they were imported from.
        dtype (str): Of the tokens on disk.
        shard_size (int): Videos of a shard.
        names (list[str]): The videos, in the order of the list.
        labels (list[int]): Their labels when the store was made, for exports
            only; -1 for none.
    """

    identity: dict
    dtype: str
    shard_size: int
    names: List[str]
    labels: List[int]

    def __post_init__(self) -> None:
        # JSON knows no tuples, nor the dicts and numbers of MMEngine.
        for name, value in asdict(self).items():
            setattr(self, name, json.loads(json.dumps(value, default=str)))

    @classmethod
    def read(cls, path: str) -> 'StoreHeader':
        """Read the header of the store in the directory ``path``.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged.
        """
        file = osp.join(path, 'store.json')
        try:
            with open(file) as lines:
                content = json.load(lines)
            return cls(**{f.name: content[f.name] for f in fields(cls)})
        except (ValueError, LookupError, TypeError) as error:
            raise ValueError(
                f'{file!r} is damaged or of an older version '
                f'({type(error).__name__}: {error}). Delete {path!r} and '
                'extract again.'
            ) from error

    def write(self, path: str) -> None:
        """Write the header into the directory ``path``."""
        os.makedirs(path, exist_ok=True)
        with written_aside(osp.join(path, 'store.json'), 'w') as file:
            json.dump(asdict(self), file)

    def check_names(self, path: str, names: Sequence[str]) -> None:
        """Refuse the store in ``path`` for another list.

        Raises:
            ValueError: Names the first line that differs.
        """
        pairs = enumerate(zip_longest(self.names, names), 1)
        differing = next((p for p in pairs if p[1][0] != p[1][1]), None)
        if differing:
            line, (there, here) = differing
            raise ValueError(
                f'{path!r} holds other videos ({len(self.names)} there, '
                f'{len(names)} in the list), line {line}: {there!r} there, '
                f'{here!r} in the list. {_REMEDY}'
            )

    def check_identity(self, path: str, identity: dict) -> None:
        """Refuse the store in ``path`` for other features.

        Args:
            path (str): The directory, for the message.
            identity (dict): What is wanted, as JSON gives it back, with
                ``dtype``.

        Raises:
            ValueError: Names the first key that differs, and both values.
        """
        there = dict(self.identity, dtype=self.dtype)
        for key in {**identity, **there}:
            if there.get(key) != identity.get(key):
                raise ValueError(
                    f'{path!r} holds features of another {key}: '
                    f'{there.get(key)} there, {identity.get(key)} in the '
                    f'config. {_REMEDY}'
                )


_REMEDY = 'Name another extraction.name in the config, or delete this one.'

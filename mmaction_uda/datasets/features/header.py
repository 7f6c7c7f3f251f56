"""What a feature store says about itself."""

import hashlib
import json
import os
import os.path as osp
from dataclasses import asdict, dataclass, fields
from functools import cached_property, lru_cache
from typing import FrozenSet, List

from ...files import parsed, stamp_of, unreadable, written_aside


@dataclass
class StoreHeader:
    """The content of ``store.json``.

    Args:
        identity (dict): What determines the numbers: backbone, weights,
            preprocessing and pipeline, or where they were imported from.
        dtype (str): Of the tokens on disk, ``'float32'`` or ``'float16'``.
        shard_size (int): Videos of a new shard, at most.
        names (list[str]): All videos that a list ever asked for.
        labels (list[int]): Their labels when the store was made, for exports
            only; -1 for none.
    """

    identity: dict
    dtype: str
    shard_size: int
    names: List[str]
    labels: List[int]

    def __post_init__(self) -> None:
        self.identity = _as_json(self.identity)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what determines the tokens; shards carry it."""
        text = json.dumps([self.identity, self.dtype], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def known(self) -> FrozenSet[str]:
        """Its names."""
        return frozenset(self.names)

    @classmethod
    def read(cls, path: str) -> 'StoreHeader':
        """Read the header of the store in the directory ``path``.

        Raises:
            FileNotFoundError: If there is none.
            OSError: If it may not be read.
            ValueError: If it is damaged.
        """
        stamp = stamp_of(osp.join(path, 'store.json'))
        return _read_once(path, stamp) if stamp else cls._read(path)

    @classmethod
    def _read(cls, path: str) -> 'StoreHeader':
        file = osp.join(path, 'store.json')
        try:
            with open(file) as lines:
                content = parsed(lines.read())
            header = cls(**{f.name: content[f.name] for f in fields(cls)})
            header._check()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise unreadable(file, error) from error
        except (ValueError, LookupError, TypeError) as error:
            raise ValueError(
                f'{file!r} is damaged or of an older version '
                f'({type(error).__name__}: {error}). Delete {path!r} and '
                'extract again.'
            ) from error
        return header

    def write(self, path: str) -> None:
        """Write the header into the directory ``path``."""
        os.makedirs(path, exist_ok=True)
        with written_aside(osp.join(path, 'store.json'), 'w') as file:
            json.dump(asdict(self), file)

    def merged(self, new: 'StoreHeader') -> 'StoreHeader':
        """The same with the videos of another list, and its labels."""
        labels = dict(zip(self.names, self.labels))
        labels.update(zip(new.names, new.labels))
        return StoreHeader(
            self.identity,
            self.dtype,
            self.shard_size,
            [*labels],
            [*labels.values()],
        )

    def check_identity(self, path: str, identity: dict, dtype: str) -> None:
        """Refuse the store in ``path`` for other features.

        Args:
            path (str): The directory, for the message.
            identity (dict): What is wanted.
            dtype (str): Of the tokens that are wanted.

        Raises:
            ValueError: Names the first key that differs, and both values.
        """
        there = dict(self.identity, dtype=self.dtype)
        wanted = dict(_as_json(identity), dtype=dtype)
        for key in {**wanted, **there}:
            if there.get(key) != wanted.get(key):
                raise ValueError(
                    f'{path!r} holds features of another {key}: '
                    f'{there.get(key)} there, {wanted.get(key)} in the '
                    'config. Name another extraction.name in the config, or '
                    'delete this one.'
                )

    def _check(self) -> None:
        """Refuse values that this class never writes."""
        names, labels = self.names, self.labels
        right = dict(
            identity=isinstance(self.identity, dict),
            dtype=self.dtype in ('float32', 'float16'),
            shard_size=is_count(self.shard_size) and self.shard_size > 0,
            names=is_list_of(str, names) and len(set(names)) == len(names),
            labels=is_list_of(int, labels) and len(labels) == len(names),
        )
        wrong = [name for name, fits in right.items() if not fits]
        if wrong:
            value = repr(getattr(self, wrong[0]))
            raise ValueError(f'{wrong[0]}={value[:60]}')


@lru_cache(maxsize=8)
def _read_once(path: str, stamp: tuple) -> StoreHeader:
    return StoreHeader._read(path)


def _as_json(identity: dict) -> dict:
    """As a file gives it back: JSON knows no tuples, nor MMEngine's dicts."""
    return json.loads(json.dumps(identity, default=str))


def is_count(value) -> bool:
    """Whether a value of a JSON file is a whole number, not below 0."""
    return type(value) is int and 0 <= value < 1 << 63


def is_list_of(kind: type, value) -> bool:
    """Whether it is a list, of this very type: True is no number."""
    return isinstance(value, list) and {*map(type, value)} <= {kind}


def are_counts(value) -> bool:
    """Whether it is a list of such numbers."""
    return is_list_of(int, value) and (
        not value or (min(value) >= 0 and max(value) < 1 << 63)
    )

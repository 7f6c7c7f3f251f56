"""Tokens of all videos of one list, in few memory-mapped files."""

import hashlib
import json
import os
import os.path as osp
from contextlib import contextmanager
from typing import List, Sequence

import numpy as np

SHARD_SIZE = 512  # videos


@contextmanager
def written_aside(path: str, mode: str = 'wb'):
    """Open a file that appears under ``path`` only when it is complete."""
    aside = f'{path}.{os.getpid()}.tmp'
    try:
        with open(aside, mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        if osp.exists(aside):
            os.remove(aside)


class FeatureStore:
    """A directory with the tokens ``[N_i, C]`` of every video of a list.

    ==================  ====================================================
    ``store.json``      what the numbers depend on (``identity``) and the
                        names of the videos, in the order of the list
    ``shard_%05d.npy``  tokens of videos ``512 n ... 512 n + 511``, end to
                        end, ``[sum N_i, C]``
    ``shard_%05d.json`` ``frames``, the ``N_i``; written last, so a shard
                        without it does not exist yet
    ==================  ====================================================

    Every file is written aside and renamed: a killed extraction leaves
    whole shards, and the next one makes those that are missing.

    Args:
        path (str): The directory.
        identity (dict): What determines the numbers: backbone, weights,
            preprocessing and pipeline, JSON-serialisable.
        names (Sequence[str]): The videos, in the order of the list.

    Raises:
        ValueError: If ``path`` holds other features: names what differs.
    """

    def __init__(
        self, path: str, identity: dict, names: Sequence[str]
    ) -> None:
        self.path = path
        self.names = list(names)
        self.num_shards = -(-len(self.names) // SHARD_SIZE)
        header = dict(identity=identity, names=self.names)
        header = json.loads(json.dumps(header, default=str))
        file = osp.join(path, 'store.json')
        if osp.exists(file):
            self._compare(json.load(open(file)), header)
            return
        os.makedirs(path, exist_ok=True)
        with written_aside(file, 'w') as out:
            json.dump(header, out)

    @classmethod
    def open(cls, path: str, names: Sequence[str]) -> 'FeatureStore':
        """Open a complete store for reading.

        Args:
            path (str): The directory.
            names (Sequence[str]): The videos that the list names.

        Raises:
            FileNotFoundError: If there is no store, or shards are missing.
        """
        file = osp.join(path, 'store.json')
        missing = [file]
        if osp.exists(file):
            store = cls(path, json.load(open(file))['identity'], names)
            missing = [store.shard_file(n) for n in store.missing_shards()]
        if missing:
            raise FileNotFoundError(
                f'The cached features in {path!r} are not complete: '
                f'{missing[0]} is missing. tools/train.py and '
                'tools/extract_features.py make them.'
            )
        store._map()
        return store

    @property
    def digest(self) -> str:
        """SHA-256 of the header."""
        with open(osp.join(self.path, 'store.json'), 'rb') as file:
            return hashlib.sha256(file.read()).hexdigest()

    def shard_file(self, number: int, ending: str = 'json') -> str:
        """File name of a shard."""
        return osp.join(self.path, f'shard_{number:05d}.{ending}')

    def shard_range(self, number: int) -> range:
        """The videos of a shard."""
        start = number * SHARD_SIZE
        return range(start, min(start + SHARD_SIZE, len(self.names)))

    def missing_shards(self) -> List[int]:
        """Numbers of the shards that are still to be made."""
        return [
            n
            for n in range(self.num_shards)
            if not osp.exists(self.shard_file(n))
        ]

    def write_shard(self, number: int, tokens: List[np.ndarray]) -> None:
        """Write the tokens ``[N_i, C]`` of the videos of a shard."""
        with written_aside(self.shard_file(number, 'npy')) as file:
            np.save(file, np.concatenate(tokens))
        with written_aside(self.shard_file(number), 'w') as file:
            json.dump(dict(frames=[len(t) for t in tokens]), file)

    def __getitem__(self, index: int) -> np.ndarray:
        """Tokens ``[N_i, C]`` of a video, a view of the mapped file."""
        start, end = self._rows[index]
        return self._shards[index // SHARD_SIZE][start:end]

    def _map(self) -> None:
        self._shards, self._rows = [], []
        for n in range(self.num_shards):
            shard = self._map_shard(n)
            frames = json.load(open(self.shard_file(n)))['frames']
            ends = np.cumsum(frames).tolist()
            if len(frames) != len(self.shard_range(n)) or ends[-1] != len(
                shard
            ):
                raise ValueError(
                    f'{self.shard_file(n, "npy")} holds {len(shard)} rows of '
                    f'{len(frames)} videos, expected {ends[-1]} rows of '
                    f'{len(self.shard_range(n))}. Delete the shard (.npy and '
                    '.json) and extract again.'
                )
            self._shards.append(shard)
            self._rows += list(zip([0] + ends[:-1], ends))

    def _map_shard(self, number: int) -> np.ndarray:
        file = self.shard_file(number, 'npy')
        try:
            return np.load(file, mmap_mode='r', allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            raise ValueError(
                f'{file!r} is damaged: {error}. Delete the shard (.npy and '
                '.json) and extract again.'
            ) from error

    def _compare(self, stored: dict, wanted: dict) -> None:
        if stored == wanted:
            return
        if stored['names'] != wanted['names']:
            what = (
                f'other videos ({len(stored["names"])} there, '
                f'{len(wanted["names"])} in the list)'
            )
        else:
            keys = {**stored['identity'], **wanted['identity']}
            key = next(
                k
                for k in keys
                if stored['identity'].get(k) != wanted['identity'].get(k)
            )
            what = (
                f'features of another {key}: '
                f'{stored["identity"].get(key)} there, '
                f'{wanted["identity"].get(key)} in the config'
            )
        raise ValueError(
            f'{self.path!r} holds {what}. Name another store in '
            'the config, or delete this one.'
        )

"""The directory of a training: whose it is, and what of it is whole."""

import errno
import fcntl
import json
import os
import os.path as osp
import re
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from glob import escape, glob
from typing import IO, Iterator, List, Optional

from mmengine.config import Config

from ..checkpoints import RESUMED, read, read_notes
from ..evaluation import LOG, RECORD, read_record
from ..faults import Faults
from ..files import HOST, written_aside
from .identity import Identity

WEIGHTS = 'weights.safetensors'  # a training that has this is finished
IDENTITY = 'identity'  # in the meta of a checkpoint
PATIENCE = 3.0  # seconds that a process may take to end with its parent
# What else a training leaves there, beside checkpoints and logs.
MADE = (WEIGHTS, 'last_checkpoint', 'finished', RECORD)


@dataclass
class Checkpoint:
    """A whole checkpoint.

    Args:
        path (str): The file.
        epoch (int): Epochs that were trained.
        identity (Identity, optional): Of its training; None where other
            tools have written it.
    """

    path: str
    epoch: int
    identity: Optional[Identity]

    @classmethod
    def read(cls, path: str) -> 'Checkpoint':
        """Read all of a file, and compare its checksums.

        Raises:
            Faults: Names the file, and what is wrong with it.
        """
        meta = read(path, 'cpu', RESUMED)['meta']
        text = meta.get(IDENTITY)
        return cls(path, meta['epoch'], Identity.parse(text) if text else None)


def _is_locked(file: IO[str]) -> bool:
    """Try to lock a file for this process, not for those that it forks."""
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP):
            raise  # a file system without locks is no fault
    return True


class WorkDir:
    """The directory that a config is trained in.

    Args:
        cfg (Config): With a ``work_dir``.
    """

    def __init__(self, cfg: Config) -> None:
        self.path = cfg.work_dir
        self._lock = osp.join(self.path, '.lock')
        hook = (cfg.get('default_hooks') or {}).get('checkpoint') or {}
        template = hook.get('filename_tmpl') or 'epoch_{}.pth'
        self._before, self._after = re.split(r'\{.*?\}', template, maxsplit=1)
        self._folder = self.path
        if hook.get('out_dir'):
            name = osp.basename(osp.abspath(self.path))
            self._folder = osp.join(hook['out_dir'], name)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes out for as long as this one lives.

        Raises:
            Faults: If another one trains there; names it.
        """
        os.makedirs(self.path, exist_ok=True)
        with open(self._lock, 'a+') as file:
            self._take(file)
            file.truncate(0)
            file.write(f'process {os.getpid()} on {HOST}')
            file.flush()
            yield

    def check_free(self) -> None:
        """Refuse a directory that another process has locked.

        Not where this process holds the lock, which would be lost.

        Raises:
            Faults: Names the process.
        """
        if osp.exists(self._lock):
            with open(self._lock, 'a+') as file:
                self._take(file)

    def _take(self, file: IO[str]) -> None:
        begun = time.monotonic()
        while not _is_locked(file):
            if time.monotonic() > begun + PATIENCE:
                file.seek(0)
                owner = file.read() or 'another process'
                raise Faults(
                    f'{self.path!r} is being trained by {owner}. Wait for '
                    'it, end it, or choose another --work-dir.'
                )
            time.sleep(0.1)

    @property
    def weights(self) -> str:
        """The file that a finished training has."""
        return osp.join(self.path, WEIGHTS)

    @property
    def is_finished(self) -> bool:
        """Whether that is there."""
        return osp.isfile(self.weights)

    @property
    def is_taken(self) -> bool:
        """Whether it holds what a training has learnt."""
        return self.is_finished or bool(self.checkpoints())

    def identity(self) -> Optional[Identity]:
        """That of its training; None if nobody wrote it down.

        Raises:
            ValueError: If the file that says it is damaged.
        """
        record = read_record(self.path)
        if record is not None:
            return Identity.parse(record['identity'])
        return self.identity_of_weights() if self.is_finished else None

    def identity_of_weights(self) -> Identity:
        """What finished weights say of their training.

        Raises:
            Faults: If they say nothing.
        """
        notes = read_notes(self.weights, [IDENTITY])
        return Identity.parse(notes[IDENTITY])

    def checkpoints(self) -> List[str]:
        """All checkpoints of epochs, the last one first."""
        numbered = {}
        for path in self._saved(''):
            name = osp.basename(path).removesuffix(self._after)
            number = name.removeprefix(self._before)
            if number.isdecimal():
                numbered[int(number)] = path
        return [numbered[number] for number in sorted(numbered, reverse=True)]

    def logs(self) -> List[str]:
        """Names of the folders of its logs."""
        record = read_record(self.path)
        if record is not None:
            return record['logs']
        folders = glob(osp.join(escape(self.path), '*', 'vis_data'))
        names = (osp.basename(osp.dirname(folder)) for folder in folders)
        return sorted(n for n in names if LOG.fullmatch(n))

    def write(self, identity: Identity, logs: List[str]) -> None:
        """Say whose it is, and where it has logged to."""
        with written_aside(osp.join(self.path, RECORD), 'w') as file:
            json.dump(dict(identity=str(identity), logs=logs), file)

    def clear(self) -> None:
        """Remove the training, and nothing that is not of it."""
        try:
            logs = self.logs()
        except ValueError:  # it is damaged
            logs = []
        made = [osp.join(self.path, name) for name in MADE]
        for folder in logs:
            shutil.rmtree(osp.join(self.path, folder), ignore_errors=True)
        for file in [*self.checkpoints(), *self._saved('best_*_'), *made]:
            with suppress(FileNotFoundError):
                os.remove(file)

    def _saved(self, kind: str) -> List[str]:
        name = f'{kind}{self._before}*{self._after}'
        return glob(osp.join(escape(self._folder), name))

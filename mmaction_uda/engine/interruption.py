"""A training that is asked to end does so where it can go on."""

import copy
import os
import os.path as osp
import signal
from contextlib import contextmanager
from typing import Dict, Iterator, Optional

import torch
from mmengine.dist import all_reduce, barrier, get_world_size
from mmengine.hooks import CheckpointHook, Hook

from ..faults import Stopped
from ..files import written_aside
from .finite import is_read

# Slurm sends the first when it will end a job, tools/slurm_train.sh asks for
# the second before; the third is Ctrl-C.
SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


class _Taken(Exception):
    """Carries a checkpoint that is complete, before it is written."""

    def __init__(self, checkpoint: dict) -> None:
        super().__init__()
        self.checkpoint = checkpoint


class InterruptionHook(Hook):
    """Ends a training on a signal, after the step that it is in.

    A resume repeats an epoch from its start. Where an epoch has left no
    checkpoint (``default_hooks.checkpoint.interval``), one is kept in memory
    until the next, and written if a signal comes. Processes end together:
    after a step whose numbers are read they tell each other what has come.
    """

    priority = 'LOWEST'  # checkpoints are complete, and written

    def __init__(self) -> None:
        self.signal: Optional[int] = None
        self.kept: Optional[dict] = None  # checkpoint of the last epoch
        self._taking = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take signals until the block ends."""
        self._process = os.getpid()
        before: Dict[int, object] = {}
        try:
            for number in SIGNALS:
                before[number] = signal.signal(number, self._take)
        except ValueError:
            pass  # not the main thread, which gets them
        try:
            yield
        finally:
            for taken, handler in before.items():
                signal.signal(taken, handler)  # type: ignore[arg-type]

    def _take(self, number: int, frame) -> None:
        if os.getpid() != self._process:  # forked, and no worker of a loader
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        # A launcher passes on what its processes have got already.
        elif self.signal is not None and get_world_size() == 1:
            raise Stopped(128 + number)
        self.signal = self.signal or number

    def before_train_epoch(self, runner) -> None:
        """End, if a signal came since the last step."""
        self._end_if_asked(runner)

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        """End, if a signal came."""
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        # The epoch that is over gets its checkpoint first.
        if not last and is_read(self, runner, batch_idx):
            self._end_if_asked(runner)

    def after_val_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        """End, if a signal came."""
        self._end_if_asked(runner)

    def after_train_epoch(self, runner) -> None:
        """Keep what a checkpoint of this epoch would be, if there is none."""
        path = _path(runner, runner.epoch + 1)
        self.kept = None
        if path is not None and not osp.isfile(path):
            self.kept = self._checkpoint(runner)

    def _checkpoint(self, runner) -> Optional[dict]:
        """What MMEngine would write; None but in the first process."""
        self._taking = True
        try:
            runner.save_checkpoint(runner.work_dir, 'kept')
        except _Taken as taken:
            return copy.deepcopy(taken.checkpoint)
        finally:
            self._taking = False
        return None

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """All other hooks have completed it."""
        if self._taking:
            raise _Taken(checkpoint)

    def _end_if_asked(self, runner) -> None:
        asked = torch.tensor(self.signal or 0)
        all_reduce(asked, 'max')
        number = int(asked)
        if not number:
            return
        path = _path(runner, runner.epoch)
        if self.kept is not None and path is not None:
            _write(self.kept, path, runner)
        barrier()  # written before a launcher ends all
        name = signal.Signals(number).name
        if path is not None and runner.epoch and osp.isfile(path):
            how = f'--resume goes on after epoch {runner.epoch}, from {path}'
        else:
            how = 'no epoch has left a checkpoint: start again'
        runner.logger.info(f'{name}: the training ends here; {how}')
        raise Stopped(128 + number)


def _hook(runner) -> Optional[CheckpointHook]:
    for hook in runner.hooks:
        if isinstance(hook, CheckpointHook):
            return hook
    return None


def _path(runner, epoch: int) -> Optional[str]:
    """Where the checkpoint of an epoch is, if there are any."""
    hook = _hook(runner)
    if hook is None:
        return None
    return osp.join(hook.out_dir, hook.filename_tmpl.format(epoch))


def _write(checkpoint: dict, path: str, runner) -> None:
    """Write a checkpoint as MMEngine's hook does, which counts it, too."""
    hook, hub = _hook(runner), checkpoint['message_hub']
    if hook is not None and hook.max_keep_ckpts > 0:
        kept = hub['runtime_info'].setdefault('keep_ckpt_ids', [])
        kept.append(checkpoint['meta']['epoch'])
        hub['resumed_keys']['keep_ckpt_ids'] = True
    with written_aside(path) as file:
        torch.save(checkpoint, file)
    last = osp.join(runner.work_dir, 'last_checkpoint')
    with written_aside(last, 'w') as pointer:
        pointer.write(path)

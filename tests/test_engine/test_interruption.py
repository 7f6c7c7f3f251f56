"""A training that a signal ends goes on as if none had come."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from helpers.runs import (
    differing,
    make_runner,
    start_training,
    state_of,
    train,
)
from mmengine.hooks import Hook

from mmaction_uda.checkpoints import RESUMED, read
from mmaction_uda.faults import Stopped

EPOCHS = 3


class Send(Hook):
    """Sends this process a signal."""

    def __init__(self, number: int, epoch: int, place: str) -> None:
        self.number, self.epoch, self.place = number, epoch, place
        self.steps = 0

    def _send(self, runner, place: str) -> None:
        if (place, runner.epoch) == (self.place, self.epoch):
            os.kill(os.getpid(), self.number)
            self.place = ''

    def before_train_epoch(self, runner) -> None:
        self._send(runner, 'epoch')

    def after_train_iter(self, runner, batch_idx, *args, **kwargs) -> None:
        self.steps += 1
        if batch_idx in (3, len(runner.train_dataloader) - 1):
            self._send(runner, 'step' if batch_idx == 3 else 'last step')

    def before_val_epoch(self, runner) -> None:
        self._send(runner, 'validation')


@pytest.fixture
def demo(make_config):
    """A queue, dropout and random views."""
    cfg = make_config('transferattn_release_demo')
    cfg.train_cfg.update(max_epochs=EPOCHS, val_interval=1)
    return cfg


@pytest.fixture
def resumed(demo):
    """``resumed(hook, interval)``: epochs that a resume has left to do, and
    the weights after it; checks that they are those of one go."""
    whole = state_of(train(demo).model)
    before = {n: signal.getsignal(n) for n in (15, 10, 2)}

    def resume(hook: Send, interval: int) -> int:
        demo.work_dir, demo.resume = 'interrupted', False
        demo.default_hooks.checkpoint.interval = interval
        with pytest.raises(Stopped) as caught:
            train(demo, hook)
        assert caught.value.code == 128 + hook.number
        assert before == {n: signal.getsignal(n) for n in before}
        files = list(map(str, Path('interrupted').glob('*.pth')))
        assert all(read(file, parts=RESUMED) for file in files)
        assert not Path('interrupted/weights.safetensors').exists()
        demo.resume, seen = True, Send(0, -1, '')
        runner = make_runner(demo)
        runner.register_hook(seen)
        runner.train()
        assert not differing(whole, state_of(runner.model))
        return seen.steps // len(runner.train_dataloader)

    return resume


@pytest.mark.parametrize(
    'number, epoch, place, interval, left',
    [
        (signal.SIGTERM, 1, 'step', 1, 2),
        (signal.SIGINT, 2, 'step', 5, 1),
        *(
            pytest.param(*case, 5, left, marks=pytest.mark.full)
            for *case, left in (
                (signal.SIGUSR1, 1, 'validation', 2),
                (signal.SIGTERM, 0, 'last step', 2),
                (signal.SIGTERM, 2, 'epoch', 1),
            )
        ),
    ],
)
def test_no_epoch_is_lost(resumed, number, epoch, place, interval, left):
    assert resumed(Send(number, epoch, place), interval) == left


def test_a_second_signal_ends_at_once(demo):
    class Twice(Hook):
        def before_train_iter(self, runner, batch_idx, data_batch=None):
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
            raise AssertionError('the step went on')

    with pytest.raises(Stopped):
        train(demo, Twice())


def test_checkpoints_that_are_kept_are_counted(demo):
    """What a signal wrote is removed in its turn."""
    demo.default_hooks.checkpoint.update(interval=5, max_keep_ckpts=1)
    with pytest.raises(Stopped):
        train(demo, Send(signal.SIGTERM, 1, 'step'))
    folder = Path(demo.work_dir)
    assert [f.name for f in folder.glob('*.pth')] == ['epoch_1.pth']
    demo.resume = True
    make_runner(demo).train()
    assert [f.name for f in folder.glob('*.pth')] == [f'epoch_{EPOCHS}.pth']


def training_with_workers(cfg, num_workers: int, in_epoch: int) -> tuple:
    """A training in a process group of its own, and its log."""
    cfg.train_dataloader.update(
        num_workers=num_workers, persistent_workers=True
    )
    cfg.train_cfg.max_epochs = 200
    cfg.dump('config.py')
    process = start_training('config.py', 'alone', new_group=True)
    log = Path('alone.log')
    while not re.search(rf'\(train\) +\[{in_epoch}\]\[', log.read_text()):
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    return process, log


def test_a_process_and_its_workers(demo):
    """A signal to all of them: exit code, one line, no other."""
    process, log = training_with_workers(demo, 2, in_epoch=2)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    text = log.read_text()
    last = text.splitlines()[-1]
    assert 'SIGTERM: the training ends here; --resume goes on after' in last
    assert 'Traceback' not in text and 'Error' not in text
    with pytest.raises(ProcessLookupError):  # no worker is left
        os.killpg(process.pid, 0)


@pytest.mark.full
def test_workers_end_with_a_killed_parent(demo):
    process, log = training_with_workers(demo, 1, in_epoch=1)
    process.kill()
    process.wait()
    ends = time.time() + 3  # PyTorch's own look for their parent takes 5 s
    while time.time() < ends:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        raise AssertionError('a worker is left')
    assert 'Traceback' not in log.read_text()

"""Interrupted and resumed is uninterrupted, bit for bit.

Trainings of the release's method are processes of tools/train.py, and an
interruption is a SIGKILL; those of every other method are interrupted by an
exception. tests/test_stages.py has the stages.
"""

import re
import signal
import time
from pathlib import Path

import pytest
import torch
from helpers.forked import Started
from helpers.runs import (
    check_same_state,
    differing,
    make_runner,
    start_training,
    state_of,
    train,
)
from mmengine.hooks import Hook

from mmaction_uda.evaluation import read_validations

EPOCHS = 3
STEPS = 24  # of an epoch: more than the data, so that the source wraps round


def release(make_config):
    """The release's method: a queue, dropout and random views."""
    cfg = make_config('transferattn_release_demo')
    cfg.train_dataloader.sampler.epoch_length = 2 * STEPS
    cfg.train_cfg.update(max_epochs=EPOCHS, val_interval=2)
    assert cfg.model.neck.attention.dropout == 0.2
    assert cfg.model.ib_head.queue_size > 0
    return cfg


def start(work_dir: str, *args) -> Started:
    return start_training('config.py', work_dir, *args)


def lines_of(work_dir: str, process: Started):
    """Lines of the log as they are written, until the process ends."""
    with open(f'{work_dir}.log') as log:
        ended = False
        while True:
            line = log.readline()
            if line:
                yield line
            elif ended:
                return
            else:
                ended = process.poll() is not None
                time.sleep(0.001)


def steps_in(line: str) -> tuple:
    found = re.search(r'Epoch\(train\)\s+\[(\d+)\]\[\s*(\d+)/', line)
    return found and (int(found[1]), int(found[2]))


def start_and_kill(work_dir: str, *args) -> None:
    """SIGKILL once the second epoch has begun."""
    process, last = start(work_dir, *args), None
    for line in lines_of(work_dir, process):
        last = steps_in(line) or last
        if last and last >= (2, 2):
            process.kill()
    assert process.wait() == -signal.SIGKILL, log_of(work_dir)
    assert (2, 2) <= last < (EPOCHS, STEPS)


def log_of(work_dir: str) -> str:
    return Path(f'{work_dir}.log').read_text()


def finish(work_dir: str, process: Started) -> None:
    assert process.wait(timeout=600) == 0, log_of(work_dir)[-4000:]


def read(work_dir: str, epoch: int) -> dict:
    file = Path(work_dir, f'epoch_{epoch}.pth')
    return torch.load(file, weights_only=True)


def check_same(work_dir: str, uninterrupted: str) -> None:
    """Weights, buffers, optimizer and schedules at the end."""
    found, wanted = (read(d, EPOCHS) for d in (work_dir, uninterrupted))
    check_same_state(found, wanted)
    assert wanted['meta']['iter'] == EPOCHS * STEPS


def check_interruption(work_dir: str) -> dict:
    """The last checkpoint is of a training under way, its queue full."""
    last = Path(work_dir, 'last_checkpoint').read_text()
    checkpoint = torch.load(last, weights_only=True)
    assert 1 <= checkpoint['meta']['epoch'] < EPOCHS
    labels = checkpoint['state_dict']['ib_head.queue_labels']
    assert len(labels) and (labels >= 0).all()
    return checkpoint


@pytest.mark.full  # tests/faults/test_kills.py has a shorter chain
def test_killed_and_resumed(make_config):
    """Without workers and without a seed; with two workers and that seed.

    A resumed process without a seed draws another one and goes on with the
    first. The uninterrupted training has no workers: their number must not
    matter. Two processes run at a time.
    """
    release(make_config).dump('config.py')
    unset = ('--cfg-options', 'randomness.seed=None')
    start_and_kill('plain', *unset)
    seed = check_interruption('plain')['meta']['seed']
    workers = (
        '--seed',
        str(seed),
        '--cfg-options',
        'train_dataloader.num_workers=2',
    )
    whole = start('whole', '--seed', str(seed))
    start_and_kill('workers', *workers)
    check_interruption('workers')
    finish('whole', whole)
    resumed = dict(
        plain=start('plain', '--resume', *unset),
        workers=start('workers', '--resume', *workers),
    )
    for work_dir, process in resumed.items():
        finish(work_dir, process)
        assert 'resumed epoch' in log_of(work_dir)
    for work_dir in ('plain', 'workers'):
        check_same(work_dir, 'whole')


class LastCheckpoint(Hook):
    """Looks for a whole checkpoint while the next one is written."""

    def __init__(self) -> None:
        self.epochs = []

    def before_save_checkpoint(self, runner, checkpoint) -> None:
        if runner.epoch:
            last = check_interruption(runner.work_dir)
            self.epochs.append(last['meta']['epoch'])


def test_a_kill_while_saving_leaves_a_checkpoint(make_config):
    cfg = release(make_config)
    hook = LastCheckpoint()
    train(cfg, hook)
    assert hook.epochs == [1, 2]


class Interruption(Hook):
    """Raises within the second epoch."""

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        if runner.epoch == 1 and batch_idx == 1:
            raise KeyboardInterrupt


METHODS = ('udavt', 'ma2ltd', 'transvae', 'cleanadapt_frozen') + (
    'transferattn_source_free',
    *(
        pytest.param(name, marks=pytest.mark.full)
        for name in (
            *('dann', 'mmd', 'jan', 'coral', 'entropy', 'transferattn_tam'),
            *('udavt_tam', 'udavt_dtab', 'ta3n', 'cleanadapt_ts'),
            *('transferattn_multimodal', 'unite', 'motion_tokens'),
        )
    ),
)


@pytest.mark.parametrize('method', METHODS)
def test_every_method_resumes(method, make_config):
    cfg = make_config(f'{method}_demo')
    cfg.train_cfg.update(max_epochs=2, val_interval=2)
    whole = state_of(train(cfg).model)

    cfg.work_dir = 'interrupted'
    with pytest.raises(KeyboardInterrupt):
        train(cfg, Interruption())
    assert Path('interrupted/epoch_1.pth').is_file()
    cfg.resume = True
    runner = make_runner(cfg)
    runner.train()
    assert runner.train_loop.epoch == 2
    assert not differing(whole, state_of(runner.model))


class InterruptedValidation(Hook):
    """Raises in the validation, behind the last checkpoint."""

    def before_val_epoch(self, runner) -> None:
        raise KeyboardInterrupt


def test_an_interrupted_last_validation_is_made_up_for(make_config):
    cfg = make_config('source_only_demo')
    train(cfg)
    whole = read_validations(cfg.work_dir)

    cfg.work_dir = 'interrupted'
    with pytest.raises(KeyboardInterrupt):
        train(cfg, InterruptedValidation())
    assert Path('interrupted/epoch_1.pth').is_file()
    assert not read_validations('interrupted')
    cfg.resume = True
    make_runner(cfg).train()
    assert read_validations('interrupted') == whole and whole

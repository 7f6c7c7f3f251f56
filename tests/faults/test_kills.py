"""Trainings that are killed, again and again, end as if they never were.

Each chain of kills is one training: it is begun, ended at a moment, gone on
with by ``--resume``, ended at the next … and finished.
"""

import shutil
from pathlib import Path
from typing import List

import pytest
import torch
from helpers.configs import small_config, two_stages
from helpers.kills import INT, KILL, TERM, Moment, finish, kill
from helpers.runs import check_same_state, differing
from safetensors.torch import load_file

from mmaction_uda.evaluation import read_predictions, read_validations

EPOCHS, STEPS = 3, 3
CHECKPOINT, WEIGHTS = f'epoch_{EPOCHS}.pth', 'weights.safetensors'


def of(kind: str, what: str = '', number: int = 1, signal=KILL) -> Moment:
    return Moment(kind, what, number, signal)


QUICK = [
    of('backward', number=2),
    of('write', 'epoch_1.pth*'),
    of('hook', 'before_val_epoch', signal=TERM),
    of('hook', 'after_train_iter', 2, INT),
    of('write', 'epoch_3.pth*'),
    of('rename', f'{WEIGHTS}*'),
]
CHAINS = dict(
    steps=[
        of('hook', 'before_train'),
        of('hook', 'before_train_iter', signal=TERM),
        of('backward', number=2, signal=INT),
        of('hook', 'after_train_iter', STEPS),  # of the epoch
        of('backward', number=STEPS + 2),
        of('hook', 'after_train_iter', 2, TERM),
        of('hook', 'before_train_iter', STEPS + 1, INT),
    ],
    checkpoints=[
        of('open', 'epoch_1.pth*'),
        of('write', 'epoch_1.pth*'),
        of('write', 'epoch_2.pth*'),
        of('write', 'epoch_2.pth*', signal=TERM),
        of('remove', 'epoch_1.pth'),
        of('write', 'epoch_3.pth*'),
    ],
    pointers=[of('open', 'last_checkpoint*'), of('write', 'last_checkpoint*')],
    validations=[
        of('hook', 'before_val_epoch'),
        of('hook', 'after_val_iter', signal=TERM),
        of('hook', 'before_val_epoch', 2, INT),
        of('open', 'predictions.jsonl'),
        of('write', 'predictions.jsonl'),
        of('write', 'scalars.json'),
        of('hook', 'after_val_epoch'),
    ],
    end=[
        of('hook', 'before_val_epoch', EPOCHS),
        of('hook', 'after_val_epoch'),
        of('hook', 'after_train'),
        of('open', f'{WEIGHTS}*'),
        of('write', f'{WEIGHTS}*', signal=INT),
        of('write', f'{WEIGHTS}*'),
        of('rename', f'{WEIGHTS}*', signal=TERM),
        of('rename', f'{WEIGHTS}*'),
    ],
)
WORKERS = [
    of('backward', number=2),
    of('hook', 'after_train_iter', STEPS + 1, TERM),
    of('backward', number=2, signal=INT),
]
STAGES = [
    of('backward', number=2),
    of('write', 'epoch_1.pth*'),
    of('hook', 'before_train_epoch', 2, TERM),  # of the first stage
    of('write', f'{WEIGHTS}*'),
    of('rename', f'{WEIGHTS}*', signal=INT),
    of('open', 'shard_00000*', 2),  # tokens of the tuned net
    of('rename', 'shard_00000*', 2, TERM),
    of('hook', 'before_run', signal=INT),  # of the second stage
    of('backward', number=2),
    of('hook', 'before_val_epoch'),
    of('write', 'epoch_2.pth*'),
    of('rename', f'{WEIGHTS}*'),
]


@pytest.fixture(scope='module')
def given(demo_data, tmp_path_factory) -> Path:
    """A config of the release's method: a queue, dropout, random views."""
    folder = tmp_path_factory.mktemp('given')
    cfg = small_config('transferattn_release_demo', 'work')
    cfg.train_dataloader.sampler.epoch_length = 2 * STEPS
    cfg.train_cfg.update(max_epochs=EPOCHS, val_interval=1)
    cfg.model.ib_head.queue_size = 10  # is full, and wraps round
    cfg.dump(folder / 'config.py')
    (folder / 'data').symlink_to(demo_data)
    return folder


def copied(given: Path, tmp_path: Path) -> Path:
    """A folder with its own work directory."""
    folder = tmp_path / 'case'
    return Path(shutil.copytree(given, folder, symlinks=True))


@pytest.fixture(scope='module')
def whole(given, tmp_path_factory) -> Path:
    """The training in one go."""
    folder = copied(given, tmp_path_factory.mktemp('whole'))
    finish(folder, 'train.py', 'config.py')
    return folder


def check_equal(folder: Path, whole: Path, checkpoint=CHECKPOINT) -> None:
    """All that a training leaves behind."""
    found, wanted = (
        torch.load(f / 'work' / checkpoint, weights_only=True)
        for f in (folder, whole)
    )
    check_same_state(found, wanted)
    files = (f / 'work' / WEIGHTS for f in (folder, whole))
    assert not differing(*map(load_file, files))
    for read in (read_validations, read_predictions):
        found, wanted = (read(str(f / 'work')) for f in (folder, whole))
        assert found == wanted and wanted
    rubbish = [*folder.rglob('*.tmp'), *folder.rglob('*.part')]
    assert not rubbish


def run_chain(folder: Path, moments: List[Moment], count, *args) -> None:
    for number, moment in enumerate(moments):
        resume = ('--resume',) if number else ()
        kill(folder, moment, 'train.py', 'config.py', *resume, *args)
    finish(folder, 'train.py', 'config.py', '--resume', *args)
    count('tried: kills', len(moments))


def test_killed_six_times(given, whole, tmp_path, record_property):
    folder = copied(given, tmp_path)
    run_chain(folder, QUICK, record_property)
    check_equal(folder, whole)


@pytest.mark.full
@pytest.mark.parametrize('name', CHAINS)
def test_killed_and_resumed(given, whole, tmp_path, name, record_property):
    folder = copied(given, tmp_path)
    run_chain(folder, CHAINS[name], record_property)
    check_equal(folder, whole)


@pytest.mark.full
def test_killed_with_workers(given, whole, tmp_path, record_property):
    folder = copied(given, tmp_path)
    workers = ('--cfg-options', 'train_dataloader.num_workers=2')
    run_chain(folder, WORKERS, record_property, *workers)
    check_equal(folder, whole)


@pytest.mark.full
def test_killed_in_two_stages(given, tmp_path, monkeypatch, record_property):
    folder = copied(given, tmp_path)
    monkeypatch.chdir(folder)
    cfg = two_stages()
    cfg.train_cfg.update(max_epochs=2)
    cfg.train_dataloader.sampler.epoch_length = 2 * STEPS
    cfg.dump('config.py')
    whole = copied(folder, tmp_path / 'whole')
    finish(whole, 'train.py', 'config.py')
    run_chain(folder, STAGES, record_property)
    check_equal(folder, whole, 'epoch_2.pth')
    check_equal_tokens(folder, whole)


def check_equal_tokens(folder: Path, whole: Path) -> None:
    """Weights of the first stage, and the tokens of its net."""
    first = (f / 'work/phase1' / WEIGHTS for f in (folder, whole))
    assert not differing(*map(load_file, first))
    tokens = [f.relative_to(whole) for f in whole.rglob('shard_*.npy')]
    assert tokens
    for file in tokens:
        assert (folder / file).read_bytes() == (whole / file).read_bytes()


@pytest.mark.full
@pytest.mark.parametrize('signal', [KILL, TERM, INT])
def test_killed_in_a_test(whole, tmp_path, signal, record_property):
    """Nothing is written that the next one would stumble over."""
    folder = copied(whole, tmp_path)
    call = ('test.py', 'config.py', f'work/{CHECKPOINT}')
    kill(folder, of('hook', 'after_test_iter', 1, signal), *call)
    finish(folder, *call)
    record_property('tried: kills', 1)
    check_equal(folder, whole)

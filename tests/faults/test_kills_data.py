"""Renderings and stores that are killed while they are made, then made.

All files must be those of one go, byte for byte.
"""

import json
import signal
from pathlib import Path

import pytest
from helpers.configs import small_config
from helpers.kills import INT, KILL, TERM, Moment, ended, finish, kill

RENDERED = [
    Moment('open', 'source_train.txt*'),
    Moment('write', 'source_train.txt*', signal=INT),
    Moment('rename', 'source_test.txt*'),
    Moment('rename', 'target_train.txt*', signal=TERM),
    Moment('write', 'benchmark.json*'),
    Moment('rename', 'benchmark.json*'),
]
EXTRACTED = [
    Moment('open', 'store.json*'),
    Moment('rename', 'store.json*', signal=TERM),
    Moment('open', 'shard_00000*'),
    Moment('write', 'shard_00000*'),
    Moment('rename', 'shard_00000*', signal=INT),
    Moment('rename', 'shard_00000*', 2),
    Moment('write', 'shard_00000*', 3, TERM),
    Moment('rename', 'shard_00000*', 4, KILL),
]
TOOL = 'extract_features.py', 'config.py'


@pytest.fixture
def folder(tmp_path) -> Path:
    """A config whose data are not there."""
    cfg = small_config('source_only_demo')
    cfg.prepare[0].update(num_train=1, num_test=1)
    for name in ('killed', 'whole'):
        (tmp_path / name).mkdir()
        cfg.dump(tmp_path / name / 'config.py')
    return tmp_path


def files(folder: Path) -> dict:
    """All that was made, but a lock that holds nothing, and times."""
    return {
        str(f.relative_to(folder)): content(f)
        for f in (folder / 'data').rglob('*')
        if f.is_file() and f.stat().st_size and f.name != 'read.json'
    }


def content(file: Path) -> bytes:
    """Without the times of change of videos, of which a shard keeps notes."""
    if not file.name.startswith('shard_') or file.suffix != '.json':
        return file.read_bytes()
    notes = json.loads(file.read_text())
    notes['keys'] = [digest for digest, _ in notes['keys']]
    return json.dumps(notes).encode()


@pytest.mark.full
@pytest.mark.parametrize('moments', [RENDERED, EXTRACTED])
def test_killed_and_made_again(folder, moments, record_property):
    killed, whole = folder / 'killed', folder / 'whole'
    finish(whole, *TOOL)
    for moment in moments:
        kill(killed, moment, *TOOL)
    finish(killed, *TOOL)
    found, wanted = files(killed), files(whole)
    assert found.keys() == wanted.keys()
    assert [name for name in wanted if found[name] != wanted[name]] == []
    assert sum(name.endswith('.npy') for name in wanted) == 4
    record_property('tried: kills', len(moments))


def test_signals_before_a_training(folder, record_property):
    """One line and an exit code that says which, as in a training."""
    killed = folder / 'killed'
    for moment in (
        Moment('rename', 'benchmark.json*', signal=TERM),
        Moment('rename', 'shard_00000*', signal=signal.SIGUSR1),
    ):
        code = ended(killed, moment, 'train.py', 'config.py')
        assert code == 128 + moment.signal
        said = (killed / 'tool.log').read_text()
        name = signal.Signals(moment.signal).name
        assert said.endswith(f'ended by {name}: what is stored is whole\n')
        assert 'Traceback' not in said
        record_property('tried: kills', 1)

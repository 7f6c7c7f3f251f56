import json
import multiprocessing
import os
import signal

import numpy as np
import pytest

from mmaction_uda.datasets import FeatureStore, feature_store

IDENTITY = dict(
    backbone=dict(type='ShiftNet'), layout='clip', weights='abc', pipeline=[]
)
NAMES = ['a.mp4', 'b/c.mp4', 'd.mp4', 'e.mp4', 'f.mp4']


@pytest.fixture(autouse=True)
def two_videos_a_shard(monkeypatch):
    monkeypatch.setattr(feature_store, 'SHARD_SIZE', 2)


def tokens(index: int) -> np.ndarray:
    """Video ``i`` has ``i + 1`` frames."""
    rng = np.random.default_rng(index)
    return rng.standard_normal((index + 1, 3)).astype(np.float32)


def fill(store: FeatureStore) -> list:
    """Make what is missing; return the numbers of those shards."""
    missing = store.missing_shards()
    for number in missing:
        store.write_shard(
            number, [tokens(i) for i in store.shard_range(number)]
        )
    return missing


def make(path, names=NAMES) -> str:
    fill(FeatureStore(str(path), IDENTITY, names))
    return str(path)


def check(path, names=NAMES) -> None:
    """Every token is there."""
    store = FeatureStore.open(str(path), names)
    for i in range(len(names)):
        assert store[i].dtype == np.float32
        assert np.array_equal(store[i], tokens(i))


# -- Reading and writing ----------------------------------------------------
def test_what_was_written_is_read(tmp_path):
    store = FeatureStore(str(tmp_path), IDENTITY, NAMES)
    assert [list(store.shard_range(n)) for n in range(store.num_shards)] == [
        [0, 1],
        [2, 3],
        [4],
    ]
    assert fill(store) == [0, 1, 2]
    check(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [
        *(f'shard_0000{n}.{e}' for n in range(3) for e in ('json', 'npy')),
        'store.json',
    ]


def test_one_shard_holds_512_videos(monkeypatch, tmp_path):
    monkeypatch.undo()
    for num, shards in ((512, 1), (513, 2)):
        names = [str(i) for i in range(num)]
        store = FeatureStore(str(tmp_path / str(num)), IDENTITY, names)
        assert store.missing_shards() == list(range(shards))


def test_tokens_are_mapped_not_read(tmp_path):
    store = FeatureStore.open(make(tmp_path), NAMES)
    base = store[3]
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    with pytest.raises(ValueError):
        store[3][0, 0] = 1  # read-only


def test_a_complete_store_is_left_alone(tmp_path):
    make(tmp_path)
    before = {
        f: os.stat(tmp_path / f).st_mtime_ns for f in os.listdir(tmp_path)
    }
    assert fill(FeatureStore(str(tmp_path), IDENTITY, NAMES)) == []
    after = {
        f: os.stat(tmp_path / f).st_mtime_ns for f in os.listdir(tmp_path)
    }
    assert before == after


def test_digest_tells_stores_apart(tmp_path):
    same = [FeatureStore(make(tmp_path / n), IDENTITY, NAMES) for n in 'ab']
    other = FeatureStore(str(tmp_path / 'c'), dict(layout='x'), NAMES)
    assert same[0].digest == same[1].digest != other.digest


# -- Killed extractions -----------------------------------------------------
def test_killed_between_tokens_and_json(tmp_path):
    make(tmp_path)
    os.remove(tmp_path / 'shard_00001.json')
    with pytest.raises(FileNotFoundError, match='shard_00001.json'):
        FeatureStore.open(str(tmp_path), NAMES)
    assert fill(FeatureStore(str(tmp_path), IDENTITY, NAMES)) == [1]
    check(tmp_path)


def write_half_and_die(path: str) -> None:
    with feature_store.written_aside(path) as file:
        file.write(b'half a sha')
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def test_killed_while_writing_leaves_no_half_file(tmp_path):
    """A real process, killed without a chance to clean up."""
    make(tmp_path)
    path = tmp_path / 'shard_00001.npy'
    whole = path.read_bytes()
    process = multiprocessing.get_context('fork').Process(
        target=write_half_and_die, args=(str(path),)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert len(list(tmp_path.glob('*.tmp'))) == 1  # it did write
    assert path.read_bytes() == whole
    check(tmp_path)


def test_an_error_while_writing_leaves_nothing(tmp_path):
    path = tmp_path / 'file'
    with pytest.raises(KeyError):
        with feature_store.written_aside(str(path)) as file:
            file.write(b'half')
            raise KeyError
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize('keep', [0.0, 0.5, 0.99])
def test_truncated_shard_is_named(tmp_path, keep):
    make(tmp_path)
    path = tmp_path / 'shard_00001.npy'
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(ValueError, match='shard_00001.npy') as error:
        FeatureStore.open(str(tmp_path), NAMES)
    assert 'Delete' in str(error.value)


def test_shard_with_other_rows_is_named(tmp_path):
    make(tmp_path)
    np.save(tmp_path / 'shard_00001.npy', np.zeros((4, 3), np.float32))
    with pytest.raises(ValueError, match='4 rows.*expected 7 rows') as error:
        FeatureStore.open(str(tmp_path), NAMES)
    assert 'shard_00001.npy' in str(error.value)


def test_shard_with_other_videos_is_named(tmp_path):
    make(tmp_path)
    file = tmp_path / 'shard_00000.json'
    file.write_text(json.dumps(dict(frames=[3])))
    with pytest.raises(ValueError, match='shard_00000'):
        FeatureStore.open(str(tmp_path), NAMES)


def test_no_store_at_all(tmp_path):
    with pytest.raises(FileNotFoundError, match='store.json') as error:
        FeatureStore.open(str(tmp_path / 'none'), NAMES)
    assert 'tools/train.py' in str(error.value)
    assert not (tmp_path / 'none').exists()


# -- Stale stores -----------------------------------------------------------
@pytest.mark.parametrize(
    'key, value',
    [
        ('weights', 'xyz'),
        ('layout', 'frame'),
        ('backbone', dict(type='ShiftNet', depth=2)),
        ('pipeline', [dict(type='Resize')]),
        ('preprocessor', dict(mean=[1.0])),
    ],
)
def test_features_of_another_origin_are_refused_by_name(tmp_path, key, value):
    path = make(tmp_path)
    with pytest.raises(ValueError, match=f'another {key}') as error:
        FeatureStore(path, {**IDENTITY, key: value}, NAMES)
    message = str(error.value)
    assert path in message and str(value) in message
    assert str(IDENTITY.get(key)) in message


@pytest.mark.parametrize('names', [NAMES[:4], NAMES + ['g.mp4'], NAMES[::-1]])
def test_another_list_is_refused(tmp_path, names):
    path = make(tmp_path)
    with pytest.raises(ValueError, match='other videos') as error:
        FeatureStore(path, IDENTITY, names)
    assert path in str(error.value) and f'{len(names)} in' in str(error.value)
    with pytest.raises(ValueError, match='other videos'):
        FeatureStore.open(path, names)


def test_tuples_and_lists_of_a_config_are_the_same(tmp_path):
    """JSON knows no tuples."""
    FeatureStore(str(tmp_path), dict(size=(224, 224)), NAMES)
    FeatureStore(str(tmp_path), dict(size=[224, 224]), NAMES)

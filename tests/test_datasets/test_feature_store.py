import json
import multiprocessing
import os
import pickle
import signal

import numpy as np
import pytest

from mmaction_uda.datasets.features import FeatureStore
from mmaction_uda.datasets.features import store as store_module
from mmaction_uda.datasets.features.filling import fill_shard
from mmaction_uda.datasets.features.writer import ShardWriter
from mmaction_uda.files import written_aside

IDENTITY = dict(
    backbone=dict(type='ShiftNet'), layout='clip', weights='abc', pipeline=[]
)
NAMES = ['a.mp4', 'b/c.mp4', 'd.mp4', 'e.mp4', 'f.mp4']
LABELS = [0, 1, -1, 0, 1]


@pytest.fixture(autouse=True)
def two_videos_a_shard(monkeypatch):
    monkeypatch.setattr(store_module, 'SHARD_SIZE', 2)


def tokens(index: int) -> np.ndarray:
    """Video ``i`` has ``i + 1`` frames."""
    rng = np.random.default_rng(index)
    return rng.standard_normal((index + 1, 3)).astype(np.float32)


def open_new(path, names=NAMES, **kwargs) -> FeatureStore:
    labels = (LABELS * 2)[: len(names)]
    return FeatureStore.make(str(path), IDENTITY, names, labels, **kwargs)


def fill(store: FeatureStore, make=tokens) -> list:
    """Make what is missing; returns the videos that were read."""
    seen = []

    def read(indices):
        for i in indices:
            seen.append(i)
            yield make(i)

    for number in range(store.num_shards):
        fill_shard(store, number, read)
    return seen


def make(path, **kwargs) -> str:
    fill(open_new(path, **kwargs))
    return str(path)


def check(path, names=NAMES) -> None:
    """Every token is there."""
    store = FeatureStore.open(str(path), names)
    store.verify()
    for i in range(len(names)):
        assert store[i].dtype == np.float32
        assert np.array_equal(store[i], tokens(i))


def content(path) -> dict:
    return {p.name: p.read_bytes() for p in path.iterdir()}


# -- reading and writing ----------------------------------------------------
def test_what_was_written_is_read(tmp_path):
    store = open_new(tmp_path)
    assert [list(store.shard_range(n)) for n in range(store.num_shards)] == [
        [0, 1],
        [2, 3],
        [4],
    ]
    assert fill(store) == [0, 1, 2, 3, 4]
    check(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [
        *(f'shard_0000{n}.{e}' for n in range(3) for e in ('json', 'npy')),
        'store.json',
    ]
    header = FeatureStore(str(tmp_path)).header
    assert (header.names, header.labels) == (NAMES, LABELS)


@pytest.mark.parametrize('number, shards', [(512, 1), (513, 2), (3000, 6)])
def test_one_shard_holds_512_videos(monkeypatch, tmp_path, number, shards):
    monkeypatch.undo()
    store = open_new(tmp_path, list(map(str, range(number))))
    assert store.missing_shards() == list(range(shards))


def test_tokens_are_mapped_not_read(tmp_path):
    store = FeatureStore.open(make(tmp_path), NAMES)
    base = store[3]
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    with pytest.raises(ValueError):
        store[3][0, 0] = 1  # read-only


def test_a_store_is_pickled_by_its_place(tmp_path):
    """So that spawned workers map it, too."""
    store = FeatureStore.open(make(tmp_path), NAMES)
    text = pickle.dumps(store)
    assert len(text) < 200
    assert np.array_equal(pickle.loads(text)[4], tokens(4))


def test_a_complete_store_is_left_alone(tmp_path):
    make(tmp_path)
    before = {
        f: os.stat(tmp_path / f).st_mtime_ns for f in os.listdir(tmp_path)
    }
    assert fill(open_new(tmp_path)) == []
    after = {
        f: os.stat(tmp_path / f).st_mtime_ns for f in os.listdir(tmp_path)
    }
    assert before == after


def test_float16(tmp_path):
    """Half the bytes, the nearest numbers."""
    store = FeatureStore.open(make(tmp_path, dtype='float16'), NAMES)
    store.verify()
    for i in range(len(NAMES)):
        assert store[i].dtype == np.float16
        assert np.array_equal(store[i], tokens(i).astype(np.float16))


@pytest.mark.parametrize(
    'dtype, bad, what',
    [
        ('float16', np.full((2, 3), 7e4), 'not finite as float16'),
        ('float32', np.full((2, 3), np.nan), 'not finite as float32'),
        ('float32', np.zeros((2, 4)), 'are 4 wide, those before 3'),
        ('float32', np.zeros((0, 3)), r'shape \(0, 3\)'),
        ('float32', np.zeros(3), r'shape \(3,\)'),
    ],
)
def test_tokens_that_no_model_could_use(tmp_path, dtype, bad, what):
    store = open_new(tmp_path, dtype=dtype)
    with pytest.raises(ValueError, match=f"'e.mp4' .*{what}"):
        fill(store, lambda i: bad if i == 3 else tokens(i))
    assert fill(store) == [3, 4]  # what came before is kept


# -- bad videos -------------------------------------------------------------
def test_bad_videos_are_kept_apart_and_tried_again(tmp_path):
    bad = {0: 'no video', 3: 'cut off'}
    fill(open_new(tmp_path / 'a'), lambda i: bad.get(i, tokens(i)))
    store = FeatureStore.open(str(tmp_path / 'a'), NAMES)
    store.verify()
    assert store.faults == bad
    assert store[0].shape == (0, 3) and store[3].shape == (0, 3)
    for i in (1, 2, 4):
        assert np.array_equal(store[i], tokens(i))
    assert store.unread(0, retry=False) == []
    assert store.unread(0, retry=True) == [0]
    assert fill(store, lambda i: bad[3] if i == 3 else tokens(i)) == [0, 3]
    assert FeatureStore.open(str(tmp_path / 'a')).faults == {3: 'cut off'}
    assert fill(store) == [3]
    make(tmp_path / 'b')
    assert content(tmp_path / 'a') == content(tmp_path / 'b')


def test_a_shard_of_bad_videos_alone(tmp_path):
    fill(open_new(tmp_path), lambda i: 'bad' if i < 2 else tokens(i))
    store = FeatureStore.open(str(tmp_path), NAMES)
    assert store.faults == {0: 'bad', 1: 'bad'}
    assert np.array_equal(store[2], tokens(2))
    assert fill(store) == [0, 1]
    check(tmp_path)


# -- killed extractions -----------------------------------------------------
def die_at(path: str, video: int, step: str) -> None:
    """Fill a store; be killed at ``video``, before or in its writing."""

    def kill(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    def remove(file: str):
        if '.part' in file:  # of a shard that is there
            kill()
        raise FileNotFoundError

    if step == 'finish':
        os.remove = remove
    elif step == 'rename':
        os.replace = kill

    def read(i: int) -> np.ndarray:
        if i == video and step == 'read':
            kill()
        elif i == video and step == 'log':
            json.dumps = kill  # rows are there, their line is not
        return tokens(i)

    fill(FeatureStore(path), read)


@pytest.mark.parametrize(
    'video, step, read',
    [
        (0, 'read', [0, 1, 2, 3, 4]),
        (3, 'read', [3, 4]),
        (3, 'log', [3, 4]),
        (0, 'rename', [2, 3, 4]),
        (0, 'finish', [2, 3, 4]),
    ],
)
def test_killed_at_any_step(tmp_path, video, step, read):
    """A real process, killed without a chance to clean up."""
    store = open_new(tmp_path / 'a')
    process = multiprocessing.get_context('fork').Process(
        target=die_at, args=(store.path, video, step)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert (tmp_path / 'a' / 'shard_00000.part').exists() == (video == 0)
    assert fill(store) == read
    store.clean()
    make(tmp_path / 'b')
    assert content(tmp_path / 'a') == content(tmp_path / 'b')


@pytest.mark.parametrize('ending', ['part', 'part.jsonl'])
@pytest.mark.parametrize('change', ['cut', 'flip'])
def test_what_a_crash_of_the_machine_may_leave(tmp_path, ending, change):
    """The longest run of whole videos is kept, not one more."""
    names = [str(i) for i in range(5)]
    stem = str(tmp_path / 'shard')
    with ShardWriter(stem, names, 'float32') as writer:
        for i in range(4):
            writer.append(tokens(i))
    file = tmp_path / f'shard.{ending}'
    data = bytearray(file.read_bytes())
    if change == 'cut':
        del data[-7:]
    else:
        data[len(data) // 2] ^= 8
    file.write_bytes(data)
    with ShardWriter(stem, names, 'float32') as writer:
        kept = len(writer)
        assert kept == 3 if change == 'cut' else 0 < kept < 4
        for i in range(kept, 5):
            writer.append(tokens(i))
    with ShardWriter(stem, names, 'float32') as writer:
        assert len(writer) == 5  # nothing of the rest stands between
        writer.finish()
    rows = np.load(tmp_path / 'shard.npy')
    assert np.array_equal(rows, np.concatenate([tokens(i) for i in range(5)]))


def test_a_bad_video_of_a_killed_start_is_tried_again(tmp_path):
    store = open_new(tmp_path)
    with ShardWriter(store.stem(0), NAMES[:2], 'float32') as writer:
        writer.append('bad')
    assert fill(store) == [1, 0, 2, 3, 4]
    check(tmp_path)


def hold(stem: str, ready, done) -> None:
    with ShardWriter(stem, ['a'], 'float32'):
        ready.set()
        done.wait(60)


def test_a_second_writer_is_refused(tmp_path):
    store = open_new(tmp_path)
    context = multiprocessing.get_context('fork')
    ready, done = context.Event(), context.Event()
    args = store.stem(1), ready, done
    process = context.Process(target=hold, args=args)
    process.start()
    assert ready.wait(60)
    with pytest.raises(RuntimeError, match='Another process .*shard_00001'):
        fill(store)
    done.set()
    process.join(60)
    fill(store)
    check(tmp_path)


def test_an_error_while_writing_leaves_nothing(tmp_path):
    path = tmp_path / 'file'
    with pytest.raises(KeyError):
        with written_aside(str(path)) as file:
            file.write(b'half')
            raise KeyError
    assert not os.listdir(tmp_path)


def test_leftovers_are_removed(tmp_path):
    make(tmp_path)
    before = content(tmp_path)
    for name in ('shard_00000.part', 'shard_00001.part.jsonl', 'x.1.tmp'):
        (tmp_path / name).touch()
    FeatureStore.open(str(tmp_path)).clean()
    assert content(tmp_path) == before


# -- damaged files ----------------------------------------------------------
def fault_of(path) -> str:
    """What a start of training says."""
    with pytest.raises(ValueError) as error:
        FeatureStore.open(str(path), NAMES).verify()
    message = str(error.value)
    assert 'Delete' in message and 'extract again' in message
    return message


@pytest.mark.parametrize('keep', [0.0, 0.5, 0.99])
@pytest.mark.parametrize('ending', ['npy', 'json'])
def test_truncated_shard_is_named(tmp_path, keep, ending):
    make(tmp_path)
    path = tmp_path / f'shard_00001.{ending}'
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    assert f'shard_00001.{ending}' in fault_of(tmp_path)


def test_any_flipped_byte_of_the_rows_is_named(tmp_path):
    make(tmp_path)
    path = tmp_path / 'shard_00001.npy'
    data = path.read_bytes()
    names = []
    for position in range(len(data) - 7 * 3 * 4, len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        path.write_bytes(changed)
        message = fault_of(tmp_path)
        assert 'shard_00001.npy' in message
        names += [n for n in NAMES if n in message]
    assert names == ['d.mp4'] * 3 * 12 + ['e.mp4'] * 4 * 12


def test_a_changed_header_never_changes_the_tokens(tmp_path):
    """Padding of a header may be changed; all else is refused by name."""
    make(tmp_path)
    path = tmp_path / 'shard_00001.npy'
    data = path.read_bytes()
    refused = 0
    for position in range(len(data) - 7 * 3 * 4):
        changed = bytearray(data)
        changed[position] ^= 1
        path.write_bytes(changed)
        try:
            check(tmp_path)
        except ValueError as error:
            refused += 1
            assert 'shard_00001.npy' in str(error)
    assert refused > 50


def test_flipped_digits_of_a_checksum(tmp_path):
    make(tmp_path)
    path = tmp_path / 'shard_00001.json'
    meta = json.loads(path.read_text())
    meta['crc32'][1] += 1
    path.write_text(json.dumps(meta))
    assert "'e.mp4'" in fault_of(tmp_path)


def test_shard_with_other_rows_is_named(tmp_path):
    make(tmp_path)
    np.save(tmp_path / 'shard_00001.npy', np.zeros((4, 3), np.float32))
    message = fault_of(tmp_path)
    assert 'shard_00001.npy' in message
    assert '(4, 3)' in message and 'expected 7 rows' in message


def test_shard_in_another_order_of_bytes_is_named(tmp_path):
    make(tmp_path)
    file = tmp_path / 'shard_00001.npy'
    rows = np.load(file)
    for changed in (np.asfortranarray(rows), rows.astype('>f4')):
        np.save(file, changed)
        assert 'shard_00001.npy' in fault_of(tmp_path)


def test_shard_with_other_videos_is_named(tmp_path):
    make(tmp_path)
    file = tmp_path / 'shard_00000.json'
    meta = json.loads(file.read_text())
    meta['frames'] = [3]
    file.write_text(json.dumps(meta))
    assert 'of 1 videos, expected 3 rows (float32) of 2' in fault_of(tmp_path)


def test_shards_of_different_width(tmp_path):
    make(tmp_path)
    store = open_new(tmp_path)
    (tmp_path / 'shard_00002.json').unlink()
    fill(store, lambda i: np.ones((2, 4)))
    message = fault_of(tmp_path)
    assert 'shard_00002.npy' in message and '4' in message


@pytest.mark.parametrize('text', ['{', '[]', '{"identity": {}}'])
def test_damaged_header(tmp_path, text):
    make(tmp_path)
    (tmp_path / 'store.json').write_text(text)
    assert 'store.json' in fault_of(tmp_path)


def test_lost_header(tmp_path):
    """Another one must not claim the shards."""
    make(tmp_path)
    (tmp_path / 'store.json').unlink()
    with pytest.raises(ValueError, match='holds shards, but no store.json'):
        open_new(tmp_path)


def test_missing_shard(tmp_path):
    make(tmp_path)
    os.remove(tmp_path / 'shard_00001.json')
    with pytest.raises(FileNotFoundError, match='shard_00001.json'):
        FeatureStore.open(str(tmp_path), NAMES)
    assert fill(open_new(tmp_path)) == [2, 3]
    check(tmp_path)


def test_no_store_at_all(tmp_path):
    with pytest.raises(FileNotFoundError, match='store.json') as error:
        FeatureStore.open(str(tmp_path / 'none'), NAMES)
    assert 'tools/train.py' in str(error.value)
    assert not (tmp_path / 'none').exists()


# -- stale stores -----------------------------------------------------------
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
        FeatureStore.make(path, {**IDENTITY, key: value}, NAMES, LABELS)
    message = str(error.value)
    assert path in message and str(value) in message
    assert str(IDENTITY.get(key)) in message
    assert 'Name another extraction.name' in message


def test_features_of_another_dtype_are_refused(tmp_path):
    make(tmp_path)
    with pytest.raises(ValueError, match='another dtype: float32 there'):
        open_new(tmp_path, dtype='float16')


@pytest.mark.parametrize(
    'names, what',
    [
        (NAMES[:4], "line 5: 'f.mp4' there, None in the list"),
        (NAMES + ['g.mp4'], "line 6: None there, 'g.mp4' in the list"),
        (
            ['a.mp4', 'd.mp4', 'b/c.mp4', 'e.mp4', 'f.mp4'],
            "line 2: 'b/c.mp4' there, 'd.mp4' in the list",
        ),
    ],
)
def test_another_list_is_refused_by_line(tmp_path, names, what):
    path = make(tmp_path)
    for open_store in (open_new, FeatureStore.open):
        with pytest.raises(ValueError, match='other videos') as error:
            open_store(path, names)
        message = str(error.value)
        assert path in message and what in message
        assert f'{len(names)} in the list' in message


def test_a_corrected_label_is_no_reason_to_extract_again(tmp_path):
    path = make(tmp_path)
    store = FeatureStore.make(path, IDENTITY, NAMES, [1] * 5)
    assert fill(store) == []
    assert FeatureStore.open(path).header.labels == [1] * 5
    check(tmp_path)


def test_tuples_and_lists_of_a_config_are_the_same(tmp_path):
    """JSON knows no tuples."""
    for size in ((224, 224), [224, 224]):
        FeatureStore.make(str(tmp_path), dict(size=size), NAMES, LABELS)

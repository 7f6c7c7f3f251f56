import json
import multiprocessing
import os
import pickle
import re
import shutil
import signal
import zlib

import numpy as np
import pytest

from mmaction_uda.datasets.features import FeatureStore, shards
from mmaction_uda.datasets.features.filling import Task, fill_shard, plan
from mmaction_uda.datasets.features.header import StoreHeader
from mmaction_uda.datasets.features.sources import Key, Source
from mmaction_uda.datasets.features.writer import ShardWriter
from mmaction_uda.files import HOST, written_aside

IDENTITY = dict(
    backbone=dict(type='ShiftNet'), layout='clip', weights='abc', pipeline=[]
)
NAMES = ['a.mp4', 'b/c.mp4', 'd.mp4', 'e.mp4', 'f.mp4']
LABELS = [0, 1, -1, 0, 1]


@pytest.fixture(autouse=True)
def two_videos_a_shard(monkeypatch):
    monkeypatch.setattr(shards, 'SHARD_SIZE', 2)


def tokens(index: int) -> np.ndarray:
    """Video ``i`` has ``i + 1`` frames."""
    rng = np.random.default_rng(index)
    return rng.standard_normal((index + 1, 3)).astype(np.float32)


def open_new(path, names=NAMES, **kwargs) -> FeatureStore:
    labels = [LABELS[i % 5] for i in range(len(names))]
    return FeatureStore.make(str(path), IDENTITY, names, labels, **kwargs)


def key_of(index: int) -> Key:
    """What the tokens of a video are made from."""
    return Key(f'{index:064x}', f'{index:016x}')


def fill(store: FeatureStore, make=tokens, names=None) -> list:
    """Make what is missing; returns the videos that were read."""
    names, seen = names or store.header.names, []

    def read(part):
        for name in part:
            i = store.header.names.index(name)
            seen.append(i)
            yield make(i), key_of(i)

    for task in plan(store, store.unread(names)):
        fill_shard(store, task, read)
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
    assert plan(store, NAMES) == [
        Task(0, NAMES[:2]),
        Task(1, NAMES[2:4]),
        Task(2, NAMES[4:]),
    ]
    assert fill(store) == [0, 1, 2, 3, 4]
    check(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [
        *(f'shard_0000{n}.{e}' for n in range(3) for e in ('json', 'npy')),
        'store.json',
    ]
    header = FeatureStore(str(tmp_path)).header
    assert (header.names, header.labels) == (NAMES, LABELS)


@pytest.mark.parametrize('number, count', [(512, 1), (513, 2), (3000, 6)])
def test_one_shard_holds_512_videos(monkeypatch, tmp_path, number, count):
    monkeypatch.undo()
    names = [*map(str, range(number))]
    tasks = plan(open_new(tmp_path, names), names)
    assert [task.number for task in tasks] == [*range(count)]
    assert sum((task.names for task in tasks), []) == names


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
    part = FeatureStore.open(store.path, ['e.mp4', 'a.mp4'])
    copy = pickle.loads(pickle.dumps(part))
    assert [len(copy[i]) for i in range(len(copy))] == [4, 1]


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
        ('float32', np.zeros((2, 4)), '4 wide, those before 3'),
        ('float32', np.zeros((0, 3)), r'shape \(0, 3\)'),
        ('float32', np.zeros(3), r'shape \(3,\)'),
    ],
)
def test_tokens_that_no_model_could_use(tmp_path, dtype, bad, what):
    """They are a fault of their video, which is read again."""
    store = open_new(tmp_path, dtype=dtype)
    fill(store, lambda i: bad if i == 3 else tokens(i))
    opened = FeatureStore.open(str(tmp_path))
    assert [*opened.faults] == [3] and re.search(what, opened.faults[3])
    assert fill(store) == [3]
    assert len(FeatureStore.open(str(tmp_path))[3]) == 4


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
    assert store.unread(NAMES, retry=False) == []
    assert store.unread(NAMES) == ['a.mp4', 'e.mp4']
    assert fill(store, lambda i: bad[3] if i == 3 else tokens(i)) == [0, 3]
    assert FeatureStore.open(str(tmp_path / 'a')).faults == {3: 'cut off'}
    assert fill(store) == [3]
    make(tmp_path / 'b')
    assert content(tmp_path / 'a') == content(tmp_path / 'b')


def test_a_damaged_shard_is_not_made_anew_as_a_whole_one(tmp_path):
    fill(open_new(tmp_path), lambda i: 'bad' if i == 3 else tokens(i))
    file = tmp_path / 'shard_00001.npy'
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ValueError, match="shard_00001.npy .*'d.mp4'"):
        fill(open_new(tmp_path))


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
    stem = str(tmp_path / 'shard')
    header = StoreHeader(IDENTITY, 'float32', 5, [*'01234'], [0] * 5)
    with ShardWriter(stem, header) as writer:
        for i in range(4):
            writer.append(str(i), tokens(i), key_of(i))
    file = tmp_path / f'shard.{ending}'
    data = bytearray(file.read_bytes())
    if change == 'cut':
        del data[-7:]
    else:
        data[len(data) // 2] ^= 8
    file.write_bytes(data)
    with ShardWriter(stem, header) as writer:
        kept = len(writer.videos)
        assert kept == 3 if change == 'cut' else 0 < kept < 4
        for i in range(kept, 5):
            writer.append(str(i), tokens(i), key_of(i))
    with ShardWriter(stem, header) as writer:
        assert [*writer.videos] == header.names  # nothing stands between
        writer.finish(header.names)
    rows = np.load(tmp_path / 'shard.npy')
    assert np.array_equal(rows, np.concatenate([tokens(i) for i in range(5)]))


def test_a_bad_video_of_a_killed_start_is_tried_again(tmp_path):
    store = open_new(tmp_path)
    with ShardWriter(store.stem(0), store.header) as writer:
        writer.append('a.mp4', 'bad')
    assert fill(store) == [0, 1, 2, 3, 4]
    check(tmp_path)


def hold(stem: str, header: StoreHeader, ready, done) -> None:
    with ShardWriter(stem, header):
        ready.set()
        done.wait(60)


def test_a_second_writer_is_refused(tmp_path):
    store = open_new(tmp_path)
    context = multiprocessing.get_context('fork')
    ready, done = context.Event(), context.Event()
    args = store.stem(1), store.header, ready, done
    process = context.Process(target=hold, args=args)
    process.start()
    assert ready.wait(60)
    with pytest.raises(RuntimeError, match='Another process .*shard_00001'):
        fill(store)
    store.clean()
    assert (tmp_path / 'shard_00001.part').exists()  # it is in use
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
    dead = multiprocessing.get_context('fork').Process()
    dead.start()
    dead.join()
    tmp = f'shard_00000.npy.{HOST}-{dead.pid}.tmp'
    for name in ('shard_00000.part', 'shard_00001.part.jsonl', tmp):
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
    assert 'frames=[3] of 2 videos' in fault_of(tmp_path)


def test_shards_of_different_width(tmp_path):
    make(tmp_path)
    store = open_new(tmp_path)
    (tmp_path / 'shard_00002.json').unlink()
    fill(store, lambda i: np.ones((2, 4)))
    message = fault_of(tmp_path)
    assert 'shard_00002.npy' in message and '4' in message


@pytest.mark.parametrize('text', ['{', '[]', '{"identity": {}}', '[' * 9999])
@pytest.mark.parametrize('name', ['store', 'shard_00001'])
def test_damaged_json(tmp_path, text, name):
    make(tmp_path)
    (tmp_path / f'{name}.json').write_text(text)
    assert f'{name}.json' in fault_of(tmp_path)


@pytest.mark.parametrize(
    'name, key, values',
    [
        ('store', 'identity', [None, 'x', []]),
        ('store', 'dtype', ['int8', 'object', 7, None]),
        ('store', 'shard_size', [0, -1, 2.5, '2', True, None, 1 << 70]),
        ('store', 'names', [[1] * 5, NAMES[:1] * 5, 'abcde', {}, None]),
        ('store', 'labels', [[0], ['0'] * 5, [0.5] * 5, 3, None]),
        ('shard_00000', 'names', [['a.mp4'], ['a.mp4'] * 2, [1, 2], None]),
        ('shard_00000', 'frames', [[-1, 4], [1.0, 2], [True, 2], [1 << 70]]),
        ('shard_00000', 'crc32', [[0], ['0', 1], [-1, 0], None]),
        ('shard_00000', 'faults', [{'0': 'x'}, {'9': 'x'}, {'x': 'x'}, []]),
        ('shard_00000', 'keys', [[None], [['a'], None], [[1, 2], None], 5]),
    ],
)
def test_numbers_that_no_store_has(tmp_path, name, key, values):
    make(tmp_path)
    file = tmp_path / f'{name}.json'
    content = json.loads(file.read_text())
    for value in values:
        file.write_text(json.dumps({**content, key: value}))
        message = fault_of(tmp_path)
        assert f'{name}.json' in message and 'is damaged' in message
        assert 'Error: ' in message


@pytest.mark.parametrize('other', ['names', 'identity', 'dtype'])
@pytest.mark.parametrize('number', [0, 7])  # over another shard, beside it
def test_a_shard_of_another_store_is_refused_by_name(tmp_path, other, number):
    path = make(tmp_path / 'a')
    names = [f'b/{name}' for name in NAMES] if other == 'names' else NAMES
    identity = {**IDENTITY, **({other: 1} if other == 'identity' else {})}
    dtype = 'float16' if other == 'dtype' else 'float32'
    theirs = FeatureStore.make(
        str(tmp_path / 'b'), identity, names, LABELS, dtype
    )
    fill(theirs)
    for ending in ('npy', 'json'):
        shutil.copy(
            f'{theirs.stem(0)}.{ending}',
            f'{FeatureStore(path).stem(number)}.{ending}',
        )
    message = fault_of(path)
    assert f'shard_0000{number}.json is a shard of another store' in message
    part = FeatureStore(path).stem(8)
    with ShardWriter(FeatureStore(theirs.path).stem(0), theirs.header) as new:
        new.append('e.mp4', np.zeros((1, 3)))
    for ending in ('part', 'part.jsonl'):
        shutil.copy(f'{theirs.stem(0)}.{ending}', f'{part}.{ending}')
    if other != 'names':  # its rows are not taken, either
        with ShardWriter(part, FeatureStore(path).header) as new:
            assert not new.videos


# -- what videos are made of ------------------------------------------------
def test_keys_of_files_and_folders(tmp_path):
    """Bytes, notes and names inside count; times and places do not."""
    for name in ('a', 'b'):
        (tmp_path / name).mkdir()
        for i in range(3):
            (tmp_path / name / f'img_{i}.jpg').write_bytes(bytes([i]))
    (tmp_path / 'b/.hidden').touch()
    os.utime(tmp_path / 'b/img_1.jpg', ns=(0, 0))
    folder = Source(str(tmp_path / 'a'), dict(total_frames=3))
    key = folder.key()
    moved = Source(str(tmp_path / 'b'), dict(total_frames=3), 7)
    assert moved.touched(key) and moved.key(key).digest == key.digest
    assert not moved.touched(moved.key()) and folder.key(key) is key
    fewer = Source(folder.path, dict(total_frames=2))
    assert fewer.key(key).digest != key.digest
    file = tmp_path / 'a/img_1.jpg'
    time = file.stat().st_mtime_ns
    file.write_bytes(b'x')
    os.utime(file, ns=(time + 1, time + 1))
    assert folder.key(key).digest != key.digest
    file.rename(tmp_path / 'a/img_4.jpg')
    renamed = folder.key(key).digest
    assert renamed not in (key.digest, fewer.key().digest)
    video = Source(str(tmp_path / 'a/img_4.jpg'), {})
    assert len(video.key().digest) == 64
    shutil.rmtree(tmp_path / 'a')
    assert folder.key(key) is key and folder.key() is None
    os.mkfifo(tmp_path / 'a')
    assert folder.key(key).digest != key.digest  # it is not waited for


# -- numbers ----------------------------------------------------------------
def rewrite(path, change, **notes) -> None:
    """Change rows of shard 1, and their checksums with them."""
    file = path / 'shard_00001'
    rows = np.load(f'{file}.npy')
    change(rows)
    np.save(f'{file}.npy', rows)
    content = json.loads(file.with_suffix('.json').read_text())
    ends = np.cumsum([0, *content['frames']])
    sums = [zlib.crc32(rows[a:b].data) for a, b in zip(ends, ends[1:])]
    content.update(crc32=sums, **notes)
    file.with_suffix('.json').write_text(json.dumps(content))


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_numbers_that_others_wrote_are_looked_at(tmp_path, value):
    """Once: then the shard says that they are finite."""
    make(tmp_path)
    rewrite(tmp_path, lambda rows: rows.__setitem__((5, 1), value))
    message = fault_of(tmp_path)
    assert "shard_00001.npy holds NaN or infinity for 'e.mp4'" in message


def test_the_mark_of_finite_rows(tmp_path, monkeypatch):
    make(tmp_path / 'a')
    make(tmp_path / 'b')
    rewrite(tmp_path / 'b', lambda rows: None, finite=None)
    looked, isfinite = [], np.isfinite
    monkeypatch.setattr(
        np, 'isfinite', lambda rows: looked.append(1) or isfinite(rows)
    )
    FeatureStore.open(str(tmp_path / 'a')).verify()
    assert not looked
    for _ in range(2):
        FeatureStore.open(str(tmp_path / 'b')).verify()
        assert len(looked) == 2  # the two videos of this shard
    assert content(tmp_path / 'a') == content(tmp_path / 'b')


# -- an older version -------------------------------------------------------
def age(path) -> None:
    """What this version adds is taken away."""
    for file in path.glob('shard_*.json'):
        notes = json.loads(file.read_text())
        for key in ('store', 'names', 'keys', 'finite'):
            del notes[key]
        file.write_text(json.dumps(notes))


def test_an_older_store_is_served_and_marked(tmp_path):
    make(tmp_path)
    before = content(tmp_path)
    age(tmp_path)
    check(tmp_path)
    check(tmp_path, NAMES[:2])
    after = content(tmp_path)
    assert [k for k in before if before[k] != after[k]] == [
        k for k in before if k.endswith('json') and k != 'store.json'
    ]
    assert 'finite' in json.loads(after['shard_00002.json'])


def test_an_older_store_grows(tmp_path):
    names = [*NAMES, 'g.mp4', 'h.mp4']
    make(tmp_path)
    age(tmp_path)
    store = open_new(tmp_path, ['h.mp4', 'g.mp4'])
    assert store.header.names == [*NAMES, 'h.mp4', 'g.mp4']
    assert fill(store) == [5, 6]
    store = FeatureStore.open(str(tmp_path), names)
    assert [len(store[i]) for i in range(7)] == [1, 2, 3, 4, 5, 7, 6]


def test_lost_header(tmp_path):
    """Another one must not claim the shards."""
    make(tmp_path)
    (tmp_path / 'store.json').unlink()
    with pytest.raises(ValueError, match='holds shards, but no store.json'):
        open_new(tmp_path)


def test_missing_shard(tmp_path):
    make(tmp_path)
    os.remove(tmp_path / 'shard_00001.json')
    with pytest.raises(FileNotFoundError, match="2 of 5 .* first 'd.mp4'"):
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


# -- lists ------------------------------------------------------------------
def test_rows_are_found_by_name(tmp_path):
    """Whatever the order; a video may be asked for twice, or not at all."""
    path = make(tmp_path)
    names = ['e.mp4', 'a.mp4', 'e.mp4', 'f.mp4']
    store = FeatureStore.open(path, names)
    assert len(store) == 4 and not store.faults
    for i, name in enumerate(names):
        assert np.array_equal(store[i], tokens(NAMES.index(name)))
    store.verify()


def test_a_list_that_grows_fills_new_shards(tmp_path):
    path = make(tmp_path)
    before = content(tmp_path)
    store = open_new(path, ['y.mp4', *NAMES[2:], 'z.mp4'])
    assert store.unread(['y.mp4', 'a.mp4', 'z.mp4']) == ['y.mp4', 'z.mp4']
    assert fill(store, names=['y.mp4', 'f.mp4', 'z.mp4']) == [5, 6]
    after = content(tmp_path)
    assert [k for k in before if before[k] != after[k]] == ['store.json']
    assert sorted({*after} - {*before}) == [
        'shard_00003.json',
        'shard_00003.npy',
    ]
    store = FeatureStore.open(path, ['z.mp4', 'b/c.mp4', 'y.mp4'])
    assert [len(store[i]) for i in range(3)] == [7, 2, 6]


def test_another_list_takes_what_a_killed_one_has_begun(tmp_path):
    store = open_new(tmp_path)
    with ShardWriter(store.stem(1), store.header) as writer:
        writer.append('e.mp4', tokens(3), key_of(3))
    names = ['f.mp4', 'e.mp4', 'x.mp4', 'a.mp4']
    store = open_new(tmp_path, names)
    tasks = plan(store, names)
    assert tasks == [Task(0, ['f.mp4', 'x.mp4']), Task(1, ['e.mp4', 'a.mp4'])]
    assert plan(store, ['a.mp4', 'b/c.mp4'], tasks) == [Task(2, ['b/c.mp4'])]
    assert fill(store, names=names) == [4, 5, 0]


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

"""Shards that were read once as a whole are not read again, unless changed."""

import json
import multiprocessing
import os
import shutil
import time

import numpy as np
import pytest
from mmaction.registry import DATASETS

from mmaction_uda import files
from mmaction_uda.datasets import FeatureStore
from mmaction_uda.datasets.features import filling, shards
from mmaction_uda.datasets.features.shard import Shard

NAMES = [f'{i}.mp4' for i in range(6)]  # two to a shard


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """A change shows in the times of a file after 20 ms, not 2 s."""
    monkeypatch.setattr(files, 'SETTLED', 2e7)
    monkeypatch.setattr(shards, 'SHARD_SIZE', 2)


@pytest.fixture
def reads(monkeypatch) -> list:
    """Shards that are read as a whole."""
    found, verify = [], Shard.verify

    def noted(self):
        found.append(os.path.basename(self.stem))
        verify(self)

    monkeypatch.setattr(Shard, 'verify', noted)
    return found


@pytest.fixture
def path(tmp_path) -> str:
    """A store that is old enough."""
    path = str(tmp_path / 'store')
    made = FeatureStore.make(path, {}, NAMES, [0] * 6)
    rng = np.random.default_rng(0)
    filling.fill(
        made, NAMES, lambda n: ((rng.random((9, 4)), None) for _ in n)
    )
    time.sleep(0.05)
    return path


def start(path: str, names=None) -> None:
    FeatureStore.open(path, names).verify_changed()


def flip(path: str, shard: str = 'shard_00001.npy') -> os.stat_result:
    """Change one bit of a shard in its place; what it was before."""
    file = os.path.join(path, shard)
    before = os.stat(file)
    with open(file, 'r+b') as rows:
        rows.seek(-5, os.SEEK_END)
        byte = rows.read(1)[0]
        rows.seek(-5, os.SEEK_END)
        rows.write(bytes([byte ^ 1]))
    return before


def test_the_next_start_reads_nothing(path, reads):
    start(path, NAMES[:2])
    start(path)
    assert reads == [f'shard_0000{n}' for n in (0, 1, 2)]
    start(path), start(path, NAMES[3:])
    assert len(reads) == 3
    FeatureStore.open(path).verify()  # an export
    assert len(reads) == 6


@pytest.mark.parametrize('restored', [False, True])
def test_a_flipped_bit_is_found(path, reads, restored):
    """Also where somebody has put the time of change back."""
    start(path)
    before = flip(path)
    file = f'{path}/shard_00001.npy'
    if restored:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        after = os.stat(file)
        assert (after.st_size, after.st_mtime_ns, after.st_ino) == (
            before.st_size,
            before.st_mtime_ns,
            before.st_ino,
        )
    for _ in range(2):
        time.sleep(0.05)
        with pytest.raises(ValueError, match='shard_00001.npy is damaged'):
            start(path)
    assert reads[3:] == ['shard_00001'] * 2


def test_a_replaced_file_and_other_checksums_are_found(path, reads):
    start(path)
    other = f'{path}/shard_00000.npy'
    shutil.copy2(other, f'{path}/shard_00002.npy')
    with pytest.raises(ValueError, match='shard_00002.npy is damaged'):
        start(path)
    notes = f'{path}/shard_00000.json'
    with open(notes) as lines:
        content = json.load(lines)
    content['crc32'][1] ^= 1
    with open(notes, 'w') as lines:
        json.dump(content, lines)
    with pytest.raises(ValueError, match='shard_00000.npy is damaged'):
        start(path)
    assert reads[3:] == ['shard_00002', 'shard_00000']


def test_a_copied_store_is_read_once(path, reads, tmp_path):
    start(path)
    copy = shutil.copytree(path, str(tmp_path / 'copy'))
    time.sleep(0.05)
    flip(copy)
    time.sleep(0.05)
    with pytest.raises(ValueError, match='shard_00001.npy is damaged'):
        start(copy)
    flip(copy)
    time.sleep(0.05)
    start(copy), start(copy), start(path)
    assert reads[3:] == [f'shard_0000{n}' for n in (0, 1, 0, 1, 2)]


@pytest.mark.parametrize(
    'text', ['', '[]', '{"shard_00000": 1}', '[' * 100_000, '\xff', None]
)
def test_what_cannot_be_used_means_reading_again(path, reads, text):
    """Damaged, foreign, or not to be written."""
    memory = f'{path}/read.json'
    if text is None:
        os.mkdir(memory)
    else:
        with open(memory, 'w', encoding='latin-1') as lines:
            lines.write(text)
    start(path)
    assert len(reads) == 3
    start(path)
    assert len(reads) == (3 if text is not None else 6)
    left = {'read.json', 'store.json'}
    shards = {f'shard_0000{n}.{e}' for n in range(3) for e in ('npy', 'json')}
    assert {*os.listdir(path)} == shards | left


def test_a_new_file_is_not_remembered(path, reads, monkeypatch):
    """The next change might get the same times."""
    monkeypatch.setattr(files, 'SETTLED', 6e10)
    start(path), start(path)
    assert len(reads) == 6 and not os.path.exists(f'{path}/read.json')


def test_a_read_only_folder(path, reads):
    os.chmod(path, 0o555)
    if os.access(path, os.W_OK):
        pytest.skip('the superuser may write everywhere')
    start(path), start(path)
    assert len(reads) == 6


def starts(path: str, names: list) -> None:
    for _ in range(20):
        start(path, names)


def test_several_processes(path, reads):
    """What one of them has read, the others leave there."""
    fork = multiprocessing.get_context('fork')
    parts = NAMES[:2], NAMES[2:4], NAMES[4:], NAMES
    children = [fork.Process(target=starts, args=(path, p)) for p in parts]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 4
    start(path)
    assert not reads


# -- a store that is not in memory ------------------------------------------
def in_memory(file: str, start: int, size: int) -> bool:
    """Whether the system has these bytes without asking the disk."""
    rows = os.open(file, os.O_RDONLY)
    try:
        buffer = bytearray(size)
        return os.preadv(rows, [buffer], start, os.RWF_NOWAIT) == size
    except BlockingIOError:
        return False
    finally:
        os.close(rows)


def test_a_batch_is_read_ahead(tmp_path):
    """Its videos, wherever they lie in pages, are fetched; none is changed."""
    (tmp_path / 'list.txt').write_text(''.join(f'{n} 0\n' for n in NAMES))
    made = FeatureStore.make(str(tmp_path / 'store'), {}, NAMES, [0] * 6)
    rows = np.random.default_rng(0).random((6, 77, 1030), np.float32)
    filling.fill(made, NAMES, lambda n: ((rows[int(i[0])], None) for i in n))
    file = str(tmp_path / 'store/shard_00001.npy')
    tokens = os.open(file, os.O_RDONLY)
    os.posix_fadvise(tokens, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(tokens)
    size = rows[0].nbytes
    try:
        if in_memory(file, 128 + size, size):
            pytest.skip('files are always in memory here')
    except OSError:
        pytest.skip('whether files are in memory cannot be told here')
    dataset = DATASETS.build(
        dict(
            type='FeatureDataset',
            videos=dict(ann_file=str(tmp_path / 'list.txt')),
            extraction=dict(name='store'),
            store=str(tmp_path),
            pipeline=[],
        )
    )
    dataset.tokens.read_ahead([3, 3, 0])
    end = time.monotonic() + 20
    while not in_memory(file, 128 + size, size):
        assert time.monotonic() < end
        time.sleep(0.01)
    for i, item in zip((3, 0, 5), dataset.__getitems__([3, 0, -1])):
        assert np.array_equal(item['features'], rows[i])

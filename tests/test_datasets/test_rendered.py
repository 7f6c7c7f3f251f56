import json
import os.path as osp

import cv2
import decord
import numpy as np
import pytest

from mmaction_uda.datasets.rendered import CLASSES, RenderedBenchmark

LISTS = [
    f'{d}_{s}.txt' for d in ('source', 'target') for s in ('train', 'test')
]


def make(root, **kwargs):
    arguments = dict(num_train=2, num_test=1, num_frames=16, num_processes=2)
    arguments.update(kwargs)
    benchmark = RenderedBenchmark(str(root), **arguments)
    benchmark.prepare()
    return benchmark


def read(path):
    reader = decord.VideoReader(str(path))
    return reader.get_batch(range(len(reader))).asnumpy()


def listed(root, name):
    lines = (root / name).read_text().splitlines()
    return [(path, int(label)) for path, label in map(str.split, lines)]


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp('rendered')
    make(path)
    return path


def test_lists(root):
    assert len(CLASSES) >= 8
    for name in LISTS:
        domain, split = name[:-4].split('_')
        entries = listed(root, name)
        assert len(entries) == len(CLASSES) * dict(train=2, test=1)[split]
        for path, label in entries:
            assert path.startswith(f'{domain}/{split}/{CLASSES[label]}_')
            assert osp.isfile(root / path)


def test_every_reader_counts_the_frames(root):
    for path, _ in listed(root, 'target_train.txt'):
        assert read(root / path).shape == (16, 64, 64, 3)
        capture = cv2.VideoCapture(str(root / path))
        frames = 0
        while capture.read()[0]:
            frames += 1
        assert frames == 16


def test_videos_differ(root):
    paths = [p for name in LISTS for p, _ in listed(root, name)]
    first = {read(root / path)[0].tobytes() for path in paths}
    assert len(first) == len(paths)


def test_pixels_do_not_depend_on_the_processes(root, tmp_path):
    make(tmp_path, num_processes=1)
    for name in LISTS:
        assert (tmp_path / name).read_text() == (root / name).read_text()
        for path, _ in listed(root, name):
            assert (tmp_path / path).read_bytes() == (root / path).read_bytes()


def test_seed_changes_the_pixels(root, tmp_path):
    make(tmp_path, seed=1, num_train=1)
    path = listed(root, 'source_train.txt')[0][0]
    assert not np.array_equal(read(root / path), read(tmp_path / path))


def test_ready_root_is_left_alone(tmp_path):
    """Not even a lock is written: the disk may be read-only."""
    make(tmp_path, num_train=1)
    video = tmp_path / listed(tmp_path, 'source_train.txt')[0][0]
    before = video.stat().st_mtime_ns
    make(tmp_path, num_train=1, num_processes=1)
    assert video.stat().st_mtime_ns == before
    (tmp_path / '.lock').unlink()
    make(tmp_path, num_train=1)
    assert not (tmp_path / '.lock').exists()


def test_killed_run_is_made_right(root, tmp_path):
    make(tmp_path)
    (tmp_path / 'benchmark.json').unlink()
    cut, lost = [tmp_path / p for p, _ in listed(root, 'target_test.txt')[:2]]
    cut.write_bytes(cut.read_bytes()[:100])
    lost.rename(f'{lost}.part')
    make(tmp_path)
    for path, _ in listed(root, 'target_test.txt'):
        assert (tmp_path / path).read_bytes() == (root / path).read_bytes()
    assert not list(tmp_path.rglob('*.part'))
    assert (tmp_path / 'benchmark.json').is_file()


def test_foreign_root_is_refused(root):
    with pytest.raises(ValueError, match='another root') as error:
        make(root, severity=2.0)
    for part in ('benchmark.json', 'severity=1.0', 'severity=2.0', 'delete'):
        assert part in str(error.value)
    assert json.loads((root / 'benchmark.json').read_text())['severity'] == 1.0


def test_severity_moves_the_target_only(root, tmp_path):
    make(tmp_path, severity=0.0)

    def corner(base, name):
        return np.mean(
            [read(base / p)[:, :8, :8].mean() for p, _ in listed(base, name)]
        )

    source = corner(root, 'source_train.txt')
    assert corner(tmp_path, 'source_train.txt') == source
    assert abs(corner(tmp_path, 'target_train.txt') - source) < 30
    assert corner(root, 'target_train.txt') < source - 60


@pytest.mark.parametrize('fraction', [0.25, 0.5])
def test_distractors_replace_their_part(root, tmp_path, fraction):
    make(tmp_path, distractors=fraction)
    for name in ('source_train.txt', 'target_train.txt'):
        for path, _ in listed(root, name):
            error = np.abs(
                read(root / path).astype(int) - read(tmp_path / path)
            )
            changed = (error.mean(axis=(1, 2, 3)) > 12).sum()
            assert abs(changed - fraction * 16) <= 1, path


@pytest.mark.parametrize(
    'argument', [dict(severity=-1.0), dict(distractors=1.0), dict(size=63)]
)
def test_bad_arguments(tmp_path, argument):
    with pytest.raises(ValueError, match=next(iter(argument))):
        RenderedBenchmark(str(tmp_path), **argument)

"""Joints in their official files and in arrays, to lists and tokens."""

import json
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.configs import ROOT
from scipy.io import savemat

from mmaction_uda.config import load_config
from mmaction_uda.datasets import FeatureStore, shared_configs
from mmaction_uda.datasets.checks import check_overlap
from mmaction_uda.engine import checking

FOLDER = ROOT / 'tools/data/skeletons'
SHARED = os.environ.get('MMACTION_UDA_TEST_DATA')
CLASSES = 'catch clap pick push run sit stand throw walk wave'.split()
# head, neck, shoulders, elbows, wrists, hips, knees, ankles, left before
# right, by their places in the official files.
JHMDB = [2, 0, 4, 3, 8, 7, 12, 11, 6, 5, 10, 9, 14, 13]
UTD = [0, 1, 4, 8, 5, 9, 6, 10, 12, 16, 13, 17, 14, 18]
UTD_ACTIONS = dict(zip(CLASSES, (20, 4, 21, 18, 22, 25, 24, 5, 23, 3)))


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def build(monkeypatch, *args: str) -> None:
    """The tool, in this process."""
    path = str(FOLDER / 'build_stores.py')
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.setattr(sys, 'argv', [path, *args])
    runpy.run_path(path, run_name='__main__')


def refused(monkeypatch, capsys, *args: str) -> list:
    """What it says is wrong."""
    with pytest.raises(SystemExit) as end:
        build(monkeypatch, *args)
    assert end.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    return [line.removeprefix('error: ') for line in lines]


def joints(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def write_jhmdb(root: str, frames: int = 4) -> dict:
    """A training and a test video of each class; joints ``[2, 15, N]``."""
    written = {}
    for number, label in enumerate(['brush_hair', *CLASSES]):
        lines = []
        for flag in (1, 2):
            name = f'{label} & ({flag})'.replace(' ', '_')
            array = joints(10 * number + flag, 2, 15, frames)
            folder = Path(root, 'joint_positions', label, name)
            folder.mkdir(parents=True)
            other = dict(pos_img=0 * array, scale=np.ones((1, frames)))
            savemat(
                folder / 'joint_positions.mat', dict(pos_world=array, **other)
            )
            lines.append(f'{name}.avi {flag}\n')
            written[f'{label}/{name}'] = array
        file = Path(root, 'splits', f'{label}_test_split1.txt')
        file.parent.mkdir(exist_ok=True)
        file.write_text(''.join(lines))
    return written


def write_utd(root: str) -> dict:
    """Subjects 1 and 2, actions 1 to 27; joints ``[20, 3, N]``."""
    Path(root, 'Skeleton').mkdir(parents=True)
    written = {}
    for action in range(1, 28):
        for subject in (1, 2):
            name = f'a{action}_s{subject}_t1'
            written[name] = joints(1000 * subject + action, 20, 3, 5)
            file = Path(root, 'Skeleton', f'{name}_skeleton.mat')
            savemat(file, dict(d_skel=written[name]))
    return written


def write_nwucla(root: str) -> dict:
    """Subjects 1 and 2, three cameras; ``skeletons [N, 20, 3]``."""
    Path(root).mkdir(parents=True)
    written = {}
    for action in (1, 2, 3, 4, 5, 6, 8, 9, 11, 12):
        for subject in (1, 2):
            for view in (1, 2, 3):
                name = f'a{action:02d}_s{subject:02d}_e00_v{view:02d}'
                array = joints(100 * action + 10 * subject + view, 3, 20, 3)
                text = json.dumps(
                    dict(file_name=name, skeletons=array.tolist(), label=0)
                )
                Path(root, f'{name}.json').write_text(text)
                written[name] = array
    return written


def naive_tokens(frames: np.ndarray) -> np.ndarray:
    """Of joints ``[N, J, D]``, as the README says it."""
    places, squares = [], []
    for frame in frames:
        middle = sum(frame) / len(frame)
        places.append([joint - middle for joint in frame])
        squares += [sum((joint - middle) ** 2) for joint in frame]
    unit = (sum(squares) / len(squares)) ** 0.5
    places = np.array(places).reshape(len(frames), -1) / unit
    last = len(places) - 1
    tokens = []
    for i, place in enumerate(places):
        before, after = max(i - 1, 0), min(i + 1, last)
        velocity = (places[after] - places[before]) / (after - before)
        tokens.append([*place, *velocity])
    return np.array(tokens)


def read(file: str) -> dict:
    """Label and tokens of every video of a list, by name."""
    lines = [x.rsplit(' ', 1) for x in Path(file).read_text().splitlines()]
    names = [name for name, _ in lines]
    folder, name = file.removesuffix('.txt').rsplit('/', 1)
    store = FeatureStore.open(f'{folder}/features/{name}/skeleton', names)
    return {n: (int(y), store[i]) for i, (n, y) in enumerate(lines)}


def test_jhmdb_and_utd(monkeypatch):
    """Classes, splits and joints; x to the right and y down in both."""
    jhmdb, utd = write_jhmdb('official/jhmdb'), write_utd('official/utd')
    sets = ('jhmdb=official/jhmdb', 'utd=official/utd')
    build(monkeypatch, 'jhmdb2utd', *sets)
    for flag, split in ((1, 'train'), (2, 'test')):
        found = read(f'data/jhmdb_utd/jhmdb_{split}.txt')
        assert len(found) == 10
        for label, name in enumerate(CLASSES):
            name = f'{name}/{name}_&_({flag})'
            number, tokens = found[name]
            expected = naive_tokens(jhmdb[name].transpose(2, 1, 0)[:, JHMDB])
            assert number == label and tokens.shape == (4, 56)
            np.testing.assert_allclose(tokens, expected, rtol=1e-5, atol=1e-6)
        found = read(f'data/jhmdb_utd/utd_{split}.txt')
        assert len(found) == 10
        for label, action in enumerate(UTD_ACTIONS.values()):
            name = f'a{action}_s{flag}_t1'
            number, tokens = found[name]
            frames = utd[name].transpose(2, 0, 1)[:, UTD, :2]
            expected = naive_tokens(-frames)
            assert number == label
            np.testing.assert_allclose(tokens, expected, rtol=1e-5, atol=1e-6)


def test_nwucla(monkeypatch):
    """Cameras are domains; a further one is no list of the task."""
    written = write_nwucla('official')
    build(monkeypatch, 'nwucla3to1', 'nwucla=official')
    for subject, split in ((1, 'train'), (2, 'test')):
        for view in (1, 3):
            found = read(f'data/nwucla/nwucla{view}_{split}.txt')
            assert [number for number, _ in found.values()] == [*range(10)]
            for name, (_, tokens) in found.items():
                assert name[3:] == f'_s{subject:02d}_e00_v{view:02d}'
                expected = naive_tokens(written[name])
                assert tokens.shape == (3, 120)
                np.testing.assert_allclose(
                    tokens, expected, rtol=1e-5, atol=1e-6
                )
    assert len(os.listdir('data/nwucla')) == 5  # with features/


def arrays(seed: int, **others) -> dict:
    """Two videos of each class, of two and three frames of 14 joints."""
    count = 2 * len(CLASSES)
    length = np.where(np.arange(count) % 2, 3, 2)
    made = dict(
        joints=joints(seed, length.sum(), 14, 2).astype(np.float32),
        length=length,
        label=np.repeat(CLASSES, 2),
        split=np.tile(['train', 'test'], len(CLASSES)),
        names=np.array([f'joint{i}' for i in range(14)]),
    )
    return {k: v for k, v in {**made, **others}.items() if v is not None}


def test_arrays(monkeypatch):
    """Tokens by hand; a second run replaces those of the first."""
    for first in (3.0, 0.0):
        mine = arrays(0)
        mine['joints'][:2] = first
        mine['joints'][0, :2] = [[0, 0], [14, 0]]
        mine['joints'][1, :2] = [[0, 0], [0, 28]]
        np.savez('a.npz', **mine)
        np.savez('b.npz', **arrays(1, names=None))
        build(monkeypatch, 'utd2jhmdb', 'jhmdb=a.npz', 'utd=b.npz')
    label, tokens = read('data/jhmdb_utd/jhmdb_train.txt')['catch/00000']
    # Means (1, 0) and (0, 2); squares 13 + 13^2 and 4 times that, of 28.
    unit = (5 * (13 + 13**2) / 28) ** 0.5
    places = np.zeros((2, 14, 2))
    places[0, :, 0], places[0, 1, 0] = -1, 13
    places[1, :, 1], places[1, 1, 1] = -2, 26
    places = places.reshape(2, -1) / unit
    velocity = places[1] - places[0]
    expected = [[*places[0], *velocity], [*places[1], *velocity]]
    np.testing.assert_allclose(tokens, expected, rtol=1e-6, atol=1e-7)
    assert label == 0 and tokens.dtype == np.float32


def test_stores_are_those_of_the_configs(monkeypatch):
    """A setting finds its lists and stores, of the width it names."""
    for name in ('jhmdb', 'utd'):
        np.savez(f'{name}.npz', **arrays(0))
    build(monkeypatch, 'jhmdb2utd', 'jhmdb=jhmdb.npz', 'utd=utd.npz')
    for task in ('jhmdb2utd', 'utd2jhmdb'):
        cfg = load_config(f'source_only@skeleton_{task}')
        pair = cfg.train_dataloader.dataset
        for dataset in (pair.source, pair.target, cfg.test_dataloader.dataset):
            tokens = read(dataset.videos.ann_file).values()
            widths = {rows.shape[1] for _, rows in tokens}
            assert widths == {cfg.model.neck.in_channels}
            assert cfg.test_dataloader.dataset.extraction.name == 'skeleton'


def test_all_faults_are_told_at_once(monkeypatch, capsys):
    write_jhmdb('jhmdb')
    write_utd('utd')
    mat = Path('jhmdb/joint_positions/catch/catch_&_(1)/joint_positions.mat')
    mat.write_bytes(b'no file of Matlab')
    Path('jhmdb/splits/clap_test_split1.txt').unlink()
    Path('jhmdb/splits/run_test_split1.txt').write_text('a.avi 3\n')
    bad = dict(a20_s1_t1=np.ones((20, 2, 5)), a4_s1_t1=np.ones((20, 3, 5)))
    bad['a18_s1_t1'] = joints(0, 20, 3, 5)
    bad['a18_s1_t1'][4, 1, 2] = np.nan
    bad['a22_s1_t1'] = joints(0, 20, 3, 1)
    for name, array in bad.items():
        savemat(f'utd/Skeleton/{name}_skeleton.mat', dict(d_skel=array))
    faults = refused(
        monkeypatch, capsys, 'jhmdb2utd', 'jhmdb=jhmdb', 'utd=utd'
    )
    told = '\n'.join(faults)
    for part in (
        f"'{mat}' cannot be read",
        "'jhmdb/splits/clap_test_split1.txt' is not there. Take it from",
        "'jhmdb/splits/run_test_split1.txt': 'a.avi 3' is no video and 1",
        'd_skel is (20, 2, 5), not (20, 3, N)',
        "'a4_s1_t1': all joints lie at one place",
        "'a18_s1_t1': its joints are",
        'in frame 2, joint 2',
        "'a22_s1_t1': its joints have 1 frames, not 2 or more",
    ):
        assert part in told
    assert len(faults) == 7
    assert not Path('data').exists()


@pytest.mark.parametrize(
    ('sets', 'others', 'message'),
    [
        (['jhmdb=no'], {}, 'jhmdb=no: there is no such file or folder.'),
        (['mine=.'], {}, 'mine=.: only the official files of jhmdb, utd'),
        (['utd=.'], {}, "'.' holds no file that is named like a1_s1_t1_skel"),
        (['jhmdb=a.npz'], {}, 'utd_train has 0 videos of jhmdb, and none of'),
        (['jhmdb=a.npz'], dict(split=None), "'a.npz' has no array split; it"),
        (
            ['jhmdb=a.npz'],
            dict(split=np.array(20 * ['val'])),
            "'a.npz': split holds ['val'], not only train and test",
        ),
        (
            ['jhmdb=a.npz'],
            dict(length=np.array([50, 1])),
            "'a.npz': it has 2 length, 20 label, 20 split, 20 view, not one",
        ),
        (
            ['jhmdb=a.npz'],
            dict(length=np.full(20, 7)),
            "'a.npz': length adds up to 140, of 50",
        ),
        (
            ['jhmdb=a.npz'],
            dict(length=np.full(20, 2.5)),
            "'a.npz': length holds float64, not whole numbers. Correct the",
        ),
        (
            ['jhmdb=a.npz'],
            dict(joints=np.ones((50, 28))),
            "'a.npz': joints is (50, 28), not [frames, joints, axes]",
        ),
        (
            ['jhmdb=a.npz'],
            dict(label=np.repeat(['catch', 'walk'], 10)),
            'jhmdb_train has 10 videos of jhmdb, and none of clap, pick, push',
        ),
        (
            ['jhmdb=a.npz', 'utd=b.npz'],
            dict(names=np.array(14 * ['x'])),
            'Domains differ in their joints',
        ),
    ],
)
def test_what_cannot_be_read(monkeypatch, capsys, sets, others, message):
    np.savez('a.npz', **arrays(0, **others))
    np.savez('b.npz', **arrays(1))
    told = refused(monkeypatch, capsys, 'jhmdb2utd', *sets)
    assert any(line.startswith(message) for line in told), told


def test_pickles_are_not_loaded(monkeypatch, capsys):
    np.savez('a.npz', **arrays(0, label=np.array([CLASSES], object)))
    (told,) = refused(monkeypatch, capsys, 'jhmdb2utd', 'jhmdb=a.npz')
    assert told.startswith("'a.npz' is no .npz file: Object arrays cannot")


@pytest.mark.skipif(not SHARED, reason='needs MMACTION_UDA_TEST_DATA')
def test_real_skeletons(monkeypatch):
    """Numbers of videos of the splits."""
    root = Path(SHARED, 'skeletons')
    build(
        monkeypatch,
        'jhmdb2utd',
        f'jhmdb={root}/jhmdb_2d14.npz',
        f'utd={root}/utd_mhad_2d14.npz',
    )
    files = [f'data/jhmdb_utd/{name}' for name in ('jhmdb', 'utd')]
    assert len(read(f'{files[0]}_train.txt')) == 298
    assert len(read(f'{files[1]}_train.txt')) == 160
    assert len(read(f'{files[1]}_test.txt')) == 159


def test_a_name_in_two_sets_is_two_videos():
    """Numbers are given in each set anew; within one they are a video."""
    cfg = load_config('source_only@skeleton_jhmdb2utd')
    Path('data/jhmdb_utd').mkdir(parents=True)
    for name in ('jhmdb_train', 'utd_train', 'utd_test'):
        Path(f'data/jhmdb_utd/{name}.txt').write_text('sit/00219 5\n')
    pair = shared_configs(cfg.train_dataloader.dataset)
    source, target, tested = (
        checking.build(config).videos
        for config in (*pair.values(), cfg.test_dataloader.dataset)
    )
    check_overlap([source], tested)
    with pytest.raises(ValueError, match='1 of 1 videos'):
        check_overlap([target], tested)

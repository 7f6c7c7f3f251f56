"""Features of other code come in and go out bit by bit."""

import io
import json
import runpy
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.configs import ROOT
from helpers.runs import train

from mmaction_uda.datasets.features import FeatureStore, shards
from mmaction_uda.datasets.features.filling import fill
from mmaction_uda.datasets.features.layouts import (
    LAYOUTS,
    list_features,
    read_features,
    write_features,
)
from mmaction_uda.engine import pool, prepare
from mmaction_uda.lists import Line, match_names, read_list

NAMES = ['a/one (1).avi', 'a/two.avi', 'b/one!.mp4', 'b/x&y#z+.avi']


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A directory of its own, two videos a shard."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, 'SHARD_SIZE', 2)
    monkeypatch.setattr(pool, 'START_METHOD', 'fork')


def features(index: int, width: int = 6) -> np.ndarray:
    rng = np.random.default_rng(index)
    return rng.standard_normal((3 + index, width)).astype(np.float32)


def run(tool: str, monkeypatch, *args) -> None:
    """A tool, in this process."""
    folder = ROOT / 'tools' / 'data'
    monkeypatch.syspath_prepend(folder)
    path = str(folder / f'{tool}.py')
    monkeypatch.setattr(sys, 'argv', [path, *map(str, args)])
    runpy.run_path(path, run_name='__main__')


def import_features(monkeypatch, layout='t7', *args) -> FeatureStore:
    run(
        'import_features',
        monkeypatch,
        *('--layout', layout, '--root', 'root', '--list', 'list.txt'),
        *('--name', 'theirs', '--store', 'features', *args),
    )
    return FeatureStore.open('features/theirs')


def write_all(layout: str, names=NAMES) -> None:
    """What other code has made, and a list of it."""
    for index, name in enumerate(names):
        path = name.translate(str.maketrans('', '', '(),&!#+')).rsplit('.')[0]
        write_features(f'root/{path}', layout, features(index))
    text = ''.join(f'{n} {i % 2}\n' for i, n in enumerate(names))
    Path('list.txt').write_text(text.replace(' (', '_('))


# -- layouts ----------------------------------------------------------------
@pytest.mark.parametrize('layout', LAYOUTS)
@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
def test_what_is_written_is_read(layout, dtype):
    rows = features(4).astype(dtype)
    write_features('root/video', layout, rows)
    (path,) = list_features('root', layout)
    back = read_features(path, layout)
    assert back.dtype == dtype and np.array_equal(back, rows)


def test_t7_is_what_the_released_code_reads():
    rows = features(0)
    write_features('root/video', 't7', rows)
    files = sorted(Path('root/video').iterdir())
    assert [f.name for f in files] == [f'img_0000{i}.t7' for i in (1, 2, 3)]
    for file, row in zip(files, rows):
        assert torch.load(file).tolist() == row.tolist()
        assert file.stat().st_size < 3000  # one row, not all


@pytest.mark.parametrize('zipped', [True, False])
def test_both_formats_of_torch(zipped):
    Path('video').mkdir()
    for i, row in enumerate(features(0)):
        torch.save(
            torch.from_numpy(row),
            f'video/img_{i + 1:05d}.t7',
            _use_new_zipfile_serialization=zipped,
        )
    assert np.array_equal(read_features('video', 't7'), features(0))


def save(number: int, value) -> str:
    """Overwrite a frame of a video of five."""
    write_features('video', 't7', features(2))
    file = f'video/img_{number:05d}.t7'
    torch.save(value, file)
    return file


@pytest.mark.parametrize(
    'value, what',
    [
        (torch.zeros(1, 6), r'\(1, 6\), expected a 1-D tensor'),
        (torch.tensor(1.0), 'Tensor, expected a 1-D tensor'),
        ([0.0] * 6, 'list, expected a 1-D tensor'),
        (torch.zeros(6, dtype=torch.int64), 'int64, expected floats'),
        (torch.zeros(5), 'is 5 wide, the first frame 6'),
        (torch.zeros(1).expand(10**9), 'bytes claim to hold 4000000000'),
        (torch.zeros(6).to_sparse(), 'holds no values'),
        (torch.zeros(6, device='meta'), 'holds no values'),
        (Path('x'), 'cannot be read'),  # a pickle that is not only weights
    ],
)
def test_bad_frames_are_named(value, what):
    file = save(3, value)
    with pytest.raises(ValueError, match=f'{file}.*{what}'):
        read_features('video', 't7')


def test_gaps_and_damage_are_named():
    file = Path(save(5, torch.zeros(6)))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ValueError, match=f'{file}. cannot be read'):
        read_features('video', 't7')
    file.unlink()
    Path('video/img_00002.t7').unlink()
    with pytest.raises(ValueError, match='img_00002.t7. is missing'):
        read_features('video', 't7')
    Path('empty').mkdir()
    with pytest.raises(ValueError, match='empty. holds no img_00001.t7'):
        read_features('empty', 't7')


def test_what_is_trained_is_read_too():
    Path('video').mkdir()
    for i, row in enumerate(features(0)):
        frame = torch.nn.Parameter(torch.tensor(row).bfloat16())
        torch.save(frame, f'video/img_{i + 1:05d}.t7')
    wanted = torch.tensor(features(0)).bfloat16().float().numpy()
    assert np.array_equal(read_features('video', 't7'), wanted)


def npy_header(shape) -> bytes:
    """An array without its numbers."""
    header = dict(descr='<f4', fortran_order=False, shape=shape)
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def test_files_that_unpack_to_more_than_memory():
    """Found in their headers: nothing of that size is made."""
    many = 1 << 40
    Path('claim.npy').write_bytes(npy_header((many, 6)))
    with zipfile.ZipFile('claim.npz', 'w') as file:
        file.writestr('features.npy', npy_header((many, 6)))
    with zipfile.ZipFile('zeros.npz', 'w', zipfile.ZIP_DEFLATED) as file:
        zeros = bytes(68 << 20)
        file.writestr('features.npy', npy_header((17 << 10, 1024)) + zeros)
    with open('sparse.npy', 'wb') as file:
        file.write(npy_header((1 << 35, 6)))
        file.truncate(file.tell() + (24 << 35))
    Path('t7').mkdir()
    torch.save(torch.zeros(4 << 20), 'frame')
    with (
        zipfile.ZipFile('frame') as loose,
        zipfile.ZipFile('t7/img_00001.t7', 'w', zipfile.ZIP_DEFLATED) as file,
    ):
        for name in loose.namelist():
            file.writestr(name, loose.read(name))
    tracemalloc.start()
    for path, said in {
        'claim.npy': 'mmap length is greater',
        'claim.npz': 'claims 26388279066624 bytes, 0 are there',
        'zeros.npz': 'would unpack to 71303168',
        'sparse.npy': 'GiB of memory are free',
        't7': 'claim to hold 1677',
    }.items():
        with pytest.raises(ValueError, match=f'{path}.*{said}'):
            read_features(path, path.split('.')[-1])
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


@pytest.mark.parametrize('layout', ['npy', 'npz'])
def test_bad_arrays_are_named(layout):
    for rows, what in (
        (np.zeros(3), r'float64 of shape \(3,\)'),
        (np.zeros((2, 3), int), r'int64 of shape \(2, 3\)'),
        (np.array([{}]), 'cannot be read'),
    ):
        write_features('./video', layout, rows)
        with pytest.raises(ValueError, match=f'video.{layout}.*{what}'):
            read_features(f'video.{layout}', layout)


def test_arrays_of_an_npz():
    np.savez('one.npz', anything=features(0))
    np.savez('two.npz', features=features(0), fps=np.ones(1))
    np.savez('none.npz', x=features(0), y=features(0))
    for file in ('one.npz', 'two.npz'):
        assert np.array_equal(read_features(file, 'npz'), features(0))
    with pytest.raises(ValueError, match='none.npz.*features'):
        read_features('none.npz', 'npz')


# -- lists and names --------------------------------------------------------
def test_both_forms_of_a_list():
    Path('list.txt').write_text('./a/b.avi 3\nfolder 17 2\nalone.mp4')
    assert read_list('list.txt', frames=True) == [
        Line('a/b.avi', 3, None, 1),
        Line('folder', 2, 17, 2),
        Line('alone.mp4', -1, None, 3),
    ]


def test_names_with_blanks_tabs_and_a_mark(tmp_path):
    text = '\ufeffmy clip.mp4 0\r\n\n  a\tb/c d.avi\t2 \n7 9.mp4\n'
    Path('list.txt').write_text(text)
    assert read_list('list.txt') == [
        Line('my clip.mp4', 0, None, 1),
        Line('a\tb/c d.avi', 2, None, 3),
        Line('7 9.mp4', -1, None, 4),
    ]


@pytest.mark.parametrize(
    'line', ['a.avi x', '# my list', 'path label', 'a.avi 0.0', 'a.avi 17 2']
)
def test_other_lines_are_named(line):
    """All of them, with their numbers."""
    Path('list.txt').write_text(f'a.avi 1\n{line}\nb.avi 2\n{line}\n')
    with pytest.raises(ValueError) as error:
        read_list('list.txt')
    said = f"'list.txt', line 2: {line!r}; line 4: {line!r}: 2 of its lines"
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    'name, path',
    [
        ('Golf/v_x(1).avi', 'Golf/v_x1'),
        ('Golf/v_x(1).avi', 'v_x(1)'),
        ('source/train/v_x.mp4', 'source/train/v_x'),
        ('source/train/v_x.mp4', 'train/v_x'),
        ('v_x1', 'Golf/v_x(1).npy'),
        ('/data/features/Golf/v_x!', 'v_x'),
        ('/data/Golf/v,x.mp4', 'Golf/v,x.npz'),
        ('v_x.1.mp4', 'v_x.1'),
    ],
)
def test_names_match(name, path):
    paths = [f'root/{p}' for p in (path, 'other', 'Golf/other', 'Tee/v_y')]
    assert match_names([name, 'none'], paths, 'root') == {name: f'root/{path}'}


@pytest.mark.parametrize(
    'name, path', [('Golf/v_x', 'Tee/v_x'), ('v_x', 'v_xy'), ('v_x', 'V_X')]
)
def test_names_do_not_match(name, path):
    assert match_names([name], [f'root/{path}'], 'root') == {}


def test_the_better_match_counts():
    """An exact one before a sanitised one, more folders before fewer."""
    names = ['v', 'v!', 'a/w', 'b/w']
    paths = ['root/v', 'root/v!', 'root/a/w', 'root/w']
    assert match_names(names, paths, 'root') == dict(zip(names, paths))


def test_several_matches_are_refused():
    with pytest.raises(ValueError, match="'v' could be any of .*a/v.*b/v"):
        match_names(['v'], ['root/a/v', 'root/b/v'], 'root')
    with pytest.raises(ValueError, match="'root/v' could be 'v!' or 'v#'"):
        match_names(['v!', 'v#'], ['root/v'], 'root')


# -- tools ------------------------------------------------------------------
@pytest.mark.parametrize('layout', LAYOUTS)
@pytest.mark.parametrize('dtype', ['float32', 'float16'])
def test_round_trip(layout, dtype, monkeypatch):
    """In, out and in again."""
    write_all(layout, [n.replace(' ', '_') for n in NAMES])
    args = '--dtype', dtype
    first = import_features(monkeypatch, layout, *args, '--num-processes', 2)
    assert first.header.identity == dict(features='theirs')
    assert first.header.labels == [0, 1, 0, 1]
    for i in range(4):
        assert np.array_equal(first[i], features(i).astype(dtype))
    args = '--store', first.path, '--layout', layout, '--out', 'root2'
    run('export_features', monkeypatch, *args)
    lines = Path('root2/list.txt').read_text().splitlines()
    assert lines[1:3] == ['a/two 4 1', 'b/one! 5 0']
    Path('root').rename('gone')
    Path('root2').rename('root')
    Path('features').rename('before')
    Path('list.txt').write_text('\n'.join(lines))
    import_features(monkeypatch, layout, '--dtype', dtype)
    for name in ('shard_00000.npy', 'shard_00001.npy'):
        before, after = (
            Path(p, 'theirs', name).read_bytes()
            for p in ('before', 'features')
        )
        assert before == after


def test_missing_and_bad_videos_are_listed(monkeypatch, capsys):
    names = [f'{i}.avi' for i in range(5)]
    write_all('t7', names)
    Path('root/1/img_00002.t7').unlink()
    Path('root/3').rename('moved')
    Path('list.txt').write_text(
        ''.join(f'{n} {3 + i + (i == 4)} 0\n' for i, n in enumerate(names))
    )
    with pytest.raises(SystemExit, match='2'):
        import_features(monkeypatch)
    said = capsys.readouterr().err
    for part in (
        "3 of 5 videos of 'list.txt'",
        "1.avi: 'root/1/img_00002.t7' is missing",
        '3.avi: nothing fits this name',
        "4.avi: 'root/4' has 7 frames, the list 8",
    ):
        assert part in said
    store = FeatureStore.open('features/theirs')
    assert sorted(store.faults) == [1, 3, 4]
    assert np.array_equal(store[2], features(2))
    Path('moved').rename('root/3')
    write_features('root/1', 't7', features(1))
    write_features('root/4', 't7', features(5))
    store = import_features(monkeypatch)
    assert not store.faults
    assert np.array_equal(store[4], features(5))


def test_other_features_of_the_same_names_are_refused(monkeypatch, capsys):
    """Neither those of another list nor corrected ones come in unseen."""
    write_all('npy', ['v.avi', 'w.avi'])
    import_features(monkeypatch, 'npy')
    Path('root/v.npy').touch()
    import_features(monkeypatch, 'npy')
    write_features('root/w', 'npy', features(7))
    for args in ((), ('--pool-time', 2)):
        with pytest.raises(SystemExit, match='2'):
            import_features(monkeypatch, 'npy', *args)
        said = capsys.readouterr().err
        assert 'holds other features of' in said and 'Delete it' in said
    write_all('npy', ['v.avi'])
    write_features('root/w', 'npy', features(1))
    Path('list.txt').write_text('w.avi 3\n')
    store = import_features(monkeypatch, 'npy')
    assert store.names == ['v.avi', 'w.avi'] and store.header.labels == [0, 3]


def test_numbers_and_widths_that_are_no_features(monkeypatch, capsys):
    """Every such video is named; --channels says which width is right."""
    names = ['a.avi', 'b.avi', 'c.avi', 'd.avi']
    write_all('npy', names)
    bad = features(1)
    bad[1, 2] = np.nan
    write_features('root/b', 'npy', bad)
    write_features('root/c', 'npy', features(2).T)
    with pytest.raises(SystemExit, match='2'):
        import_features(monkeypatch, 'npy', '--channels', 6)
    said = capsys.readouterr().err
    assert '2 of 4 videos' in said
    assert 'b.avi: its tokens are not finite as float32' in said
    assert "c.avi: 'root/c.npy' is [6, 5], not [frames, 6]: --channels" in said


@pytest.mark.parametrize('args', [(), ('--channels', 9)])
def test_features_that_may_be_transposed(monkeypatch, capsys, args):
    for name in ('a', 'b'):
        write_features(f'root/{name}', 'npy', np.ones((6, 9)))
    Path('list.txt').write_text('a 0\nb 1\n')
    import_features(monkeypatch, 'npy', *args)
    said = 'all videos have 6 frames of 9 channels' in capsys.readouterr().out
    assert said == (not args)


def test_time_is_pooled(monkeypatch, capsys):
    """TranSVAE's index is 2 * channel + time."""
    write_all('npy', ['v.avi'])
    store = import_features(monkeypatch, 'npy', '--pool-time', 2)
    rows = features(0)
    mean = (rows[:, 0::2] + rows[:, 1::2]) / 2
    assert np.allclose(store[0], mean, rtol=1e-6)
    Path('features').rename('before')
    with pytest.raises(SystemExit, match='2'):
        import_features(monkeypatch, 'npy', '--pool-time', 4)
    assert '6 wide, no multiple of --pool-time' in capsys.readouterr().err


def test_names_that_lead_out_of_a_folder(monkeypatch, capsys):
    Path('out').mkdir()
    Path('out/link').symlink_to('..')
    outside = 'outside of'
    for number, (names, said) in enumerate(
        [
            (['../a.avi'], outside),
            (['a/../../b/c.avi'], outside),
            (['/tmp/a.avi'], outside),
            (['link/a.avi'], outside),
            (['..'], outside),
            (['a.avi', 'a.mp4'], 'no place of their own'),
            (['a.avi', 'b/../a.avi'], 'no place of their own'),
        ]
    ):
        path = str(number)
        store = FeatureStore.make(path, {}, names, [0] * len(names))
        fill(store, names, lambda part: ((features(0), None) for _ in part))
        with pytest.raises(SystemExit, match='2'):
            args = '--store', path, '--layout', 'npy', '--out', 'out'
            run('export_features', monkeypatch, *args)
        assert said in capsys.readouterr().err
    assert [p.name for p in Path('out').iterdir()] == ['link']


# -- training ---------------------------------------------------------------
def store_of(dataset: dict) -> str:
    """Where the tokens of a list lie that names no store."""
    file = Path(dataset.videos.ann_file)
    return str(file.parent / 'features' / file.stem)


def test_imported_features_train(make_config, monkeypatch):
    """The demo's features, out to .t7 and in under another name."""
    monkeypatch.setattr(shards, 'SHARD_SIZE', 16)
    cfg = make_config('source_only_demo')
    loaders = cfg.train_dataloader.dataset, cfg.val_dataloader
    datasets = [loaders[0].source, loaders[0].target, loaders[1].dataset]
    cfg.model.backbone = dict(
        type='FrozenBackbone', features='theirs', cached=True
    )
    for dataset in datasets:
        dataset.extraction = dict(name='theirs')
    datasets.append(cfg.val_cfg.source)  # read as the target's are
    with pytest.raises(ValueError) as error:
        prepare(cfg)
    for part in ("'theirs' were made elsewhere", 'import_features.py'):
        assert part in str(error.value)
    for dataset in datasets:
        args = '--layout', 't7', '--out', 'out'
        old = f'{store_of(dataset)}/shift_net'
        run('export_features', monkeypatch, '--store', old, *args)
        run(
            'import_features',
            monkeypatch,
            *('--layout', 't7', '--root', 'out'),
            *('--list', dataset.videos.ann_file),
            *('--name', 'theirs', '--store', store_of(dataset)),
        )
    cfg.test_dataloader = cfg.val_dataloader
    runner = train(cfg)
    assert runner.iter > 0
    seen = runner.train_dataloader.dataset.source.features
    assert seen.header.identity == dict(features='theirs')
    made = FeatureStore.open(f'{store_of(datasets[0])}/shift_net')
    for i in range(len(made.header.names)):
        assert np.array_equal(seen[i], made[i])
    cfg.model.backbone.features = 'others'
    with pytest.raises(ValueError, match='another features: theirs there'):
        prepare(cfg)


# -- bench ------------------------------------------------------------------
def test_bench(monkeypatch, capsys):
    path = str(ROOT / 'tools/bench/bench_features.py')
    sizes = '--videos 2 --frames 8 --size 32 --repeats 1 --gigabytes 0.002'
    arguments = [*sizes.split(), '--out', 'out.json']
    monkeypatch.setattr(sys, 'argv', [path, *arguments])
    monkeypatch.syspath_prepend(str(Path(path).parent))  # as python does
    runpy.run_path(path, run_name='__main__')
    figures = json.loads(Path('out.json').read_text())
    assert figures['read']['ratio'] > 1
    made = figures['made']
    for kind in ('small', 'large'):
        slower = min(
            made[f'{kind}_{half}'] for half in ('decoding', 'backbone')
        )
        ratio = made[f'{kind}_extraction'] / slower
        assert made[f'{kind}_ratio'] == pytest.approx(ratio)
    assert all(rate > 0 for rate in figures['read from a disk'].values())
    assert 'videos made per second' in capsys.readouterr().out

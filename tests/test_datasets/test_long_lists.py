"""What is done at once for long lists is what is done one by one."""

import gc
import hashlib
import json
import os
import os.path as osp
import time
from pathlib import Path

import pytest
import torch
from mmaction.registry import DATASETS

from mmaction_uda import files
from mmaction_uda.datasets.annotations import infos_of, names_below
from mmaction_uda.datasets.features import FeatureStore
from mmaction_uda.datasets.features.filling import fill
from mmaction_uda.datasets.features.sources import Source
from mmaction_uda.evaluation import validators
from mmaction_uda.evaluation.validators import Seen, soft_neighborhood_density
from mmaction_uda.garbage import no_collection


@pytest.mark.parametrize('root', ['', 'a', 'a/', 'a//', '/data', '.', '../b'])
def test_names(root):
    paths = ['a/b.mp4', 'a/../c.mp4', 'a//d', '/data/x/e.mp4', 'ab/f.mp4']
    paths += [osp.join(root, name) for name in ('g.mp4', '../h', '/i', 'j/k')]
    wanted = [osp.relpath(p, root) if root else osp.normpath(p) for p in paths]
    assert names_below(paths, root) == wanted


@pytest.fixture
def lists(tmp_path, monkeypatch):
    """Lists of videos and of frames, and a store of tokens of the first."""
    monkeypatch.chdir(tmp_path)
    names = [f'{i}.mp4' for i in range(9)]
    Path('videos.txt').write_text(''.join(f'{n} {n[0]}\n' for n in names))
    Path('frames.txt').write_text('a 5 1\nb 7 0\n')
    store = FeatureStore.make('store', {}, names, [0] * 9)
    rows = torch.rand(9, 3, 2).numpy()
    fill(store, names, lambda part: ((rows[int(n[0])], None) for n in part))


CONFIGS = [
    dict(type='VideoDataset', ann_file='videos.txt', pipeline=[]),
    dict(
        type='VideoDataset',
        ann_file='videos.txt',
        pipeline=[],
        multi_class=False,
        serialize_data=False,
    ),
    dict(
        type='RawframeDataset',
        ann_file='frames.txt',
        pipeline=[],
        start_index=3,
        modality='Flow',
    ),
    dict(
        type='FeatureDataset',
        videos=dict(ann_file='videos.txt'),
        extraction=dict(name=''),
        store='store',
        pipeline=[],
        indices=[2, 5, 8],
    ),
]


@pytest.mark.parametrize('config', CONFIGS)
def test_annotations(lists, config):
    dataset = DATASETS.build(config)
    wanted = [dataset.get_data_info(i) for i in range(len(dataset))]
    for info in wanted:
        info.pop('features', None)
    assert infos_of(dataset) == wanted and len(wanted) in (2, 3, 9)


def test_a_list_is_read_once_while_it_stays(lists):
    one, other = (DATASETS.build(CONFIGS[-1]) for _ in range(2))
    assert one.videos is other.videos
    file = Path('videos.txt')
    file.write_text(file.read_text().replace('3.mp4 3', '3.mp4 4'))
    assert DATASETS.build(CONFIGS[-1]).videos is not one.videos
    assert DATASETS.build(CONFIGS[-1]).labels[3:5] == [4, 4]
    os.utime(file, ns=(0, 0))
    assert DATASETS.build(CONFIGS[-1]).labels[3:5] == [4, 4]


def test_a_store_is_opened_once_while_it_stays(lists, monkeypatch):
    """By all data sets of a list; what changes is opened again."""
    monkeypatch.setattr(files, 'SETTLED', 2e7)
    time.sleep(0.05)
    one, other = (DATASETS.build(CONFIGS[-1]) for _ in range(2))
    assert one.features is other.features
    names = ['3.mp4']
    part = FeatureStore.open('store', names)
    assert FeatureStore.open('store', ['3.mp4']) is part
    names.append('4.mp4')
    assert len(FeatureStore.open('store', names)) == 2 and len(part) == 1
    for file in Path('store').iterdir():
        file.touch()
        assert DATASETS.build(CONFIGS[-1]).features is not one.features
        time.sleep(0.05)
        again = DATASETS.build(CONFIGS[-1])
        assert again.features is not one.features
        assert (again[0]['features'] == one[0]['features']).all()
    Path('store/shard_00000.npy').unlink()
    with pytest.raises(ValueError, match='shard_00000.npy is damaged'):
        DATASETS.build(CONFIGS[-1])


@pytest.mark.parametrize(
    'notes',
    [{}, dict(b=1, a='x'), dict(a=1.0), dict(a=True), dict(a=[1, (2.5,)])],
)
def test_keys_of_files_do_not_depend_on_how_they_are_made(tmp_path, notes):
    """Stores of earlier versions have them, too."""
    for name, text in {'a.mp4': 'x', 'ü"/b': 'yy'}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def wanted(path, parts) -> str:
        rows = []
        for part in parts:
            stat = os.stat(path / part)
            rows.append((part, stat.st_size, stat.st_mtime_ns))
        text = json.dumps(notes, sort_keys=True) + json.dumps(rows)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    for notes_again in ({'a': 1, 'b': 0}, notes):
        Source(str(tmp_path / 'a.mp4'), notes_again).key()
    file = Source(str(tmp_path / 'a.mp4'), notes)
    folder = Source(str(tmp_path), notes)
    assert file.key().stamp == wanted(tmp_path / 'a.mp4', [''])
    assert folder.key().stamp == wanted(tmp_path, ['a.mp4', 'ü"/b'])


def test_density_in_blocks(monkeypatch):
    logits = torch.randn(23, 4, generator=torch.Generator().manual_seed(0))
    whole = soft_neighborhood_density(Seen(logits))
    monkeypatch.setattr(validators, 'ROWS', 5)
    found = soft_neighborhood_density(Seen(logits))
    assert found == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize('looks', [True, False])
def test_garbage(looks):
    before = gc.isenabled()
    (gc.enable if looks else gc.disable)()
    try:
        with pytest.raises(KeyError), no_collection():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() == looks
    finally:
        (gc.enable if before else gc.disable)()

"""What is done at once for long lists is what is done one by one."""

import gc
import os
import os.path as osp
from pathlib import Path

import pytest
import torch
from mmaction.registry import DATASETS

from mmaction_uda.datasets.checks import infos_of, names_below
from mmaction_uda.datasets.features import FeatureStore
from mmaction_uda.datasets.features.filling import fill
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

"""Several labelled sources as one domain."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from helpers.configs import small_config
from helpers.data import write_data
from mmaction.registry import DATASETS

from mmaction_uda.datasets import (
    DomainPairDataset,
    DomainPairSampler,
    JoinedDataset,
    shared_configs,
)
from mmaction_uda.datasets.draws import draw_items
from mmaction_uda.datasets.joined_dataset import part_at
from mmaction_uda.engine.checking import check_data
from mmaction_uda.engine.header import described
from mmaction_uda.engine.readings import readings
from mmaction_uda.faults import Faults
from mmaction_uda.visualization.report.runs import task_facts

CLASSES = ['run', 'walk', 'wave']


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def config(name: str, labels: list, **kwargs) -> dict:
    """A list of videos that are not there, and how to read it."""
    lines = [f'{name}{i}.mp4 {c}' for i, c in enumerate(labels)]
    Path(f'{name}.txt').write_text('\n'.join(lines))
    classes = dict(classes=CLASSES)
    shared = dict(type='VideoDataset', pipeline=[], metainfo=classes)
    return {**shared, 'ann_file': f'{name}.txt', **kwargs}


def draw(results: dict) -> dict:
    """What a transform may draw from."""
    return dict(
        name=results['filename'],
        drawn=np.random.rand(),
        data_samples={'gt_label': results['label']},
    )


def test_videos_come_one_after_the_other():
    joined = JoinedDataset([config('a', [0, 1]), config('b', [2, 0, 1])])
    infos = [joined.get_data_info(i) for i in range(len(joined))]
    names = [info['filename'] for info in infos]
    assert names == ['a0.mp4', 'a1.mp4', 'b0.mp4', 'b1.mp4', 'b2.mp4']
    assert [info['label'] for info in infos] == [0, 1, 2, 0, 1]
    assert joined.metainfo['classes'] == CLASSES
    assert joined.ann_file == 'a.txt + b.txt'
    assert described(joined) == '2 of a + 3 of b'
    assert part_at(joined, 3) == (joined.datasets[1], 1)
    assert part_at(joined.datasets[1], 1) == (joined.datasets[1], 1)


def test_items_are_those_of_each():
    """In the order they were asked for, each by its own draws."""
    configs = [config(name, [0, 1, 2], pipeline=[draw]) for name in ('a', 'b')]
    joined = JoinedDataset(configs)
    draws = [(4, 9), (0, 7), (5, 8), (2, 9), (4, 9)]
    found = draw_items(joined, draws)
    assert [x['name'] for x in found] == [
        'b1.mp4',
        'a0.mp4',
        'b2.mp4',
        'a2.mp4',
        'b1.mp4',
    ]
    alone = [DATASETS.build(one) for one in configs]
    for item, (index, seed) in zip(found, draws):
        (expected,) = draw_items(alone[index // 3], [(index % 3, seed)])
        assert item == expected


def test_a_pair_of_several_sources():
    """What the pair shares goes to each of them."""
    sources = [config('a', [0, 1, 2]), config('b', [1, 2])]
    for one in sources:
        del one['pipeline']
    target = config('t', [0, 1, 2], pipeline=[])
    cfg = dict(source=sources, target=target, pipeline=[draw])
    shared = shared_configs(cfg)
    assert [one['pipeline'] for one in shared['source']] == [[draw], [draw]]
    assert shared['target']['pipeline'] == []
    target['pipeline'] = [draw]
    pair = DomainPairDataset(**{**cfg, 'target': target})
    item = pair[(4, 1), (2, 1)]
    assert item['source']['name'] == 'b1.mp4'
    assert item['source']['data_samples'] == {'gt_label': 2}
    assert item['target']['data_samples'] == {}


def test_a_balanced_sampler_sees_one_domain():
    """The classes in turn, whichever source has them."""
    sources = [config('a', [0] * 6 + [1] * 2), config('b', [1] * 3 + [2] * 4)]
    pair = DomainPairDataset(sources, config('t', [0, 1, 2] * 4))
    sampler = DomainPairSampler(pair, seed=0, class_balanced=True)
    labels = [pair.source.get_data_info(i)['label'] for i in range(15)]
    seen = Counter()
    for epoch in range(20):
        sampler.set_epoch(epoch)
        drawn = [i for (i, _), _ in sampler]
        assert [labels[i] for i in drawn] == [0, 1, 2] * 4
        assert len({*drawn}) == 12  # 4 of each class, none twice
        seen.update(drawn)
    assert set(seen) == set(range(15))
    plain = DomainPairSampler(pair, seed=0, epoch_length='source')
    assert sorted(i for (i, _), _ in plain) == list(range(15))


# -- what is refused --------------------------------------------------------
def test_classes_must_be_the_same():
    other = config('b', [0], metainfo=dict(classes=['a', 'b', 'c']))
    with pytest.raises(Faults, match="of 'a.txt' and .*of 'b.txt'"):
        JoinedDataset([config('a', [0]), other])


def test_a_video_is_in_one_source():
    first, second = config('a', [0, 1, 2]), config('b', [0])
    Path('b.txt').write_text('b0.mp4 0\na1.mp4 0\na2.mp4 0\n')
    with pytest.raises(Faults) as caught:
        JoinedDataset([first, second])
    (fault,) = caught.value.faults
    assert "2 videos of 'b.txt' are in 'a.txt' as well" in fault
    assert "first ['a1.mp4', 'a2.mp4']" in fault


def test_labels_are_those_of_the_target():
    sources = [config('a', [0, 1]), config('b', [0])]
    with pytest.raises(ValueError, match='only in target .* \\[2\\]'):
        DomainPairDataset(sources, config('t', [0, 1, 2]))


@pytest.fixture
def cfg():
    cfg = small_config('source_only@shift_net_sports_uk2s')
    write_data(cfg, 3)
    return cfg


def test_every_list_is_checked(cfg):
    """All sources are learnt; each has a place and a store of its own."""
    places = [reading.place for reading in readings(cfg)]
    assert places == [
        'train_dataloader.dataset.source.0',
        'train_dataloader.dataset.source.1',
        'train_dataloader.dataset.target',
        'val_dataloader.dataset',
        'test_dataloader.dataset',
        'val_cfg.source.0',
        'val_cfg.source.1',
    ]
    assert task_facts(cfg)['source'] == 'ucf101_train + kinetics_train'
    stored = check_data(cfg)
    assert len({path for path, _ in stored}) == 6

    lists = 'data/sports_da'
    lines = Path(f'{lists}/kinetics_train.txt').read_text()
    Path(f'{lists}/kinetics_train.txt').write_text(
        lines.replace('mp4 1', 'mp4 77').replace('mp4 2', 'mp4')
    )
    Path(f'{lists}/ucf101_train.txt').write_text('')
    with pytest.raises(Faults) as caught:
        check_data(cfg)
    text = '\n'.join(caught.value.faults)
    assert 'kinetics_train.txt' in text and 'not in [0, 23)' in text
    assert 'have no label, which the training learns from' in text
    assert 'ucf101_train.txt' in text and 'empty list' in text


def test_no_source_may_be_tested(cfg):
    """Whichever of them shares a video with the test list."""
    tested = Path('data/sports_da/sports1m_test.txt')
    videos = cfg.test_dataloader.dataset.videos
    videos.data_prefix = dict(video='data/kinetics600/videos')
    cfg.val_dataloader.dataset.videos.data_prefix = videos.data_prefix
    lines = Path('data/sports_da/kinetics_train.txt').read_text()
    tested.write_text(lines)
    with pytest.raises(Faults, match='3 of 3 videos of .*sports1m_test'):
        check_data(cfg)

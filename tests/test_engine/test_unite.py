"""UNITE on videos: two views of the target, scores of a teacher, stages."""

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.configs import nodes, typed
from helpers.runs import SeenLosses, state_of, train
from mmaction.registry import DATASETS
from safetensors.torch import load_file, save_file

from mmaction_uda.config import load_config
from mmaction_uda.datasets import TeacherScores
from mmaction_uda.engine.predictions import training_set_as_tested
from mmaction_uda.faults import Faults


@pytest.fixture
def cfg(make_config):
    return make_config('unite_demo')


def write_scores(list_file: str, root: str, leave_out: int = 0) -> dict:
    """Scores of a teacher that knows the labels, and is always sure."""
    rows = [line.split() for line in Path(list_file).read_text().splitlines()]
    scores = {
        name: torch.full((8,), 0.01).scatter(0, torch.tensor(int(label)), 0.93)
        for name, label in rows[leave_out:]
    }
    save_file(scores, 'scores.safetensors')
    return dict(type='TeacherScores', scores='scores.safetensors', root=root)


def test_a_second_view_of_the_same_frames(cfg):
    pair = cfg.train_dataloader.dataset
    plain = [t for t in pair.pipeline if t.type != 'ClipRandAugment']
    assert len(plain) == len(pair.pipeline) - 1
    dataset = DATASETS.build(dict(pair, pipeline=plain))
    draws = [((0, 7), (3, 8)), ((1, 9), (3, 10))]
    np.random.seed(5)
    after = np.random.random_sample()
    np.random.seed(5)
    items = [item['target'] for item in dataset.__getitems__(draws)]
    assert np.random.random_sample() == after
    for item in items:
        assert torch.equal(item['inputs'], item['weak'])
        assert 'gt_label' not in item['data_samples']
    assert not torch.equal(items[0]['weak'], items[1]['weak'])
    strong = DATASETS.build(pair).__getitems__(draws)
    changed = [
        not torch.equal(s['target']['inputs'], item['weak'])
        for s, item in zip(strong, items)
    ]
    assert any(changed)
    for s, item in zip(strong, items):
        assert torch.equal(s['target']['weak'], item['weak'])
        assert 'weak' not in s['source']


def test_as_tested_there_is_one_view(cfg):
    pair = cfg.train_dataloader.dataset
    pair.target.pipeline = [dict(type='VideoInit')]
    ((source, target),) = [
        (i['source'], i['target'])
        for i in training_set_as_tested(cfg).__getitems__([((0, 1), (0, 1))])
    ]
    assert 'weak' not in target
    assert source['inputs'].shape == target['inputs'].shape


def test_training_with_a_teacher(cfg):
    """It labels what the student is not sure of; the classifier is fixed."""
    dataset = cfg.train_dataloader.dataset
    videos = dataset.target.videos
    teacher = write_scores(videos.ann_file, videos.data_prefix.video)
    pack = dict(type='PackActionInputs', algorithm_keys=('teacher_scores',))
    dataset.target.pipeline = [teacher, *dataset.pipeline[:-1], pack]
    cfg.model.loss_pseudo.update(teacher='samples', threshold=0.9)
    weights = load_file(typed(cfg, 'StoredInit')[0]['checkpoint'])
    seen = SeenLosses()
    state = state_of(train(cfg, seen).model)
    # A student after one epoch is sure of nothing: all rows are selected.
    assert all(step['selected'] == 1 for step in seen.losses)
    assert all(step['loss_pseudo'] > 0 for step in seen.losses)
    fixed = {k for k in state if torch.equal(state[k], weights[k])}
    assert {k for k in state if k.startswith('cls_head.')} <= fixed
    trained = {k for k in state if k.startswith(('neck.', 'backbone.net.bl'))}
    assert trained and not trained & fixed


def test_a_video_without_scores(cfg):
    videos = cfg.train_dataloader.dataset.target.videos
    root = videos.data_prefix.video
    settings = write_scores(videos.ann_file, root, leave_out=1)
    transform = TeacherScores(settings['scores'], root)
    names = [
        x.split()[0]
        for x in Path(videos.ann_file).read_text().split('\n')
        if x
    ]
    found = transform(dict(filename=f'{root}/{names[1]}'))
    assert found['teacher_scores'].argmax() == int(
        Path(videos.ann_file).read_text().splitlines()[1].split()[1]
    )
    with pytest.raises(Faults, match=f'no scores of .{names[0]}'):
        transform(dict(filename=f'{root}/{names[0]}'))
    with pytest.raises(Faults, match='are not there'):
        TeacherScores('none.safetensors')(dict(filename='a.mp4'))


def test_the_stage_of_a_setting_is_its_own():
    """A method without a file: names, paths and shapes of the third stage."""
    cfg = load_config('unite@videomae_ucf2hmdb')
    assert cfg.stages.source.config == 'unite_source@videomae_ucf2hmdb'
    assert cfg.model.type == 'SelfTrainingRecognizer'
    assert cfg.model.cls_head.frozen and cfg.model.mask.num_masks == 2
    found = {
        node['checkpoint']
        for node in nodes(cfg.model.to_dict())
        if 'checkpoint' in node
    }
    assert found == {'stage://source/weights.safetensors'}
    assert cfg.optim_wrapper.paramwise_cfg.layer_decay == 0.75

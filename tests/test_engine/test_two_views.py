"""UNITE on videos: two views of the target, scores of a teacher, stages."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers.configs import nodes, typed
from helpers.runs import SeenLosses, state_of, train
from mmaction.registry import DATASETS
from safetensors.torch import load_file

from mmaction_uda.config import load_config
from mmaction_uda.datasets import VideoScores
from mmaction_uda.engine.predictions import training_set_as_tested


@pytest.fixture
def cfg(make_config):
    return make_config('unite_demo')


def write_scores(list_file: str) -> str:
    """Scores of a teacher that knows the labels, and is always sure."""
    rows = [line.split() for line in Path(list_file).read_text().splitlines()]
    labels = torch.tensor([int(label) for _, label in rows])
    scores = 9.0 * F.one_hot(labels, 8)
    VideoScores([n for n, _ in rows], None, scores).write('scores.safetensors')
    return 'scores.safetensors'


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
    (item,) = training_set_as_tested(cfg).__getitems__([((0, 1), (0, 1))])
    assert 'weak' not in item['target']
    shapes = {item[domain]['inputs'].shape for domain in item}
    assert len(shapes) == 1


def test_training_with_a_teacher(cfg):
    """It labels what the student is not sure of; the classifier is fixed."""
    dataset = cfg.train_dataloader.dataset
    dataset.teacher = write_scores(dataset.target.videos.ann_file)
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
    assert cfg.train_dataloader.dataset.teacher.startswith('stage://teacher/')
    assert cfg.optim_wrapper.paramwise_cfg.layer_decay == 0.75

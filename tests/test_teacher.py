"""A teacher's scores of the target videos, joined by their names."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from helpers.clip import stand_in
from helpers.configs import reduce_config, small_config
from helpers.runs import make_runner
from mmaction.registry import DATASETS

from mmaction_uda import engine
from mmaction_uda.datasets import VideoScores, video_names
from mmaction_uda.engine.scores import SCORES
from mmaction_uda.faults import Faults


@pytest.fixture
def target(make_config) -> dict:
    """Config of the target's training videos, as tokens."""
    cfg = make_config('source_only_demo')
    pair = cfg.train_dataloader.dataset
    both = {k: pair[k] for k in ('pipeline', 'extraction')}
    return dict(pair.target, **both)


def scores_of(config: dict, **changes) -> VideoScores:
    dataset = DATASETS.build(config)
    names = [*video_names(dataset)]
    classes = dataset.metainfo['classes']
    rows = torch.arange(8.0 * len(names)).view(-1, 8)
    return VideoScores(
        **{'names': names, 'classes': [*classes], 'scores': rows, **changes}
    )


def test_rows_are_found_by_name(target):
    """In whatever order, of tokens and of the videos themselves."""
    found = scores_of(target)
    order = torch.randperm(len(found.names), generator=torch.Generator())
    shuffled = VideoScores(
        [found.names[i] for i in order],
        found.classes,
        found.scores[order],
        dict(backbone='a', classifier='b'),
    )
    shuffled.write(SCORES)
    read = VideoScores.read(SCORES)
    assert read.digests == dict(backbone='a', classifier='b')
    pair = dict(type='DomainPairDataset', teacher=SCORES, target=target)
    for dataset in (
        DATASETS.build(pair),
        DATASETS.build(dict(pair, type='PseudoLabelDataset')),
    ):
        assert torch.equal(dataset.teacher_scores, found.scores)
        for number in (3, 0):
            sample = dataset[number]['data_samples']
            assert torch.equal(sample.teacher_scores, found.scores[number])
            assert 'gt_label' not in sample
    (item,) = dataset.__getitems__([(5, 0, 2)])
    assert torch.equal(item['data_samples'].teacher_scores, found.scores[5])
    assert item['data_samples'].gt_label == 2  # the one it was given
    both = DATASETS.build(dict(pair, source=target))
    item = both[((1, 0), (4, 0))]
    assert 'teacher_scores' not in item['source']['data_samples']
    assert torch.equal(
        item['target']['data_samples'].teacher_scores, found.scores[4]
    )
    videos = dict(target['videos'], type='VideoDataset', pipeline=[])
    assert video_names(DATASETS.build(videos)) == found.names


def test_what_does_not_fit_is_refused(target):
    pair = dict(type='DomainPairDataset', teacher=SCORES, target=target)
    with pytest.raises(FileNotFoundError, match="type='ScoresHook'"):
        DATASETS.build(pair)
    found = scores_of(target)
    VideoScores(found.names[2:], None, found.scores[2:]).write(SCORES)
    with pytest.raises(Faults, match='no scores of 2 of 32 videos'):
        DATASETS.build(pair)
    scores_of(target, classes=found.classes[::-1]).write(SCORES)
    with pytest.raises(Faults, match='the classes in the same order'):
        DATASETS.build(pair)
    scores_of(target, scores=found.scores[1:]).write(SCORES)
    with pytest.raises(Faults, match='holds no scores of videos'):
        DATASETS.build(pair)
    Path(SCORES).write_bytes(b'none')
    with pytest.raises(Faults, match='holds no scores of videos'):
        DATASETS.build(pair)
    with pytest.raises(ValueError, match='scores a target'):
        DATASETS.build(dict(pair, target=None, source=target))


@pytest.mark.skipif(find_spec('transformers') is None, reason='no extra hf')
def test_clip_teaches_transferattn(make_config):
    """Stage and training by one command; the scores are those of the stage."""
    make_config('source_only_demo')  # data in the current directory
    cfg = small_config('transferattn_teacher_demo')
    cfg.launcher = 'none'
    cfg.train_cfg.max_epochs = 1
    stages = engine.open_stages(cfg)
    teacher = reduce_config(stages['teacher'], stages['teacher'].work_dir)
    stand_in(teacher)
    engine.train(cfg, stages)
    file = Path('work/teacher', SCORES)
    assert cfg.train_dataloader.dataset.teacher == str(file)
    found = VideoScores.read(str(file))
    model = make_runner(teacher).model
    model.init_weights()
    assert found.digests == engine.scores.digests(model)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert [*video_names(dataset.target)] == found.names
    tested = engine.predictions.training_set_as_tested(teacher).target
    _, wanted = engine.predictions.predict(model, tested, range(32), 8)
    torch.testing.assert_close(found.scores, wanted.mean(1))
    assert engine.is_finished(teacher)

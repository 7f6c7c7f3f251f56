"""Stages: what comes before a config is trained once and handed on.

UDAVT on the small rendering: phase 1 tunes the net on source videos, phase 2
learns on the tokens that the tuned net gives.
"""

import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.configs import two_stages
from helpers.forked import Started
from helpers.runs import accuracies, differing, run_tool, start_training
from mmaction.registry import MODELS
from mmengine.config import Config
from safetensors.torch import load_file

from mmaction_uda.datasets import FeatureStore
from mmaction_uda.engine import is_finished, open_stages, train

WEIGHTS = 'work/phase1/weights.safetensors'


@pytest.fixture
def config(make_config, tmp_path) -> str:
    """``config.py`` and ``phase1.py``, reduced, in the current directory."""
    make_config('source_only_demo')  # data
    cfg = two_stages()
    cfg.train_cfg.update(max_epochs=3)
    # Longer than the data, so that the queue wraps and a kill hits.
    cfg.train_dataloader.sampler.epoch_length = 48
    cfg.dump('config.py')
    return 'config.py'


def opened(file: str) -> tuple:
    cfg = Config.fromfile(file)
    cfg.launcher = 'none'
    return cfg, open_stages(cfg)


def start(config: str, work_dir: str, *args) -> Started:
    return start_training(config, work_dir, '--seed', '3', *args)


def kill_at(process: Started, work_dir: str, pattern: str) -> None:
    """SIGKILL as soon as the log shows a line."""
    while process.poll() is None:
        if re.search(pattern, Path(f'{work_dir}.log').read_text()):
            process.kill()
        time.sleep(0.01)
    assert process.wait() == -signal.SIGKILL


def last(work_dir: str, epoch: int) -> dict:
    file = Path(work_dir, f'epoch_{epoch}.pth')
    return torch.load(file, weights_only=True)['state_dict']


@pytest.mark.full  # as the chain of tests/faults/test_kills.py
def test_killed_in_every_stage_and_resumed(config):
    """In phase 1, then in phase 2; the end is that of one go."""
    whole = start(config, 'whole')
    kill_at(start(config, 'parts'), 'parts', r'\(train\)\s+\[2\]\[ *2/')
    assert Path('parts/phase1/epoch_1.pth').is_file()
    assert not Path('parts/phase1/weights.safetensors').exists()
    assert not list(Path('parts').glob('epoch_*'))
    kill_at(
        start(config, 'parts', '--resume'),
        'parts',
        r'(?s)finished stage phase1: .*\(train\)\s+\[2\]\[ *2/',
    )
    log = Path('parts.log').read_text()
    assert 'resumed epoch: 1' in log  # of phase 1
    assert Path('parts/epoch_1.pth').is_file()
    resumed = start(config, 'parts', '--resume')
    for process in (whole, resumed):
        assert process.wait(timeout=300) == 0
    log = Path('parts.log').read_text()
    assert 'finished stage phase1: parts/phase1/weights' in log
    assert 'Epoch(train) [1]' not in log  # phase 1 is not trained again
    stages = (f'{d}/phase1/weights.safetensors' for d in ('parts', 'whole'))
    assert not differing(*map(load_file, stages))
    parts, whole = last('parts', 3), last('whole', 3)
    assert not differing(parts, whole)
    assert (parts['ib_head.queue_labels'] >= 0).all()


@pytest.fixture(scope='module')
def kept(tmp_path_factory) -> Path:
    """Where the first of these tests puts a first stage for the others."""
    return tmp_path_factory.mktemp('kept') / 'phase1'


@pytest.fixture
def finished(config, kept) -> str:
    """The config, whose first stage is finished."""
    if not kept.exists():
        train(*opened(config))
        shutil.copytree('work/phase1', kept)
        shutil.rmtree('work')
    shutil.copytree(kept, 'work/phase1')
    return config


@pytest.fixture
def trained(finished):
    """Both stages, and the model before phase 2 learnt anything."""
    cfg, stages = opened(finished)
    cfg.train_cfg.max_epochs = 1
    cfg.optim_wrapper.optimizer.lr = 1e-30  # moves no weight
    return train(cfg, stages), load_file(WEIGHTS)


def test_phase_2_begins_where_phase_1_ended(trained):
    runner, weights = trained
    state = runner.model.state_dict()
    handed_on = [k for k in weights if k.startswith(('neck.', 'cls_head.'))]
    assert handed_on and set(handed_on) == {
        k for k in state if k.startswith(('neck.', 'cls_head.'))
    }
    assert all(torch.equal(state[k], weights[k]) for k in handed_on)


def test_tokens_are_those_of_the_tuned_net(trained):
    """The store names the weights; its rows are what they give."""
    runner, weights = trained
    dataset = runner.train_dataloader.dataset.target
    assert dataset.path.startswith('work/phase1/data/')
    identity = FeatureStore(dataset.path).header.identity
    backbone = dict(runner.cfg.model.backbone, cached=False)
    built = MODELS.build(backbone)
    assert identity['weights'] == built.identity['weights']
    for name, value in built.net.state_dict().items():
        assert torch.equal(weights[f'backbone.net.{name}'], value)
    official = MODELS.build(
        dict(backbone, checkpoint='asset://shift_net.safetensors')
    )
    video = torch.stack([dataset.videos[0]['inputs']])
    batch = dict(inputs=list(video), data_samples=[None])
    clip = runner.model.data_preprocessor(batch)['inputs']
    stored = torch.from_numpy(np.array(dataset.features[0]))
    tuned, untuned = (net(clip)[0, 0] for net in (built, official))
    torch.testing.assert_close(tuned, stored, rtol=1e-5, atol=1e-5)
    assert (untuned - stored).abs().max() > 1e-3


def test_only_what_is_named_is_tuned(trained):
    _, weights = trained
    untuned = load_file(
        Path(__file__).parents[1] / 'mmaction_uda/assets/shift_net.safetensors'
    )
    changed = {
        name
        for name, value in untuned.items()
        if not torch.equal(weights[f'backbone.net.{name}'], value.float())
    }
    trainable = {
        name
        for name in untuned
        if ('norm' in name or 'stem' in name)
        and name.endswith(('weight', 'bias'))
    }
    assert changed == trainable


def test_a_finished_stage_is_not_trained_again(config):
    cfg, stages = opened(config)
    assert not is_finished(stages['phase1'])
    train(*opened(config))
    before = Path(WEIGHTS).stat().st_mtime_ns
    assert is_finished(opened(config)[1]['phase1'])
    train(*opened(config))
    assert Path(WEIGHTS).stat().st_mtime_ns == before


def test_killed_before_the_weights_were_written(config):
    train(*opened(config))
    before = load_file(WEIGHTS)
    Path(WEIGHTS).unlink()
    cfg, stages = opened(config)
    stages['phase1'].resume = True
    train(cfg, stages)
    assert not differing(before, load_file(WEIGHTS))


def test_the_tools_find_the_stage(config):
    run_tool('train.py', config)
    (checkpoint,) = Path('work').glob('epoch_3.pth')
    stored, videos = (
        accuracies(run_tool('test.py', config, checkpoint, *args), 'test')
        for args in ((), ('--from-videos',))
    )
    assert stored == videos and stored
    video = next(Path('data').rglob('*.mp4'))
    assert video.name in run_tool('infer.py', config, checkpoint, video)


def test_a_grid_shares_the_stage(config):
    """Two configs side by side, the stage and its tokens made before."""
    shutil.copy(config, 'other.py')
    options = ('--seeds', '1', '--cfg-options', 'train_cfg.max_epochs=1')
    run_tool('run_grid.py', config, 'other.py', '--work-dir', 'grid', *options)
    runs = {f.parent for f in Path('grid').rglob('weights.safetensors')}
    names = ('phase1', 'config', 'other')
    assert runs == {Path('grid', name, 'seed1') for name in names}
    one, other = (last(f'grid/{name}/seed1', 1) for name in names[1:])
    assert not differing(one, other)

    # A process of its own makes the same of them.
    options = (
        *options[2:],
        'stages.phase1.work_dir=grid/phase1/seed1',
        'stages.phase1.randomness.seed=1',
    )
    run_tool('train.py', config, '--seed', 1, '--work-dir', 'alone', *options)
    assert not differing(one, last('alone', 1))


# -- what is wrong is said before any training --------------------------------
def test_other_settings_than_those_of_a_finished_stage(finished):
    cfg, stages = opened(finished)
    stages['phase1'].train_cfg.max_epochs = 1
    with pytest.raises(ValueError, match='phase1/weights.*--work-dir'):
        train(cfg, stages)


def test_a_stage_without_a_config(config):
    Path('phase1.py').unlink()
    with pytest.raises(ValueError, match="no config 'phase1.py'"):
        opened(config)


def test_a_reference_to_no_stage(config):
    cfg = Config.fromfile(config)
    cfg.launcher, cfg.stages = 'none', dict()
    with pytest.raises(ValueError, match='stage://phase1/weights.*none'):
        open_stages(cfg)


def test_bad_lists_of_a_later_stage_stop_the_first(config):
    cfg, stages = opened(config)
    missing = cfg.train_dataloader.dataset.target.videos.ann_file
    Path(missing).unlink()
    cfg.prepare = stages['phase1'].prepare = []
    with pytest.raises(ValueError, match='target_train'):
        train(cfg, stages)
    assert not Path('work/phase1').exists()

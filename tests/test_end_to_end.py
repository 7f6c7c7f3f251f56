"""From videos to accuracies, with and without the cache, by the tools."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.configs import CLIP, ROOT, nodes, reduce_config, uncached
from helpers.runs import (
    SeenLosses,
    accuracies,
    make_runner,
    run_tool,
    state_of,
    tool_env,
)
from mmengine.config import Config

import mmaction_uda
from mmaction_uda.config import load_config
from mmaction_uda.evaluation import read_predictions, read_validations


@pytest.fixture
def pair(make_config):
    """One config with and without the cache, reading the same frames."""
    cached = make_config('transferattn_demo')
    for node in nodes(cached._cfg_dict):
        if node.get('type') == 'SampleFeature':
            node.update(num_frames=CLIP, num_views=1)
    cached.model.neck.num_frames = CLIP
    end_to_end = uncached(cached)
    end_to_end.work_dir = 'end_to_end'
    return cached, end_to_end


@torch.no_grad()
def logits(runner) -> torch.Tensor:
    """Of all test videos, in the order of the list."""
    model = runner.model.eval()
    rows = []
    for batch in runner.build_dataloader(runner.cfg.test_dataloader):
        batch = model.data_preprocessor(batch)
        rows.append(model(**batch))
    return torch.cat(rows)


def test_cache_changes_no_logit(pair):
    found = []
    weights = None
    for cfg in pair:
        mmaction_uda.engine.prepare(cfg)
        runner = make_runner(cfg)
        if weights is None:
            weights = state_of(runner.model)
        runner.model.load_state_dict(weights)
        found.append(logits(runner))
        assert runner.model.backbone.cached == (cfg is pair[0])
    assert found[0].shape == found[1].shape and len(found[0]) == 16
    assert found[0].std(0).min() > 1e-3  # videos are told apart
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-5)


def test_training_on_videos(pair):
    """One step of both domains, decoded and embedded as it goes."""
    cfg = pair[1]
    cfg.train_dataloader.sampler.epoch_length = 2
    losses = SeenLosses()
    mmaction_uda.engine.prepare(cfg)
    runner = make_runner(cfg)
    before = state_of(runner.model)
    runner.register_hook(losses)
    runner.train()
    assert len(losses.losses) == 1 and losses.losses[0]['loss'] > 0
    moved = {
        k.split('.')[0]
        for k, v in state_of(runner.model).items()
        if not torch.equal(v, before[k])
    }
    assert moved == {'neck', 'domain_head'}
    assert list(before) == list(
        torch.load('end_to_end/epoch_1.pth', weights_only=True)['state_dict']
    )
    assert runner.message_hub.get_scalar('val/acc/top1').current() >= 0


# -- tools ------------------------------------------------------------------
@pytest.fixture(scope='module')
def trained(demo_data, tmp_path_factory):
    """A folder where tools/train.py has run once, from bare videos."""
    folder = tmp_path_factory.mktemp('tools')
    cfg = reduce_config(load_config('transferattn_demo'), 'unused')
    cfg.pop('work_dir')
    shutil.copytree(demo_data, folder / 'data')
    shutil.rmtree(folder / cfg.prepare[0].root / 'features')
    cfg.dump(folder / 'small.py')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        output = run_tool('train.py', 'small.py')
    return folder, output


@pytest.fixture
def tools(trained, monkeypatch):
    monkeypatch.chdir(trained[0])
    return trained[1]


def stamps() -> dict:
    """Time and size of every file of the feature stores."""
    files = Path('data').glob('demo/*/features/**/*.*')
    return {str(f): (f.stat().st_mtime_ns, f.stat().st_size) for f in files}


def test_train_then_test(tools):
    """The same accuracy; no --work-dir: it has the name of the config."""
    assert Path('work_dirs/small/epoch_1.pth').is_file()
    found = accuracies(tools, 'val')
    assert set(found) == {'acc/top1', 'acc/mean1'}
    output = run_tool('test.py', 'small.py', 'work_dirs/small/epoch_1.pth')
    assert accuracies(output, 'test') == found


def test_checkpoint_has_no_backbone(tools):
    state = torch.load('work_dirs/small/epoch_1.pth', weights_only=True)[
        'state_dict'
    ]
    assert [k for k in state if k.startswith('backbone')] == [
        'backbone.fingerprint'
    ]
    assert state['backbone.fingerprint'].shape == (32,)


def test_second_training_extracts_nothing(tools):
    """And the options of the command line arrive."""
    before = stamps()
    assert len(before) == 4 * 3  # four lists: header, shard, frames
    output = run_tool(
        'train.py',
        'small.py',
        '--work-dir',
        'other/place',
        '--no-validate',
        '--cfg-options',
        'optim_wrapper.optimizer.lr=0.125',
        'model.ib_head.loss_weight=0.5',
    )
    after = stamps()
    assert after.items() >= before.items()
    # What spares the next start reading all tokens.
    assert {Path(file).name for file in after.keys() - before} <= {'read.json'}
    assert Path('other/place/epoch_1.pth').is_file()
    assert 'Epoch(train) [1][16/16]' in output
    assert 'Epoch(val)' not in output and 'lr: 1.2500e-01' in output
    dumped = Config.fromfile('other/place/small.py')
    assert dumped.model.ib_head.loss_weight == 0.5


@pytest.mark.skipif(torch.cuda.is_available(), reason='--amp works here')
def test_amp_needs_a_gpu(tools):
    output = run_tool('train.py', 'small.py', '--amp', fails=True, debug=False)
    lines = [line for line in output.splitlines() if line.strip()]
    assert lines == ['error: --amp needs a GPU: no CUDA device was found.']


@pytest.mark.full  # test_launch.py compares weights, by a script of ours
def test_two_processes(tools):
    """Real ones, by torchrun over gloo, on a port that is free."""
    command = [
        sys.executable,
        '-m',
        'torch.distributed.run',
        '--standalone',
        '--nproc_per_node=2',
        str(ROOT / 'tools' / 'train.py'),
        'small.py',
        '--debug',
        '--launcher',
        'pytorch',
        '--work-dir',
        'two',
        '--cfg-options',
        'env_cfg.dist_cfg.backend=gloo',
    ]
    done = subprocess.run(
        command,
        env=tool_env(),
        text=True,
        timeout=600,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert 'GPU number: 2' in done.stdout
    # 32 pairs, 2 of each process in a step.
    assert 'Epoch(train) [1][8/8]' in done.stdout
    assert set(accuracies(done.stdout, 'val')) == {'acc/top1', 'acc/mean1'}
    (found,), (wanted,) = (
        read_predictions(d).values() for d in ('two', 'work_dirs/small')
    )
    assert found.labels == wanted.labels and len(found.labels) == 16
    (logged,) = read_validations('two').values()
    assert found.correct.mean() == logged['acc/top1']
    state = torch.load('two/epoch_1.pth', weights_only=True)['state_dict']
    alone = torch.load('work_dirs/small/epoch_1.pth', weights_only=True)[
        'state_dict'
    ]
    assert list(state) == list(alone)
    assert torch.equal(
        state['cls_head.mlp.0.weight'], alone['cls_head.mlp.0.weight']
    )
    assert not torch.equal(
        state['neck.temporal_embed'], alone['neck.temporal_embed']
    )

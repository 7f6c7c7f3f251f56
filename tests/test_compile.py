"""``compile`` of a config: one program for all steps, the same training."""

import copy
import logging
from contextlib import contextmanager
from itertools import product
from types import SimpleNamespace

import pytest
import torch
from helpers.runs import train
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from mmengine.runner import Runner
from mmengine.runner.amp import autocast
from torch import nn
from torch._dynamo.utils import counters

METHODS = ('transferattn', 'transferattn_release', 'baseline', 'source_only')
WRAPPERS = ('OptimWrapper', 'AutocastOnCPU')
FIRST = [*zip(METHODS, WRAPPERS)]  # a method and a queue, with either


@OPTIM_WRAPPERS.register_module()
class AutocastOnCPU(OptimWrapper):
    """The context of MMEngine's AmpOptimWrapper, which wants a GPU."""

    @contextmanager
    def optim_context(self, model):
        with super().optim_context(model), autocast(dtype=torch.bfloat16):
            yield


def still(cfg):
    """Two epochs without dropout, whose reversal grows; same frames."""
    for part in ('attention', 'last_attention'):
        if part in cfg.model.neck:
            cfg.model.neck[part].dropout = 0.0
    if 'last_attention' in cfg.model.neck:
        cfg.model.neck.last_attention.update(
            proj_dropout=0.0, disc_dropout=0.0
        )
    if cfg.model.get('domain_head'):
        cfg.model.domain_head.dropout = 0.0
    cfg.train_cfg.max_epochs = 2
    # Adam makes steps of the rounding where a gradient is zero.
    cfg.optim_wrapper.optimizer = dict(type='SGD', lr=0.001)
    cfg.compile = dict(backend='aot_eager', fullgraph=True)
    return cfg


def logged(runner: Runner) -> dict:
    """Every number of every step."""
    scalars = runner.message_hub.log_scalars.items()
    return {
        name: torch.tensor(buffer.data[0])
        for name, buffer in scalars
        if name.startswith('train/') and 'time' not in name
    }


@pytest.mark.parametrize(
    'method, wrapper',
    [
        pytest.param(*c, marks=[] if c in FIRST else [pytest.mark.full])
        for c in product(METHODS, WRAPPERS)
    ],
)
def test_a_training_is_compiled_once_and_the_same(
    make_config, method, wrapper
):
    """Though samples, reversal and queue are others in every step."""
    cfg = still(make_config(f'{method}_demo'))
    cfg.optim_wrapper.type = wrapper
    torch._dynamo.reset()
    counters.clear()
    runner = train(copy.deepcopy(cfg))
    assert counters['stats']['unique_graphs'] == 1
    assert not counters['graph_break']
    cfg.compile = False
    plain = train(cfg)
    assert counters['stats']['unique_graphs'] == 1  # of the former
    found, wanted = logged(runner), logged(plain)
    half = wrapper == 'AutocastOnCPU'
    assert set(found) == set(wanted) and 'train/loss' in found
    for name, values in wanted.items():
        assert len(values) > 8 and runner.iter == plain.iter
        torch.testing.assert_close(
            *(found[name], values),
            rtol=1e-2 if half else 1e-4,
            atol=1e-2 if half else 1e-5,
            msg=name,
        )


class Doubling(nn.Module):
    """A step that a compiler is to leave alone, but for a part of it."""

    def train_step(self, x):
        return self.losses(x), torch.compiler.is_compiling()

    def losses(self, x):
        return 2 * x, torch.compiler.is_compiling()


class Named(Doubling):
    compile_target = 'losses'


@pytest.mark.parametrize('wrap', [lambda model: model, nn.DataParallel])
def test_a_model_names_what_is_compiled(wrap):
    runner = SimpleNamespace(
        model=wrap(Named()),
        cfg=Config(dict(compile=dict(backend='eager'))),
        logger=logging.getLogger(),
    )
    wrapper = runner.model
    Runner._maybe_compile(runner, 'train_step')
    assert runner.model is wrapper
    model = getattr(wrapper, 'module', wrapper)
    assert model.train_step(torch.ones(1)) == ((2, True), False)


def test_other_models_are_left_to_the_host():
    runner = SimpleNamespace(
        model=Doubling(),
        cfg=Config(dict(compile=dict(backend='eager'))),
        logger=logging.getLogger(),
    )
    Runner._maybe_compile(runner, 'train_step')
    assert runner.model.train_step(torch.ones(1)) == ((2, True), True)

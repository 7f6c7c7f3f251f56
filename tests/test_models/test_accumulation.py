"""Several small batches in place of a large one, or a clear refusal."""

import copy
import re

import pytest
import torch
from helpers.runs import make_runner, state_of
from mmengine.hooks import Hook
from mmengine.model import MMDistributedDataParallel
from test_distributed import METHODS, accumulated, make_method

import mmaction_uda
from mmaction_uda.engine.loops import UDATrainLoop

COUPLING = dict(  # all others do not
    mmd=['loss_align'],
    jan=['loss_align'],
    coral=['loss_align'],
    entropy=['loss_entropy'],
    baseline=['loss_entropy'],
    transferattn=['ib_head', 'loss_entropy'],
    transferattn_source=['ib_head'],
    transferattn_teacher=['ib_head', 'loss_entropy', 'loss_pseudo'],
    dallv=[],
    dallv_source=['cls_head.text_loss'],
    dallv_target=['cls_head.text_loss'],
    udavt=['ib_head'],
    udavt_phase1=[],
    transvae=['neck.vae', 'loss_pseudo'],
    costar=['', 'loss_pseudo'],  # the whole model: its teacher moves
    costar_source=[],
    motion=['loss_pseudo'],
)


def coupling(name: str) -> list:
    """The parts of a method that couple the samples of a batch."""
    name = name.partition(':')[0]
    return COUPLING.get(name, COUPLING.get(name.split('_')[0], []))


@pytest.mark.parametrize('name', METHODS)
def test_declared_is_what_couples(name):
    """Of the gradients themselves: three small batches against a large one.

    A method is refused exactly where they differ.
    """
    names = [
        module
        for module, m in make_method(name).named_modules()
        if getattr(m, 'couples_samples', False)
    ]
    assert names == coupling(name)
    small, large = (accumulated(name, n, 0, 1) for n in (3, 1))
    errors = [
        float((small[k] - v).norm() / v.norm()) for k, v in large.items()
    ]
    if names and name != 'transferattn_source':  # whose batches have no pairs
        assert max(errors) > 1e-6
    else:
        assert max(errors) < (1e-6 if 'phase1' in name else 1e-9)


# -- the loop ---------------------------------------------------------------
def still(cfg, batch_size: int, counts: int = 1):
    """No dropout; plain gradient descent on equal steps of 8 pairs."""
    model = cfg.model
    model.neck.attention.dropout = model.domain_head.dropout = 0.0
    model.domain_head.grl.ramp = 'iter'
    model.loss_entropy.diversity_weight = 0.0  # couples samples
    cfg.train_dataloader.batch_size = batch_size
    cfg.optim_wrapper = dict(
        type='OptimWrapper',
        optimizer=dict(type='SGD', lr=0.02),
        accumulative_counts=counts,
    )
    cfg.work_dir = f'batch{batch_size}'
    cfg.train_cfg.max_epochs = 2
    return cfg


class SeenCoefficients(Hook):
    """Collects the coefficient of the gradient reversal of every batch."""

    def __init__(self) -> None:
        self.seen = []

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        self.seen.append(runner.model.domain_head.grl.coeff.item())


def test_training(make_config):
    """The same weights, and the same progress within a step."""
    states, seen = [], []
    config = make_config('baseline_demo')
    for batch_size, counts in ((8, 1), (2, 4)):
        cfg = still(copy.deepcopy(config), batch_size, counts)
        mmaction_uda.engine.prepare(cfg)
        runner = make_runner(cfg)
        seen.append(SeenCoefficients())
        runner.register_hook(seen[-1])
        runner.train()
        states.append(state_of(runner.model))
    large, small = (hook.seen for hook in seen)
    assert len(set(large)) == len(large) == 2 * 32 // 8
    assert small == [coeff for coeff in large for _ in range(4)]
    for key, expected in states[0].items():
        torch.testing.assert_close(
            states[1][key], expected, rtol=1e-4, atol=1e-6, msg=key
        )


def test_a_step_that_reaches_into_the_next_epoch(make_config):
    """It is refused; the remedy that the message names is one."""
    cfg = still(make_config('baseline_demo'), 2, counts=5)
    mmaction_uda.engine.prepare(cfg)
    with pytest.raises(ValueError, match='an epoch has 16 batches') as error:
        make_runner(cfg).train()
    remedy = re.search(r'train_dataloader\.(\w+)=(\d+)\.$', str(error.value))
    cfg.train_dataloader[remedy[1]] = int(remedy[2])
    runner = make_runner(cfg)
    runner.train()
    assert runner.iter == 2 * 15


def test_more_counts_than_batches(make_config):
    cfg = still(make_config('baseline_demo'), 8, counts=5)
    mmaction_uda.engine.prepare(cfg)
    with pytest.raises(ValueError, match=r'Set accumulative_counts=4\.$'):
        make_runner(cfg).train()


def test_refused_before_training(make_config):
    cfg = make_config('transferattn_demo')
    cfg.optim_wrapper.accumulative_counts = 2
    mmaction_uda.engine.prepare(cfg)
    runner = make_runner(cfg)
    with pytest.raises(
        ValueError,
        match=r'accumulative_counts=2, but ib_head \(Information.*batch_size',
    ):
        runner.train()
    assert runner.iter == 0


def test_refused_within_a_wrapper(monkeypatch):
    """Names are those of the config, without the wrapper's."""
    monkeypatch.setattr(
        MMDistributedDataParallel, '__init__', torch.nn.Module.__init__
    )
    model = MMDistributedDataParallel()
    model.module = make_method('mmd')
    loop = object.__new__(UDATrainLoop)
    wrapper = type('Wrapper', (), dict(_accumulative_counts=2))
    loop._runner = type('Runner', (), dict(model=model, optim_wrapper=wrapper))
    with pytest.raises(ValueError, match=r'but loss_align \(MMDLoss\) '):
        loop.run()

"""A training ends at the step whose numbers are not finite."""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.runs import make_runner, train
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS

from mmaction_uda.engine import finite
from mmaction_uda.faults import Faults

STORES = Path('data/demo/seed0_distractors0/features')
STEPS = 16  # of an epoch


def poison(store: str, value: float) -> str:
    """Put a number into the first video, with a sum that fits; its name."""
    folder = STORES / store / 'shift_net'
    rows = np.load(folder / 'shard_00000.npy').copy()
    file = folder / 'shard_00000.json'
    shard = json.loads(file.read_text())
    rows[: shard['frames'][0], 3] = value
    np.save(folder / 'shard_00000.npy', rows)
    ends = np.cumsum([0, *shard['frames']])
    shard['crc32'] = [
        zlib.crc32(np.ascontiguousarray(rows[a:b]))
        for a, b in zip(ends, ends[1:])
    ]
    # As if its rows had been looked at: the store itself refuses others.
    sums = json.dumps(shard['crc32'])
    shard['finite'] = zlib.crc32(sums.encode())
    file.write_text(json.dumps(shard))
    names = json.loads((folder / 'store.json').read_text())['names']
    return names[0]


def ended(cfg, *hooks: Hook) -> str:
    """What is said of a training, of which nothing is left."""
    with pytest.raises(Faults) as caught:
        train(cfg, *hooks)
    assert not list(Path(cfg.work_dir).glob('*.pth'))
    return str(caught.value)


@pytest.fixture
def demo(make_config):
    return make_config('baseline_demo')


@pytest.mark.parametrize('store', ['source_train', 'target_train'])
@pytest.mark.parametrize('value', [np.nan, -np.inf])
def test_inputs(demo, store, value):
    """The first video of a list is somewhere in the first epoch."""
    name = poison(store, value)
    text = ended(demo)
    assert 'NaN or Inf in the inputs of data/demo/' in text and name in text
    assert 'epoch 1, step ' in text and '.mp4,' not in text  # this one alone


def test_inputs_of_a_validation(demo):
    name = poison('target_test', np.nan)
    with pytest.raises(Faults, match=f'in the inputs of data/.*{name}'):
        train(demo)
    assert list(Path(demo.work_dir).glob('epoch_1.pth'))  # whole


class Poison(Hook):
    """Makes something NaN in step 6."""

    def __init__(self, what: str) -> None:
        self.what = what

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if batch_idx != 5:
            return
        model = runner.model
        if self.what == 'loss':
            head = model.domain_head
            head.register_forward_hook(lambda m, a, out: out * torch.nan)
        elif self.what == 'gradient':
            weight = next(model.neck.parameters())
            weight.register_hook(lambda grad: grad * torch.nan)
        elif self.what == 'weight':
            next(model.neck.parameters()).data.fill_(torch.inf)

    def after_train_epoch(self, runner) -> None:
        if self.what == 'buffer':
            runner.model.register_buffer('more', torch.tensor(torch.nan))


@pytest.mark.parametrize(
    'what, said, unsaid',
    [
        ('loss', 'step 6 of 16: loss_domain is nan; ', 'loss_cls'),
        ('gradient', 'step 6 of 16: NaN or Inf in the weights neck.', 'loss'),
        ('weight', 'step 6 of 16: loss_cls is nan, ', 'inputs of'),
        ('buffer', 'what is to be saved holds NaN in state_dict.more', 'loss'),
    ],
)
@pytest.mark.parametrize('at_once', [True, False])
def test_the_step_and_what_it_is(
    demo, what, said, unsaid, at_once, monkeypatch
):
    """Also where a GPU is asked later."""
    if not at_once:
        monkeypatch.setattr(
            finite, 'is_read', lambda hook, runner, i: i % 10 == 9 or i == 15
        )
    text = ended(demo, Poison(what))
    assert text.startswith('epoch 1') and said in text
    assert unsaid not in text and 'optim_wrapper.optimizer.lr' in text


def test_functions_that_refuse_nan(make_config):
    """A loss of probabilities: PyTorch names no step and no reason."""
    cfg = make_config('transferattn_release_demo')
    cfg.optim_wrapper.optimizer.lr = 1e6
    text = ended(cfg)
    assert 'epoch 1, step 2 of ' in text and 'from finite inputs' in text
    assert 'neck.blocks' in text and 'between 0 and 1' in text


def test_other_errors_stay_what_they_are(demo):
    class Wrong(Hook):
        def after_train_iter(self, *args, **kwargs) -> None:
            raise RuntimeError('something else')

    with pytest.raises(RuntimeError, match='^something else$'):
        train(demo, Wrong())


@OPTIM_WRAPPERS.register_module()
class ScalingOptimWrapper(OptimWrapper):
    """As MMEngine's for AMP, which wants a GPU: too large a first scale."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.scaler = torch.amp.GradScaler('cpu', init_scale=2.0**127)
        self.scales = []

    def backward(self, loss, **kwargs) -> None:
        self.scaler.scale(loss).backward()
        self._inner_count += 1

    def step(self, **kwargs) -> None:
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.scales.append(self.scaler.get_scale())


def test_scaled_gradients_may_overflow(demo):
    demo.optim_wrapper.type = 'ScalingOptimWrapper'
    runner = train(demo)
    scales = runner.optim_wrapper.scales
    assert len(scales) == STEPS and scales[-1] < 2.0**127


# -- what is logged -----------------------------------------------------------
def test_checkpoints_do_not_grow(make_config):
    """Histories are as long as an epoch, before a resume and after."""
    cfg = make_config('source_only_demo')
    cfg.train_cfg.update(max_epochs=4, val_interval=10)
    train(cfg)
    sizes = [
        Path(cfg.work_dir, f'epoch_{epoch}.pth').stat().st_size
        for epoch in (3, 4)
    ]
    assert abs(sizes[1] - sizes[0]) < 200
    cfg.train_cfg.max_epochs = 6
    cfg.resume = True
    runner = make_runner(cfg)
    runner.train()
    length = max(len(runner.train_dataloader), 20)
    lengths = {
        len(history.data[0])
        for name, history in runner.message_hub.log_scalars.items()
        if name.startswith('train/')
    }
    assert lengths == {length}
    found = sorted(f.name for f in Path(runner.log_dir).rglob('*.json'))
    assert found == ['scalars.json']

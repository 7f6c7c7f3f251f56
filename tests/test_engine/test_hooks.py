"""SeenLosses that are read when they are logged are those of every step."""

import copy
import json
from pathlib import Path

import torch
from helpers.runs import SeenLosses, train
from mmengine.hooks import Hook

STEPS = 16  # of an epoch
KEPT = 20  # of the log's window, which is longer


class Lengths(Hook):
    """How much history the logger would find after every step."""

    priority = 'BELOW_NORMAL'

    def __init__(self) -> None:
        self.seen = []

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        scalars = runner.message_hub.log_scalars
        found = scalars.get('train/loss')
        self.seen.append(len(found.data[0]) if found else 0)


def training(cfg):
    cfg.train_cfg.max_epochs = 2
    cfg.default_hooks.logger.interval = 6
    hooks = Lengths(), SeenLosses()
    runner = train(cfg, *hooks)
    (file,) = Path(cfg.work_dir).glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        for key in ('time', 'data_time'):
            line.pop(key, None)
    return runner, lines, *hooks


def test_history_and_log_are_those_of_the_host(make_config):
    cfg = make_config('baseline_demo')
    assert cfg.default_hooks.runtime_info.type == 'DeferredInfoHook'
    plain = copy.deepcopy(cfg)
    plain.default_hooks.runtime_info.type = 'RuntimeInfoHook'
    plain.work_dir += '_plain'
    runner, lines, lengths, losses = training(cfg)
    plain_runner, plain_lines, plain_lengths, _ = training(plain)
    # Logged after steps 6 and 12, and at the end of an epoch.
    epoch = 5 * [0] + 6 * [6] + 4 * [12] + [STEPS]
    assert lengths.seen == epoch + [min(STEPS + n, KEPT) for n in epoch]
    assert plain_lengths.seen == list(range(1, 2 * STEPS + 1))
    assert lines == plain_lines
    assert [line['step'] for line in lines if 'loss' in line]
    found, wanted = (r.message_hub.log_scalars for r in (runner, plain_runner))
    assert set(found) == set(wanted) and {'train/loss_domain'} < set(found)
    for key, buffer in wanted.items():
        if 'time' not in key:
            kept = buffer.data[0].tolist()[-KEPT:]
            assert found[key].data[0].tolist() == kept
    for key in losses.losses[0]:
        seen = [step[key] for step in losses.losses]
        assert found[f'train/{key}'].data[0].tolist() == seen[-KEPT:]


def test_numbers_of_all_precisions_are_read_exactly():
    values = [
        torch.tensor(1 / 3, dtype=dtype)
        for dtype in (torch.float64, torch.float32, torch.bfloat16)
    ]
    assert torch.stack(values).tolist() == [v.item() for v in values]

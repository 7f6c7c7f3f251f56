"""The parts of a training step and what they cost, for benchmark.py."""

import copy
from typing import Callable, Sequence

import torch
from _direct_forms import DirectStep, information_bottleneck, mdta
from _measure import Cost, Machine
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmaction_uda  # noqa: F401 fills the registries
from mmaction_uda.config import load_config
from mmaction_uda.models.layers import MultiheadDomainTransferableAttention
from mmaction_uda.models.losses import (
    class_matches,
    information_bottleneck_loss,
)

CONFIG = 'transferattn_release_i3d_ucf2hmdb'
FRAMES, TOKENS, WIDTH, HEADS, HIDDEN = 53, 128 * 53, 512, 8, 1024
FLOAT = 4  # bytes


def backward(forward: Callable, leaves: Sequence) -> Callable:
    """A run of ``forward`` and of the gradients of its sum."""

    def run() -> None:
        out = forward()
        torch.autograd.grad(out, list(leaves), torch.ones_like(out))

    return run


# -- What the parts cost ----------------------------------------------------
def discriminator_flop(rows: int, width: int) -> int:
    """Of one forward."""
    return 2 * rows * (width * HIDDEN + HIDDEN**2 + HIDDEN)


def mdta_cost(num: int, frames: int, width: int, passes: int) -> Cost:
    """Of ``passes`` = 1, forward, or 3, forward and backward."""
    rows = num * frames
    flop = 8 * rows * width**2 + 2 * num * frames**2 * (width + HEADS)
    flop += discriminator_flop(2 * rows * HEADS, width // HEADS)
    weights = 4 * width**2 + HIDDEN**2 + HIDDEN * width // HEADS
    moved = (2 * rows * width + weights) * (2 if passes == 3 else 1)
    return Cost(passes * flop, FLOAT * moved)


def step_cost(batch: int) -> Cost:
    """Forward and backward of the encoder, and Adam; heads are 1 %."""
    num = 4 * batch
    rows, width = num * FRAMES, WIDTH
    patch = 2 * 1024 * 2048 * width + 2 * rows * 1024 * width
    patch += 2 * rows * 1024 * width + 4 * 1024 * 2048 * width
    block = 24 * rows * width**2 + 4 * num * FRAMES**2 * width
    last = mdta_cost(num, FRAMES, width, 1).flop + 8 * rows * width**2
    weights = 18.5e6
    moved = rows * 1024 + (3 + 7) * weights
    return Cost(patch + 3 * (3 * block + last), FLOAT * moved)


# -- The parts --------------------------------------------------------------
def bench_step(machine: Machine, batch: int, amp: bool) -> None:
    """Loss, gradients and Adam on random tokens."""
    cfg = load_config(CONFIG)
    # Tokens stand for the backbone: no weights of it are needed.
    cfg.model.backbone.update(cached=True, checkpoint=None, seed=0)
    ours = MODELS.build(cfg.model).to(machine.device).train()
    for module in ours.modules():
        if hasattr(module, 'set_progress'):
            module.set_progress(0.5, 0.5)
    x = torch.randn(2 * batch, 2, FRAMES, 1024, device=machine.device)
    samples = [
        ActionDataSample(metainfo=dict(domain=domain)).set_gt_label(i % 12)
        for domain in ('source', 'target')
        for i in range(batch)
    ]
    plain = DirectStep(copy.deepcopy(ours))

    def step(model, loss: Callable) -> Callable:
        adam = torch.optim.Adam(
            [p for p in model.parameters() if p.requires_grad], 3e-5
        )

        def run() -> None:
            adam.zero_grad()
            with torch.autocast('cuda', torch.bfloat16, enabled=amp):
                value = loss()
            value.backward()
            adam.step()

        return run

    machine.run(
        'step',
        f'{batch} + {batch}',
        step_cost(batch),
        step(ours, lambda: ours.parse_losses(ours.loss(x, samples))[0]),
        None if amp else step(plain.model, lambda: plain.loss(x, samples)),
    )


def bench_mdta(
    machine: Machine, num: int, frames: int, width: int, forward: bool = False
) -> None:
    """MDTA with its discriminator on ``num`` sequences."""
    layer = MultiheadDomainTransferableAttention(
        width,
        HEADS,
        dde_label='always_target',
        from_logits=False,
        grl=dict(ramp=None),
    ).to(machine.device)
    x = torch.randn(num, frames, width, device=machine.device)
    x.requires_grad_()
    leaves = [x, *layer.parameters()]
    size = f'{num} x {frames} x {width}'
    if forward:
        with torch.no_grad():
            machine.run(
                'MDTA, forward',
                size,
                mdta_cost(num, frames, width, 1),
                lambda: layer(x),
                lambda: mdta(layer, x),
            )
    machine.run(
        'MDTA',
        size,
        mdta_cost(num, frames, width, 3),
        backward(lambda: layer(x)[0], leaves),
        backward(lambda: mdta(layer, x), leaves),
    )


def bench_bottleneck(
    machine: Machine, queue: int, classes: int, pair_list: bool = True
) -> None:
    """32 + 32 rows of 1024 and a full queue."""
    batch, width = 32, 1024
    rows = batch + queue
    draw = torch.Generator().manual_seed(0)
    labels = torch.randint(classes, (rows,), generator=draw)
    pseudo = torch.randint(classes, (batch,), generator=draw)
    source, target, stored = (
        torch.randn(n, width, device=machine.device)
        for n in (batch, batch, queue)
    )
    leaves = source.requires_grad_(), target.requires_grad_()
    here, there = labels.to(machine.device), pseudo.to(machine.device)

    def ours() -> torch.Tensor:
        matches = class_matches(here, there)
        rows = torch.cat((source, stored))
        return information_bottleneck_loss(rows, target, matches)

    def direct() -> torch.Tensor:
        rows = torch.cat((source, stored))
        return information_bottleneck(
            rows, target, here.tolist(), there.tolist()
        )

    flop = 2 * batch * width * (3 * width + 2 * rows)
    moved = FLOAT * width * (rows + 3 * batch)
    machine.run(
        'bottleneck',
        f'queue {queue}, {classes} classes',
        Cost(flop, moved),
        backward(ours, leaves),
        backward(direct, leaves) if pair_list else None,
    )

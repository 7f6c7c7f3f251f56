"""What the benchmark compares is equal: values, gradients, queue."""

import copy
import sys

import pytest
import torch
from helpers.configs import ROOT
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from torch._dynamo.testing import CompileCounter

from mmaction_uda.config import load_config
from mmaction_uda.models.losses import (
    class_matches,
    information_bottleneck_loss,
)

PAIRS, VIEWS, T, WIDTH, CLASSES = 4, 2, 5, 6, 3


@pytest.fixture(scope='module')
def direct():
    """The module of the direct forms."""
    sys.path.insert(0, str(ROOT / 'tools/bench'))
    try:
        import _direct_forms
    finally:
        sys.path.pop(0)
    return _direct_forms


def small_model():
    """The released TransferAttn, small, in float64, without dropout."""
    model = load_config('transferattn_release_i3d_ucf2hmdb').model
    model.backbone.update(cached=True, checkpoint=None, seed=0)
    model.neck.update(
        in_channels=WIDTH,
        num_frames=T,
        embed_dims=8,
        hidden_channels=7,
        depth=2,
        num_heads=2,
    )
    model.neck.last_attention.update(
        hidden_channels=7, grl=dict(amplitude=0.6, ramp=None)
    )
    model.cls_head.num_classes = CLASSES
    model.domain_head.update(
        hidden_channels=7, grl=dict(amplitude=0.6, ramp=None)
    )
    model.ib_head.update(queue_size=6, loss_weight=0.3)
    model.ib_head.projector.channels = (5, 4, 3)
    torch.manual_seed(0)
    model = MODELS.build(model).double().train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, 'dropout'):
            module.dropout = 0.0
    for parameter in model.neck.blocks[-1].attn.discriminator.parameters():
        torch.nn.init.normal_(parameter)
    return model


def make_sure(model) -> None:
    """Discriminators whose mistakes have lost most of their gradient."""
    attention, head = model.neck.blocks[-1].attn, model.domain_head
    with torch.no_grad():
        # Weights of the frames that still differ little.
        attention.discriminator[-1].weight.mul_(0.02)
        for part in (attention, head):
            part.discriminator[-1].bias.sub_(30.0)


@pytest.mark.parametrize('sure', [False, True])
def test_step_with_gradients_and_queue(direct, sure):
    ours = small_model()
    if sure:
        make_sure(ours)
    plain = direct.DirectStep(copy.deepcopy(ours))
    samples = [
        ActionDataSample(metainfo=dict(domain=domain)).set_gt_label(i % 3)
        for domain in ('source', 'target')
        for i in range(PAIRS)
    ]
    for step in range(3):  # 8 rows a step, a queue of 6: it wraps
        torch.manual_seed(step)
        x = torch.randn(2 * PAIRS, VIEWS, T, WIDTH, dtype=torch.float64)
        found = ours.parse_losses(ours.loss(x, samples))[0]
        wanted = plain.loss(x, samples)
        assert torch.isclose(found, wanted, rtol=1e-9, atol=0)
        for model, loss in ((ours, found), (plain.model, wanted)):
            model.zero_grad()
            loss.backward()
        others = dict(plain.model.named_parameters())
        for name, parameter in ours.named_parameters():
            if parameter.requires_grad:
                grad = others[name].grad
                assert grad.any(), name
                error = (parameter.grad - grad).abs().max()
                assert error <= 1e-9 * grad.abs().max(), name
        assert torch.allclose(
            ours.ib_head.queue, plain.model.ib_head.queue, rtol=1e-9
        )
    assert (ours.ib_head.queue_labels >= 0).all()


@pytest.mark.parametrize('classes', [1, 3, 200])
def test_bottleneck(direct, classes):
    draw = torch.Generator().manual_seed(classes)
    labels = torch.randint(classes, (20,), generator=draw)
    labels[3] = -1  # an empty row of the queue
    pseudo_labels = torch.randint(classes, (8,), generator=draw)
    rows = [
        torch.randn(n, 6, generator=draw, dtype=torch.float64) for n in (20, 8)
    ]
    leaves = [x.requires_grad_() for x in rows]
    wanted = direct.information_bottleneck(*rows, labels, pseudo_labels)
    matches = class_matches(labels, pseudo_labels)
    found = information_bottleneck_loss(*rows, matches)
    assert (matches.sum() > 2) == (classes < 200)
    assert torch.isclose(found, wanted, rtol=1e-9, atol=1e-12)
    wanted = wanted + 0 * leaves[1].sum()  # not read without a pair
    grads = [torch.autograd.grad(x, leaves) for x in (found, wanted)]
    for a, b in zip(*grads, strict=True):
        assert torch.allclose(a, b, rtol=1e-9, atol=1e-9)


def test_a_compiler_takes_the_step_whole():
    """Once: neither queue nor reversal, which change, build it anew."""
    ours = small_model()
    plain = copy.deepcopy(ours)
    counter = CompileCounter()
    torch._dynamo.reset()
    compiled = torch.compile(ours.loss, backend=counter, fullgraph=True)
    samples = [
        ActionDataSample(metainfo=dict(domain=domain)).set_gt_label(i % 3)
        for domain in ('source', 'target')
        for i in range(PAIRS)
    ]
    for step in range(3):
        for module in (*ours.modules(), *plain.modules()):
            if hasattr(module, 'set_progress'):
                module.coeff.fill_(0.2 + 0.3 * step)
        x = torch.randn(2 * PAIRS, VIEWS, T, WIDTH, dtype=torch.float64)
        losses = [
            model.parse_losses(loss(x, samples))[0]
            for model, loss in ((ours, compiled), (plain, plain.loss))
        ]
        assert torch.isclose(*losses, rtol=1e-9, atol=0)
        parameters = [p for p in ours.parameters() if p.requires_grad]
        others = [p for p in plain.parameters() if p.requires_grad]
        found = torch.autograd.grad(losses[0], parameters)
        wanted = torch.autograd.grad(losses[1], others)
        for a, b in zip(found, wanted, strict=True):
            assert torch.allclose(a, b, rtol=1e-8, atol=1e-10)
    assert counter.frame_count == 1

"""What losses subtract from each other is not halved by mixed precision."""

import copy

import pytest
import torch
from mmengine.registry import init_default_scope
from test_distributed import METHODS, losses_of, make_method, method_batch

from mmaction_uda.models.heads import TextClsHead
from mmaction_uda.models.losses import full_precision
from mmaction_uda.models.losses.gaussian_losses import (
    Gaussian,
    pairwise_log_density,
)
from mmaction_uda.models.utils import sample_tensors

init_default_scope('mmaction')


def half():
    return torch.autocast('cpu', torch.bfloat16)


@pytest.mark.parametrize('name', METHODS)
def test_terms_see_float32_alone(name):
    """They are those that the same outputs give without autocast."""
    model = make_method(name).float()
    model.backbone._forward_hooks.clear()  # to float64
    x, samples = method_batch(model, 0)
    x = x.float()
    for sample in samples:
        if 'teacher_scores' in sample:
            sample.teacher_scores = sample.teacher_scores.float()
    with half():
        mixed = losses_of(copy.deepcopy(model), model, x, samples)
    assert all(v.dtype != torch.bfloat16 for v in mixed.values())
    if 'unite_small@' in name:  # its weak views are a forward of their own
        return
    with half():
        tensors = sample_tensors(samples, x.device)
        outputs, neck_losses = model.outputs(x, tensors)
    expected = {**model.cls_head.loss(outputs, tensors), **neck_losses}
    for term in model._terms():
        expected.update(term(outputs, tensors))
    for key in expected:
        assert torch.equal(mixed[key], expected[key]), key


def test_densities():
    """Far from the origin, where squares of 16 bits differ by whole nats."""
    torch.manual_seed(0)
    x = 30 + torch.randn(4, 64)
    q = Gaussian(30 + torch.randn(5, 64), torch.zeros(5, 64))
    exact = pairwise_log_density(
        x.double(), Gaussian(*(p.double() for p in q))
    )
    with half():
        found = pairwise_log_density(x, q)
    assert torch.allclose(found.double(), exact, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize('order', ['mean_text', 'logits'])
def test_cosines_of_texts(order):
    """A hundred cosines: half-precision moves a logit by a tenth."""
    head = TextClsHead(5, 64, templates='unite', order=order)
    torch.manual_seed(0)
    head.texts.data.copy_(torch.randn(head.texts.shape))
    x = torch.randn(2, 3, 64)
    with half():
        found = head(x)
    assert torch.equal(found, head(x))


def test_autocast_goes_on_behind_it():
    one = torch.ones(2, 2)
    with half():
        with full_precision():
            assert (one @ one).dtype == torch.float32
        assert (one @ one).dtype == torch.bfloat16

import pytest
import torch

from mmaction_uda.models.layers import (
    GradientReversalLayer,
    gradient_reversal,
    grl_ramp,
)

DTYPES = (torch.float32, torch.float64, torch.bfloat16)


@pytest.mark.parametrize('dtype', DTYPES)
@pytest.mark.parametrize('coeff', [0.0, 0.25, 0.5, 1.0, 2.0])
def test_identity_forward_and_minus_coeff_backward(coeff, dtype):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 4, generator=generator).to(dtype).requires_grad_()
    weight = torch.randn(3, 4, generator=generator).to(dtype)
    out = gradient_reversal(x, coeff)
    assert out.dtype == dtype and torch.equal(out, x)
    (grad,) = torch.autograd.grad((out * weight).sum(), x)
    assert grad.dtype == dtype
    # Powers of two: exact in every dtype.
    assert torch.equal(grad, -coeff * weight)


def test_two_reversals_give_the_square():
    x = torch.randn(5, dtype=torch.float64, requires_grad=True)
    twice = gradient_reversal(gradient_reversal(x, 0.5), 0.5)
    (grad,) = torch.autograd.grad(twice.sin().sum(), x)
    assert torch.equal(grad, 0.25 * x.detach().cos())


@pytest.mark.parametrize(
    'epoch, coeff',
    [
        (0, 0.0),
        (10, 0.165),
        (30, 0.462),
        (60, 0.762),
        (100, 0.931),
        (150, 0.987),
    ],
)
def test_ramp_of_the_release(epoch, coeff):
    """systems.md 1.7; the figures there have three digits."""
    assert round(grl_ramp(epoch / 300, 1.0), 3) == coeff
    assert grl_ramp(epoch / 300, 0.5) == 0.5 * grl_ramp(epoch / 300, 1.0)


def test_ramp_starts_at_exactly_zero():
    assert grl_ramp(0.0, 1.0) == 0.0


@pytest.mark.parametrize(
    'ramp, start, coeff',
    [
        ('epoch', 0.0, grl_ramp(0.2, 0.5)),
        ('iter', 0.0, grl_ramp(0.7, 0.5)),
        (None, 0.5, 0.5),
    ],
)
def test_set_progress(ramp, start, coeff):
    layer = GradientReversalLayer(amplitude=0.5, ramp=ramp)
    assert layer.coeff == start
    layer.set_progress(epoch=0.2, iteration=0.7)
    assert layer.coeff == coeff
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    layer(x).sum().backward()
    assert torch.equal(x.grad, torch.full_like(x, -coeff))


def test_gamma_is_the_steepness():
    layer = GradientReversalLayer(gamma=5.0)
    layer.set_progress(epoch=0.4, iteration=0.0)
    assert layer.coeff == grl_ramp(0.2, 1.0, gamma=10.0)


def test_keeps_no_state():
    """A resume takes the coefficient from the loop, not from a file."""
    assert not GradientReversalLayer().state_dict()


def test_unknown_ramp_is_refused():
    with pytest.raises(ValueError, match='ramp must be one of'):
        GradientReversalLayer(ramp='step')

"""Fast forms against the plain ones, values and gradients in float64."""

import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F

from mmaction_uda.models.kernels import (
    draw_seed,
    keep_mask,
    keep_share,
    mlp,
    random_bits,
)
from mmaction_uda.models.layers import (
    Discriminator,
    MultiheadSelfAttention,
    StackedLinear,
    TransformerBlock,
)
from mmaction_uda.models.layers.multihead_maps import attend
from mmaction_uda.models.losses import domain_adversarial_loss

RATES = (0.0, 0.2, 0.5)


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def leaves(*shapes) -> list:
    return [
        randn(*shape, seed=n).requires_grad_()
        for n, shape in enumerate(shapes)
    ]


def close(a, b) -> bool:
    return all(
        torch.allclose(x, y, rtol=1e-9, atol=1e-9)
        for x, y in zip(a, b, strict=True)
    )


def gradients(out: torch.Tensor, leaves) -> tuple:
    weight = randn(*out.shape, seed=99)
    return torch.autograd.grad((out * weight).sum(), tuple(leaves))


# -- Dropout ----------------------------------------------------------------
@pytest.mark.parametrize('p', [0.1, 0.2, 0.5, 0.9])
def test_share_of_a_mask(p):
    like = torch.empty(1_001, 1_001)  # not a multiple of four draws
    mask = keep_mask(like, p, random_bits(0))
    assert mask.shape == like.shape and set(mask.unique().tolist()) == {0, 1}
    assert abs(keep_share(p) - (1 - p)) < 2**-16
    deviation = (p * (1 - p) / mask.numel()) ** 0.5
    assert abs(mask.double().mean() - keep_share(p)) < 5 * deviation
    # Neighbours, which may share a 64-bit number, are independent.
    flat = mask.flatten().double() - mask.double().mean()
    for step in (1, 2, 3, 4, 1_001):
        product = (flat[step:] * flat[:-step]).mean() / (p * (1 - p))
        assert abs(product) < 5 / mask.numel() ** 0.5


# -- Attention --------------------------------------------------------------
def plain_attention(q, k, v, scale: float, weights) -> torch.Tensor:
    """``T x T`` tensors in full, ``weights`` the factors of the dropout."""
    return (q @ k.mT * scale).softmax(-1) * weights @ v


def dropped(q, k, scale: float, p: float, seed: int) -> torch.Tensor:
    """Factors of the dropout, found by attending over one-hot values."""
    torch.manual_seed(seed)
    eye = torch.eye(k.shape[-2], dtype=q.dtype).expand(*k.shape[:-1], -1)
    return attend(q, k, eye, scale, p) / (q @ k.mT * scale).softmax(-1)


@pytest.mark.parametrize('p', RATES)
@pytest.mark.parametrize('width', [1, 3])  # outer products, ordinary
def test_attention_equals_the_plain_form(width, p):
    q, k, v = leaves((2, 3, 11, width), (2, 3, 7, width), (2, 3, 7, 5))
    weights = dropped(q, k, 0.7, p, seed=4).detach()
    kept = 1 / (1 - p)
    assert ((weights - kept).abs() < 1e-9).logical_or(weights == 0).all()
    assert (weights == 0).any() == (p > 0)
    torch.manual_seed(4)
    out = attend(q, k, v, 0.7, p)
    plain = plain_attention(q, k, v, 0.7, weights)
    assert close([out], [plain])
    assert close(gradients(out, (q, k, v)), gradients(plain, (q, k, v)))


def test_self_attention_begins_and_computes_like_that_of_torch():
    torch.manual_seed(0)
    ours = MultiheadSelfAttention(64, 4, dropout=0.0)
    torch.manual_seed(0)
    torchs = nn.MultiheadAttention(64, 4, batch_first=True)
    bound = torchs.in_proj_weight.abs().max()
    assert torch.isclose(ours.in_proj_weight.abs().max(), bound, rtol=1e-2)
    assert not ours.in_proj_bias.any() and not ours.out_proj.bias.any()
    torchs.load_state_dict(ours.state_dict())  # the same names and shapes
    x = torch.randn(3, 5, 64)
    expected = torchs(x, x, x, need_weights=False)[0]
    assert torch.allclose(ours(x)[0], expected, atol=1e-6)


# -- Networks ---------------------------------------------------------------
@pytest.mark.parametrize('num_layers', [0, 1, 2, 3])
@pytest.mark.parametrize('block', [2**21, 24, 1])
def test_discriminator_equals_its_layers(block, num_layers, monkeypatch):
    monkeypatch.setattr(mlp, 'BLOCK', block)
    net = Discriminator(5, 8, 0.0, num_layers).double()
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    (x,) = leaves((2, 9, 5))
    inputs = [x, *net.parameters()]
    plain = nn.Sequential.forward(net, x).squeeze(-1)
    assert close([net(x)], [plain])
    assert close(gradients(net(x), inputs), gradients(plain, inputs))


def test_discriminator_with_dropout_equals_its_layers(monkeypatch):
    """The masks in the order in which the network draws them."""
    monkeypatch.setattr(mlp, 'BLOCK', 24)  # three rows
    net = Discriminator(5, 8, 0.5).double()
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    (x,) = leaves((9, 5))
    torch.manual_seed(2)
    out = net(x)
    torch.manual_seed(2)
    bits, parts = random_bits(draw_seed()), []
    for rows in x.split(3):
        hidden = rows
        for n in (0, 3):
            hidden = net[n](hidden).relu()
            hidden = hidden * keep_mask(hidden, 0.5, bits) / 0.5
        parts.append(net[6](hidden))
    plain = torch.cat(parts).squeeze(-1)
    inputs = [x, *net.parameters()]
    assert close([out], [plain])
    assert close(gradients(out, inputs), gradients(plain, inputs))
    net.eval()
    assert close([net(x)], [nn.Sequential.forward(net, x).squeeze(-1)])


def test_no_gradient_where_none_is_asked_for():
    net, x = Discriminator(5, 8).double(), randn(9, 5)
    assert net(x).requires_grad  # data: the first layer needs no dx
    net(x).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    with torch.no_grad():
        assert not net(x).requires_grad


@pytest.mark.parametrize('rows', [2, 300])
def test_stacked_maps_equal_one_after_the_other(rows):
    """Two rows go through both, 300 through the product."""
    pair = StackedLinear(nn.Linear(6, 16), nn.Linear(16, 4)).double()
    (x,) = leaves((rows, 6))
    inputs = [x, *pair.parameters()]
    plain = pair[1](pair[0](x))
    assert close([pair(x)], [plain])
    assert close(gradients(pair(x), inputs), gradients(plain, inputs))
    assert list(dict(pair.named_parameters())) == [
        '0.weight',
        '0.bias',
        '1.weight',
        '1.bias',
    ]


@pytest.mark.parametrize(
    'attention',
    ['MultiheadSelfAttention', 'MultiheadDomainTransferableAttention'],
)
def test_pooled_block_equals_the_mean_of_the_block(attention):
    block = TransformerBlock(6, 2, dict(type=attention)).double().eval()
    (x,) = leaves((4, 5, 6))
    is_target = torch.tensor([False, False, True, True])
    inputs = [x, *block.parameters()]
    plain = block(x, is_target)[0].mean(1)
    pooled = block.pooled(x, is_target)[0]
    assert close([pooled], [plain])
    assert close(gradients(pooled, inputs), gradients(plain, inputs))


# -- Losses -----------------------------------------------------------------
def test_masked_domain_loss_equals_that_of_the_parts():
    (logits,) = leaves((6, 3, 2))
    is_target = torch.tensor([True, False, False, True, True, False])
    is_target[2] = True  # unequal domains
    whole = domain_adversarial_loss(logits, logits, is_target)
    parts = domain_adversarial_loss(logits[~is_target], logits[is_target])
    assert close([whole], [parts])
    assert close(gradients(whole, [logits]), gradients(parts, [logits]))


def test_quick_gelu():
    block = TransformerBlock(2, 1, dict(type='MultiheadSelfAttention'))
    (x,) = leaves((50,))
    y = block.mlp[1](x)
    assert close([y], [x / (1 + torch.exp(-1.702 * x))])
    assert torch.autograd.gradcheck(block.mlp[1], x)


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_compiled_or_in_autocast_torchs_own_kernels_run(dtype):
    net, x = Discriminator(5, 8, 0.0), torch.randn(9, 5)
    with torch.autocast('cpu', dtype, enabled=dtype != torch.float32):
        logits = net(x)
    assert logits.dtype == dtype
    assert torch.allclose(logits.float(), net(x), atol=0.1)
    logits.float().sum().backward()
    assert net[0].weight.grad.dtype == torch.float32
    assert F.softplus(logits.float()).isfinite().all()

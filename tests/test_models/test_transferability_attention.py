"""TAM against an independent computation in float64, row by row."""

import math

import pytest
import torch

from mmaction_uda.models.layers import TransferabilityAdaptionAttention
from mmaction_uda.models.losses import binary_entropy

N, T, WIDTH, HEADS, COEFF = 4, 5, 6, 2, 0.3
HEAD_WIDTH = WIDTH // HEADS
MIXED = torch.tensor([False, True, False, True])


def make(loss_weight: float = 0.01) -> TransferabilityAdaptionAttention:
    torch.manual_seed(0)
    attention = TransferabilityAdaptionAttention(
        WIDTH,
        HEADS,
        dropout=0.0,
        proj_dropout=0.0,
        disc_dropout=0.0,
        loss_weight=loss_weight,
        grl=dict(amplitude=COEFF, ramp=None),
    ).double()
    with torch.no_grad():
        for parameter in attention.discriminator.parameters():
            parameter.normal_()
    return attention


def tokens() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(N, T, WIDTH, generator=generator).double()


def reverse(x: torch.Tensor) -> torch.Tensor:
    """The value of ``x``, ``-COEFF`` times its gradient."""
    return -COEFF * x + (1 + COEFF) * x.detach()


def naive(attention, x) -> tuple:
    """Output ``[N, T, C]`` and ``loss_tam``, by loops over all."""
    maps = torch.nn.functional.linear(
        x, attention.in_proj_weight, attention.in_proj_bias
    ).split(WIDTH, -1)
    first, second, last = (attention.discriminator[i] for i in (0, 3, 6))

    def answer(key):
        key = reverse(key)
        hidden = (first.weight @ key + first.bias).clamp(min=0)
        hidden = (second.weight @ hidden + second.bias).clamp(min=0)
        return 1 / (1 + (-(last.weight @ hidden + last.bias)[0]).exp())

    rows, terms = [], ([], [])
    for n in range(N):
        heads = []
        for h in range(HEADS):
            part = slice(h * HEAD_WIDTH, (h + 1) * HEAD_WIDTH)
            q, k, v = (m[n, :, part] for m in maps)
            p = [answer(key) for key in k]
            t = [-x * x.log2() - (1 - x) * (1 - x).log2() for x in p]
            terms[int(MIXED[n])].extend(
                -(1 - x).log() if MIXED[n] else -x.log() for x in p
            )
            scores = torch.stack(
                [
                    torch.stack([(a * b).sum() for b in k])
                    for a in q / math.sqrt(HEAD_WIDTH)
                ]
            )
            weights = scores.exp() / scores.exp().sum(1, keepdim=True)
            heads.append((weights * torch.stack(t)) @ v)
        rows.append(torch.cat(heads, -1))
    means = [torch.stack(part).mean() for part in terms]
    return attention.out_proj(torch.stack(rows)), sum(means) / 2


def gradients(attention, out, loss) -> list:
    weights = torch.linspace(-1, 1, out.numel()).double().view_as(out)
    total = (out * weights).sum() + 3 * loss
    return torch.autograd.grad(total, list(attention.parameters()))


def test_equal_to_loops_with_gradients():
    """The reversal lies between keys and discriminator alone."""
    attention = make(loss_weight=1.0)
    out, losses = attention(tokens(), MIXED)
    expected, loss = naive(attention, tokens())
    assert (out - expected).abs().max() <= 1e-9
    assert (losses['loss_tam'] - loss).abs() <= 1e-9
    found = gradients(attention, out, losses['loss_tam'])
    wanted = gradients(attention, expected, loss)
    for a, b in zip(found, wanted):
        assert (a - b).abs().max() <= 1e-9 and b.abs().max() > 1e-6


def test_domains_weigh_the_same_and_the_weight_counts():
    three = torch.tensor([False, True, True, True])
    attention = make()
    logits = attention._rate(tokens())[-1]
    source = torch.nn.functional.softplus(-logits[:1]).mean()
    target = torch.nn.functional.softplus(logits[1:]).mean()
    found = attention(tokens(), three)[1]['loss_tam']
    assert torch.isclose(found, 0.01 * (source + target) / 2)


def test_at_test_there_is_no_loss_and_no_domain():
    attention = make()
    out, losses = attention(tokens())
    assert losses == {}
    assert torch.equal(out, attention(tokens(), MIXED)[0])


def test_a_sure_discriminator_turns_a_frame_off():
    attention = make()
    with torch.no_grad():
        attention.discriminator[6].weight.zero_()
        attention.discriminator[6].bias.fill_(60.0)
        attention.out_proj.bias.zero_()
    assert attention(tokens())[0].abs().max() < 1e-12


def test_share_of_attention_sums_to_one():
    weights = make().frame_weights(tokens())
    assert weights.shape == (N, T) and weights.std() > 1e-3
    torch.testing.assert_close(weights.sum(1), torch.ones(N).double())


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_entropy_of_any_logit_is_finite(dtype):
    logits = torch.tensor([0.0, 5.0, -5.0, 1e4, -1e4], dtype=dtype)
    logits.requires_grad_()
    found = binary_entropy(logits)
    found.sum().backward()
    assert found[3] == found[4] == 0
    assert logits.grad.isfinite().all()
    p = 1 / (1 + math.exp(-5))
    nats = -p * math.log(p) - (1 - p) * math.log(1 - p)
    tolerance = 1e-6 if dtype == torch.float32 else 2e-2
    assert abs(float(found[1]) - nats) < tolerance
    assert abs(float(found[0]) - math.log(2)) < tolerance


def test_parameters_at_full_size():
    """TVT's discriminator of 64-wide keys, 64 -> 64 -> 64 -> 1."""
    with torch.device('meta'):
        attention = TransferabilityAdaptionAttention(512, 8)
    count = sum(p.numel() for p in attention.discriminator.parameters())
    assert count == 2 * (64 * 64 + 64) + 64 + 1

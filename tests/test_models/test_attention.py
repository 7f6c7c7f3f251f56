import math

import pytest
import torch
import torch.nn.functional as F
from mmaction.structures import ActionDataSample

from mmaction_uda.models.heads import DomainHead
from mmaction_uda.models.layers import (
    MultiheadDomainTransferableAttention,
    MultiheadSelfAttention,
    Projector,
    TransformerBlock,
)
from mmaction_uda.models.necks import TransformerNeck

N, T, WIDTH, HEADS = 4, 5, 6, 2
HEAD_WIDTH = WIDTH // HEADS
MIXED = torch.tensor([False, False, True, True])
MDTA = 'MultiheadDomainTransferableAttention'
LABELS = ('by_domain', 'always_target')


def make(coeff: float = 1.0, **kwargs):
    """A small MDTA in float64 with logits that differ between frames."""
    torch.manual_seed(0)
    attention = MultiheadDomainTransferableAttention(
        WIDTH,
        HEADS,
        hidden_channels=7,
        grl=dict(amplitude=coeff, ramp=None),
        **kwargs,
    ).double()
    with torch.no_grad():
        for parameter in attention.discriminator.parameters():
            parameter.normal_()
    return attention


def tokens(num: int = N) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(num, T, WIDTH, generator=generator).double()


def naive_parts(attention, x):
    """Queries, keys, values of every sample, head and frame, by hand."""
    weight, bias = attention.in_proj_weight, attention.in_proj_bias
    parts = []
    for part in range(3):
        rows = slice(part * WIDTH, (part + 1) * WIDTH)
        y = x @ weight[rows].T + bias[rows]
        parts.append(y.reshape(len(x), T, HEADS, HEAD_WIDTH))
    return parts


def naive_probability(attention, vector):
    """``sigmoid(A(vector))``: three linear maps with ReLU between."""
    first, second, last = (attention.discriminator[i] for i in (0, 3, 6))
    hidden = (first.weight @ vector + first.bias).clamp(min=0)
    hidden = (second.weight @ hidden + second.bias).clamp(min=0)
    logit = (last.weight @ hidden + last.bias)[0]
    return 1 / (1 + torch.exp(-logit))


def naive_dde(x: torch.Tensor, takes_source_branch: bool):
    """Eq. 6, with the release's minus sign."""
    return -torch.log(x) if takes_source_branch else -torch.log(1 - x)


def naive_maps(attention, x, source_branch, scale=1.0):
    """Attention maps ``[N][h]`` of ``T x T`` and the values."""
    scale = scale / HEAD_WIDTH**0.5
    queries, keys, values = naive_parts(attention, x)
    maps = []
    for n in range(len(x)):
        maps.append([])
        for h in range(HEADS):
            a, b = (
                [
                    naive_dde(
                        naive_probability(attention, vectors[n, t, h]),
                        source_branch[n],
                    )
                    for t in range(T)
                ]
                for vectors in (queries, keys)
            )
            rows = []
            for i in range(T):
                e = [torch.exp(scale * a[i] * b[j]) for j in range(T)]
                rows.append([value / sum(e) for value in e])
            maps[n].append(rows)
    return maps, values


def naive_forward(attention, x, source_branch, scale=1.0):
    maps, values = naive_maps(attention, x, source_branch, scale)
    out = []
    for n in range(len(x)):
        for i in range(T):
            mixed = torch.cat(
                [
                    sum(maps[n][h][i][j] * values[n, j, h] for j in range(T))
                    for h in range(HEADS)
                ]
            )
            out.append(
                attention.out_proj.weight @ mixed + attention.out_proj.bias
            )
    return torch.stack(out).reshape(len(x), T, WIDTH)


def source_branches(dde_label, is_target):
    """Which rows take ``-log x``? By the release's label 1: all of them."""
    if dde_label == 'always_target':
        return [True] * len(is_target)
    return [not flag for flag in is_target.tolist()]


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-9, atol=1e-9)


# -- Forward ----------------------------------------------------------------
@pytest.mark.parametrize('scale', [1.0, 3.0])
@pytest.mark.parametrize('dde_label', LABELS)
def test_forward_equals_naive_loops(dde_label, scale):
    attention = make(dde_label=dde_label, score_scale=scale).eval()
    out, losses = attention(tokens(), MIXED)
    branches = source_branches(dde_label, MIXED)
    assert close(out, naive_forward(attention, tokens(), branches, scale))
    assert losses == {}


def test_a_larger_scale_makes_weights_differ_more():
    scales = (0.0, 1.0, 3.0)
    weights = [
        make(score_scale=s).eval().frame_weights(tokens()) for s in scales
    ]
    flat, plain, sharp = (w.std(-1).mean() for w in weights)
    assert flat < 1e-12 < plain < sharp


def test_both_labels_agree_on_source_rows_only():
    """The release's target branch, -log x, is the paper's source branch."""
    by_domain = make(dde_label='by_domain').eval()
    release = make(dde_label='always_target').eval()
    a, b = by_domain(tokens(), MIXED)[0], release(tokens(), MIXED)[0]
    assert torch.equal(a[~MIXED], b[~MIXED])
    assert ((a - b)[MIXED].abs().amax((1, 2)) > 1e-3).all()


@pytest.mark.parametrize('dde_label', LABELS)
def test_without_domains_every_row_is_a_target(dde_label):
    attention = make(dde_label=dde_label).eval()
    everywhere = torch.ones(N, dtype=torch.bool)
    out = attention(tokens())[0]
    assert torch.equal(out, attention(tokens(), everywhere)[0])
    branches = source_branches(dde_label, everywhere)
    assert close(out, naive_forward(attention, tokens(), branches))


def test_rows_do_not_see_each_other():
    attention = make().eval()
    together = attention(tokens(), MIXED)[0]
    for n in range(N):
        alone = attention(tokens()[n : n + 1], MIXED[n : n + 1])[0]
        assert close(together[n : n + 1], alone)


@pytest.fixture
def neck():
    """Two blocks, the second one a DTAB."""
    torch.manual_seed(0)
    neck = TransformerNeck(
        3,
        num_frames=T,
        embed_dims=WIDTH,
        hidden_channels=8,
        depth=2,
        num_heads=HEADS,
        last_attention=dict(type=MDTA, hidden_channels=7),
    )
    return neck.double().eval()


def test_domain_of_a_sample_does_not_matter_at_test(neck):
    x = torch.randn(2, 2, T, 3, dtype=torch.float64)
    samples = [ActionDataSample(metainfo=dict(domain='target'))] * 2
    other = [ActionDataSample(metainfo=dict(domain='source'))] * 2
    at_test, losses = neck(x)
    assert torch.equal(at_test, neck(x, samples)[0]) and losses == {}
    assert not torch.equal(at_test, neck(x, other)[0])  # in training it does


def test_frame_weights_of_the_neck_are_those_of_its_last_block(neck):
    x = torch.randn(2, 3, T, 3, dtype=torch.float64)
    weights = neck.frame_weights(x)
    assert weights.shape == (2, 3, T)
    first, last = neck.blocks
    for b in range(2):
        for v in range(3):
            y = neck.patch_embed(x[b, v]) + neck.temporal_embed
            y = last.norm1(first(y[None])[0])
            assert close(weights[b, v], last.attn.frame_weights(y)[0])


@pytest.mark.parametrize('shape', [(2, T, 3), (1, 2, T + 1, 3), (1, 2, T, 4)])
def test_neck_refuses_other_tokens(neck, shape):
    with pytest.raises(ValueError, match='neck.num_frames'):
        neck(torch.zeros(shape, dtype=torch.float64))


# -- Frame weights ----------------------------------------------------------
@pytest.mark.parametrize('dde_label', LABELS)
def test_frame_weights_are_the_mean_of_the_naive_softmax(dde_label):
    attention = make(dde_label=dde_label).eval()
    branches = source_branches(dde_label, torch.ones(N, dtype=torch.bool))
    maps, _ = naive_maps(attention, tokens(), branches)
    weights = attention.frame_weights(tokens())
    for n in range(N):
        for j in range(T):
            received = [
                maps[n][h][i][j] for h in range(HEADS) for i in range(T)
            ]
            mean = sum(received) / len(received)
            assert math.isclose(
                weights[n, j].item(), mean.item(), rel_tol=1e-9
            )
    assert close(weights.sum(1), torch.ones(N).double())
    assert weights.std(1).min() > 1e-3  # not uniform: the test can fail


def test_frame_weights_of_self_attention():
    torch.manual_seed(0)
    attention = MultiheadSelfAttention(WIDTH, HEADS).double().eval()
    x = tokens()
    projected = x @ attention.in_proj_weight.T + attention.in_proj_bias
    q, k, _ = projected.reshape(N, T, 3, HEADS, HEAD_WIDTH).unbind(2)
    weights = attention.frame_weights(x)
    for n in range(N):
        maps = [
            torch.stack([(q[n, i, h] * k[n, :, h]).sum(-1) for i in range(T)])
            .div(HEAD_WIDTH**0.5)
            .softmax(-1)
            for h in range(HEADS)
        ]
        assert close(weights[n], sum(m.mean(0) for m in maps) / HEADS)


# -- Gradients --------------------------------------------------------------
def task_gradients(out: torch.Tensor, attention) -> dict:
    weight = torch.linspace(-1, 1, out.numel()).double().reshape(out.shape)
    names, parameters = zip(*attention.named_parameters(), strict=True)
    grads = torch.autograd.grad((out * weight).sum(), parameters)
    return dict(zip(names, grads, strict=True))


def gradients_with_and_without_reversal(coeff: float, dde_label: str):
    attention = make(
        coeff,
        dde_label=dde_label,
        dropout=0.0,
        proj_dropout=0.0,
        disc_dropout=0.0,
    )
    branches = source_branches(dde_label, MIXED)
    plain = naive_forward(attention, tokens(), branches)
    return (
        task_gradients(attention(tokens(), MIXED)[0], attention),
        task_gradients(plain, attention),
    )


def assert_ratio(grad: torch.Tensor, plain: torch.Tensor, ratio: float):
    assert plain.abs().max() > 1e-4
    error = (grad - ratio * plain).abs().max()
    assert error <= 1e-9 * plain.abs().max()


@pytest.mark.parametrize('dde_label', LABELS)
@pytest.mark.parametrize('coeff', [1.0, 0.5, 0.165])
def test_gradient_facts(coeff, dde_label):
    """systems.md 1.5: W_Q, W_K +c^2, A -c, W_V and W_O ordinary."""
    grads, plain = gradients_with_and_without_reversal(coeff, dde_label)
    for name in ('in_proj_weight', 'in_proj_bias'):
        for part, ratio in enumerate((coeff**2, coeff**2, 1.0)):
            rows = slice(part * WIDTH, (part + 1) * WIDTH)
            assert_ratio(grads[name][rows], plain[name][rows], ratio)
    for name in ('out_proj.weight', 'out_proj.bias'):
        assert_ratio(grads[name], plain[name], 1.0)
    for name in grads:
        if name.startswith('discriminator'):
            assert_ratio(grads[name], plain[name], -coeff)


def test_no_gradient_of_the_discriminator_at_coeff_zero():
    grads, plain = gradients_with_and_without_reversal(0.0, 'by_domain')
    for name, grad in grads.items():
        if name.startswith('discriminator'):
            assert not grad.any() and plain[name].any()
    assert not grads['in_proj_weight'][: 2 * WIDTH].any()
    assert not grads['in_proj_bias'][: 2 * WIDTH].any()
    assert_ratio(
        grads['in_proj_weight'][2 * WIDTH :],
        plain['in_proj_weight'][2 * WIDTH :],
        1.0,
    )


# -- Saturated discriminators -----------------------------------------------
def set_logits(attention, gain: float, offset: float = 0.0) -> None:
    """Let ``A(v) = gain * relu(v_0 + 50) + offset - 50 gain``."""
    with torch.no_grad():
        for parameter in attention.discriminator.parameters():
            parameter.zero_()
        first, second, last = (attention.discriminator[i] for i in (0, 3, 6))
        first.weight[0, 0], first.bias[0] = 1.0, 50.0
        second.weight[0, 0], last.weight[0, 0] = 1.0, gain
        last.bias.fill_(offset - 50.0 * gain)


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
@pytest.mark.parametrize('dde_label', LABELS)
@pytest.mark.parametrize('logit', [-1e4, -100.0, 0.0, 100.0, 1e4])
@pytest.mark.parametrize('from_logits', [True, False])
def test_extreme_logits_stay_finite(from_logits, logit, dde_label, dtype):
    attention = make(
        dde_label=dde_label, disc_supervision='bce', from_logits=from_logits
    )
    set_logits(attention, gain=1.0, offset=logit)
    attention.to(dtype)
    x = tokens().to(dtype).requires_grad_()
    out, losses = attention(x, MIXED)
    assert out.isfinite().all() and losses['loss_mdta'].isfinite()
    (out.float().sum() + losses['loss_mdta']).backward()
    grads = [x.grad, *(p.grad for p in attention.parameters())]
    assert all(g.isfinite().all() for g in grads)
    assert attention.frame_weights(x).isfinite().all()


@pytest.mark.parametrize('from_logits', [True, False])
@pytest.mark.parametrize('dde_label', LABELS)
def test_ordinary_logits_give_the_bce_of_the_release(dde_label, from_logits):
    """F.binary_cross_entropy on sigmoid outputs clamps logs at -100."""
    logits = torch.linspace(-10, 10, 2 * N * HEADS * T).double()
    logits = logits.reshape(2, N, HEADS, T)
    attention = make(dde_label=dde_label, from_logits=from_logits)
    errors = attention._dde(logits, MIXED)
    for n, source in enumerate(source_branches(dde_label, MIXED)):
        p = logits[:, n].sigmoid()
        label = torch.ones_like(p) if source else torch.zeros_like(p)
        clamped = F.binary_cross_entropy(p, label, reduction='none')
        assert close(errors[:, n], clamped)


@pytest.mark.parametrize('dde_label', LABELS)
def test_errors_from_probabilities_saturate(dde_label):
    """In float32, as the release; the gradient is reversed once."""
    attention = make(dde_label=dde_label, from_logits=False)
    by_logit = {  # error and slope of the label 1, and of 0
        -30.0: ((30.0, -0.0935762), (0.0, 0.0)),
        -110.0: ((100.0, 0.0), (0.0, 0.0)),
        17.0: ((0.0, 0.0), (100.0, 0.0)),
    }
    for logit, pair in by_logit.items():
        logits = torch.full((2, N, HEADS, T), logit, requires_grad=True)
        errors = attention._dde(logits, MIXED)
        errors.sum().backward()
        for n, source in enumerate(source_branches(dde_label, MIXED)):
            error, slope = pair[0 if source else 1]
            wanted = torch.full((2, HEADS, T), error)
            torch.testing.assert_close(errors[:, n], wanted)
            wanted = torch.full((2, HEADS, T), -slope)
            torch.testing.assert_close(logits.grad[:, n], wanted)


# -- Supervision of the discriminator ---------------------------------------
def test_bce_supervision_equals_naive_loops():
    """Eq. 6: x is the probability of the source."""
    attention = make(disc_supervision='bce').eval()
    out, losses = attention(tokens(), MIXED)
    unsupervised, nothing = make().eval()(tokens(), MIXED)
    assert torch.equal(out, unsupervised) and nothing == {}
    queries, keys, _ = naive_parts(attention, tokens())
    source, target = [], []
    for vectors in (queries, keys):
        for n in range(N):
            for t in range(T):
                for h in range(HEADS):
                    p = naive_probability(attention, vectors[n, t, h])
                    if MIXED[n]:
                        target.append(-torch.log(1 - p))
                    else:
                        source.append(-torch.log(p))
    naive = sum(source) / len(source) + sum(target) / len(target)
    assert set(losses) == {'loss_mdta'}
    assert close(losses['loss_mdta'], naive)


def test_bce_supervision_descends_in_the_discriminator():
    """... and is reversed for queries and keys."""
    coeff = 0.5
    attention = make(coeff, disc_supervision='bce', disc_dropout=0.0)
    loss = attention(tokens(), MIXED)[1]['loss_mdta']
    reversed_grad = torch.autograd.grad(
        loss, [attention.in_proj_weight, attention.discriminator[0].weight]
    )
    attention.grl.coeff.fill_(-1.0)  # a reversal of -1 is none
    loss = attention(tokens(), MIXED)[1]['loss_mdta']
    plain = torch.autograd.grad(
        loss, [attention.in_proj_weight, attention.discriminator[0].weight]
    )
    assert_ratio(reversed_grad[0], plain[0], -coeff)
    assert_ratio(reversed_grad[1], plain[1], 1.0)


def test_no_supervision_at_test():
    attention = make(disc_supervision='bce').eval()
    assert attention(tokens())[1] == {}


# -- Dropout ----------------------------------------------------------------
@pytest.mark.parametrize('where', ['dropout', 'proj_dropout', 'disc_dropout'])
def test_each_dropout_acts_in_training_alone(where):
    rates = dict(dropout=0.0, proj_dropout=0.0, disc_dropout=0.0)
    attention = make(**{**rates, where: 0.5})
    torch.manual_seed(0)
    first, second = (attention(tokens(), MIXED)[0] for _ in range(2))
    assert not torch.equal(first, second)
    attention.eval()
    first, second = (attention(tokens(), MIXED)[0] for _ in range(2))
    assert torch.equal(first, second)


# -- Sizes, systems.md 1.4 --------------------------------------------------
def count(module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope='module')
def full_size():
    return {
        width: TransformerNeck(width, last_attention=attention)
        for width, attention in ((1024, dict(type=MDTA)), (768, None))
    }


def test_parameters_of_the_encoder(full_size):
    with_mdta, standard = full_size[1024], full_size[768]
    discriminator = with_mdta.blocks[-1].attn.discriminator
    assert count(discriminator) == 1_117_185
    assert [count(b) for b in standard.blocks] == [3_152_384] * 4
    assert count(standard.blocks) == 12_609_536
    assert count(with_mdta.blocks) == 13_726_721
    assert count(with_mdta.patch_embed) == 3_148_288
    assert count(standard.patch_embed) == 2_624_000
    for neck in full_size.values():
        assert neck.temporal_embed.shape == (53, 512)


def test_parameters_of_the_heads():
    assert count(DomainHead(512).discriminator) == 1_575_937
    assert count(Projector(512)) == 2_628_608


# -- Block ------------------------------------------------------------------
def test_block_is_pre_norm():
    """``x + MHA(LN x)``, then ``x + MLP(LN x)`` with QuickGELU."""
    torch.manual_seed(0)
    attention = dict(type='MultiheadSelfAttention')
    block = TransformerBlock(WIDTH, HEADS, attention).double().eval()
    x = tokens()

    def norm(layer, y):
        mean = y.mean(-1, keepdim=True)
        variance = (y - mean).square().mean(-1, keepdim=True)
        return (y - mean) / (
            variance + 1e-5
        ).sqrt() * layer.weight + layer.bias

    y = x + block.attn(norm(block.norm1, x))[0]
    hidden = block.mlp[0](norm(block.norm2, y))
    hidden = hidden / (1 + torch.exp(-1.702 * hidden))
    naive = y + block.mlp[2](hidden)
    assert close(block(x)[0], naive)


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match='not divisible'):
        MultiheadDomainTransferableAttention(6, 4)


@pytest.mark.parametrize('name', ['dde_label', 'disc_supervision'])
def test_unknown_choices_are_refused(name):
    with pytest.raises(ValueError, match=name):
        MultiheadDomainTransferableAttention(6, 2, **{name: 'other'})

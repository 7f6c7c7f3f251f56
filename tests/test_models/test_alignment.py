"""Distances of two domains against naive loops in float64."""

import math

import pytest
import torch
from mmaction.structures import ActionDataSample

from mmaction_uda.models.losses import CORALLoss, EntropyLoss, JANLoss, MMDLoss
from mmaction_uda.models.utils import Outputs

ROWS, VIEWS, WIDTH, CLASSES = 4, 2, 5, 3
SAMPLES = [
    ActionDataSample(metainfo=dict(domain=domain))
    for domain in ['source'] * ROWS + ['target'] * ROWS
]


def draw(shift: float = 1.0) -> tuple:
    """Features and logits of both domains, float64."""
    generator = torch.Generator().manual_seed(0)
    feats, logits = (
        torch.randn(
            2 * ROWS, VIEWS, width, generator=generator, dtype=torch.float64
        )
        for width in (WIDTH, CLASSES)
    )
    feats[ROWS:] = feats[ROWS:] * 1.3 + shift
    logits[ROWS:] += shift
    return feats.requires_grad_(), logits.requires_grad_()


def rows_of(layer: torch.Tensor) -> tuple:
    """Lists of vectors: source, target; every view is a row."""
    parts = layer.detach()[:ROWS], layer.detach()[ROWS:]
    return [[row for item in part for row in item] for part in parts]


def naive_kernel(rows: list, num_kernels: int):
    """A function of two rows, sum of Gaussians."""

    def distance(a, b):
        return sum((x - y) ** 2 for x, y in zip(a.tolist(), b.tolist()))

    pairs = [
        distance(a, b)
        for i, a in enumerate(rows)
        for j, b in enumerate(rows)
        if i != j
    ]
    mean = sum(pairs) / len(pairs)
    widths = [mean * 2.0 ** (i - num_kernels // 2) for i in range(num_kernels)]
    return lambda a, b: sum(math.exp(-distance(a, b) / w) for w in widths)


def naive_discrepancy(source: list, target: list, kernel) -> float:
    """``kernel`` maps two positions in source + target to a number."""
    n, m = len(source), len(target)
    first, second = range(n), range(n, n + m)

    def mean(rows, columns):
        values = [kernel(i, j) for i in rows for j in columns]
        return sum(values) / len(values)

    within = mean(first, first) + mean(second, second)
    return within - 2 * mean(first, second)


def naive_mmd(feats, logits) -> float:
    source, target = rows_of(feats)
    rows = source + target
    kernel = naive_kernel(rows, 5)
    return naive_discrepancy(
        source, target, lambda i, j: kernel(rows[i], rows[j])
    )


def naive_jan(feats, logits) -> float:
    source, target = rows_of(feats)
    layers = [source + target]
    layers.append(sum(rows_of(logits.softmax(-1)), []))
    kernels = [naive_kernel(r, n) for r, n in zip(layers, (5, 1))]
    return naive_discrepancy(
        source,
        target,
        lambda i, j: math.prod(k(r[i], r[j]) for k, r in zip(kernels, layers)),
    )


def naive_coral(feats, logits) -> float:
    def covariance(rows, a, b):
        mean = [sum(float(r[c]) for r in rows) / len(rows) for c in (a, b)]
        terms = [(r[a] - mean[0]) * (r[b] - mean[1]) for r in rows]
        return float(sum(terms)) / (len(rows) - 1)

    source, target = rows_of(feats)
    total = sum(
        (covariance(source, a, b) - covariance(target, a, b)) ** 2
        for a in range(WIDTH)
        for b in range(WIDTH)
    )
    return total / (4 * WIDTH**2)


NAIVE = {MMDLoss: naive_mmd, JANLoss: naive_jan, CORALLoss: naive_coral}


def value_of(loss, logits, feats, samples=SAMPLES) -> torch.Tensor:
    """What a term of one loss says."""
    (value,) = loss(Outputs(logits, feats, pooled=feats), samples).values()
    return value


@pytest.mark.parametrize('loss', NAIVE)
def test_equal_to_a_naive_loop(loss):
    feats, logits = draw()
    expected = NAIVE[loss](feats, logits)
    assert expected > 1e-3
    value = value_of(loss(loss_weight=0.5), logits, feats)
    assert abs(float(value.detach()) - 0.5 * expected) <= 1e-9


@pytest.mark.parametrize('loss', NAIVE)
def test_equal_domains_have_no_distance(loss):
    feats, logits = (x.detach()[:ROWS].repeat(2, 1, 1) for x in draw())
    assert abs(value_of(loss(), logits, feats)) < 1e-12


@pytest.mark.parametrize('loss', NAIVE)
def test_descent_brings_domains_together(loss):
    feats, logits = draw()
    value = value_of(loss(), logits, feats)
    value.backward()
    used = [x for x in (feats, logits) if x.grad is not None]
    assert len(used) == (2 if loss is JANLoss else 1)
    with torch.no_grad():
        feats -= 0.01 * feats.grad / feats.grad.norm()
    assert value_of(loss(), logits, feats) < value


def test_the_bandwidth_is_a_constant_for_the_gradient():
    """As if the widths that a first pass found were typed in."""
    feats, logits = draw()
    value_of(MMDLoss(), logits, feats).backward()
    rows = feats.detach().flatten(0, 1).requires_grad_()
    squares = (rows[:, None] - rows).square().sum(-1)
    mean = squares.sum().item() / (len(rows) * (len(rows) - 1))
    kernel = sum((-squares / (mean * 2.0**i)).exp() for i in range(-2, 3))
    n = ROWS * VIEWS
    within = kernel[:n, :n].mean() + kernel[n:, n:].mean()
    (within - 2 * kernel[:n, n:].mean()).backward()
    torch.testing.assert_close(
        feats.grad.flatten(0, 1), rows.grad, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize('flush', [False, True])
def test_rows_that_are_all_equal_are_finite(flush):
    """Also where a CPU takes the smallest numbers for zero."""
    torch.set_flush_denormal(flush)
    feats = torch.ones(2 * ROWS, VIEWS, WIDTH, requires_grad=True)
    for loss in NAIVE:
        value = value_of(loss(), feats[..., :CLASSES], feats)
        value.backward()
        assert abs(value) < 1e-6 and feats.grad.isfinite().all()
    torch.set_flush_denormal(False)


# -- Information maximisation -------------------------------------------------
def test_diversity_takes_off_the_entropy_of_the_mean():
    _, logits = draw()
    p = logits.detach().softmax(-1).flatten(0, 1)
    mean = p.mean(0)
    expected = float(
        -sum(sum(x * x.log() for x in row) for row in p) / len(p)
        + 0.7 * sum(x * x.log() for x in mean)
    )
    found = value_of(EntropyLoss(diversity_weight=0.7), logits, None, [])
    assert abs(float(found.detach()) - expected) <= 1e-9


def test_diversity_prefers_balanced_predictions():
    sure = 200 * torch.eye(CLASSES)
    loss = EntropyLoss(diversity_weight=1.0)
    assert torch.isclose(
        value_of(loss, sure, None, []), torch.tensor(-math.log(CLASSES))
    )
    same = sure[:1].repeat(CLASSES, 1).requires_grad_()
    value = value_of(loss, same, None, [])
    value.backward()
    assert value.abs() < 1e-6 and same.grad.isfinite().all()

"""The information bottleneck equals loops over pairs, for any labels."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmaction_uda.models.losses import (
    class_matches,
    information_bottleneck_loss,
)

EPS = dict(standardize=1e-5, correlation=1e-12)
LABELS = st.lists(st.integers(-1, 3), min_size=1, max_size=12)
NORMALIZE = st.sampled_from([*EPS])
WIDTH = st.integers(1, 6)
SEEDS = st.integers(0, 2**31)


def rows(labels: list, width: int, seed: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(0.5, 2, (len(labels), width)))


def naive(source, target, labels: tuple, eps: float, weight: float) -> float:
    """Every pair is made."""
    pairs = [
        (i, j)
        for i, a in enumerate(labels[0])
        for j, b in enumerate(labels[1])
        if a == b and a >= 0
    ]
    if len(pairs) <= 2:
        return 0.0
    total, columns = 0.0, []
    for side, z in enumerate((source.numpy(), target.numpy())):
        z = np.array([z[pair[side]] for pair in pairs])
        columns.append((z - z.mean(0)) / np.sqrt(z.var(0) + eps))
    for i, a in enumerate(columns[0].T):
        for j, b in enumerate(columns[1].T):
            c = sum(x * y for x, y in zip(a, b)) / len(pairs)
            total += (c - 1) ** 2 if i == j else weight * c**2
    return total


def loss_of(source, target, labels: tuple, normalize: str, weight: float):
    matches = class_matches(*map(torch.tensor, labels))
    return information_bottleneck_loss(
        source, target, matches, normalize, weight
    )


# Trainings flush numbers that are that small.
WEIGHT = st.floats(0, 2, allow_subnormal=False)


@given(LABELS, LABELS, WIDTH, NORMALIZE, WEIGHT, SEEDS)
def test_loops_over_pairs(a, b, width, normalize, weight, seed):
    source, target = rows(a, width, seed), rows(b, width, seed + 1)
    found = loss_of(source, target, (a, b), normalize, weight).item()
    wanted = naive(source, target, (a, b), EPS[normalize], weight)
    # A column without variance is scaled by 1e6: rounding weighs more.
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


@given(LABELS, LABELS, WIDTH, NORMALIZE, SEEDS, st.randoms())
def test_rows_may_come_from_any_process(a, b, width, normalize, seed, random):
    """Gathered in another order they have the same loss and gradients."""
    results = []
    orders = [*range(len(a))], [*range(len(b))]
    for _ in range(2):
        sides = rows(a, width, seed), rows(b, width, seed + 1)
        for side in sides:
            side.requires_grad_()
        parts = [s[order] for s, order in zip(sides, orders)]
        labels = [[x[i] for i in o] for x, o in zip((a, b), orders)]
        loss = loss_of(*parts, tuple(labels), normalize, 0.005)
        results.append((loss, *torch.autograd.grad(loss, sides)))
        for order in orders:
            random.shuffle(order)
    for one, other in zip(*results):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@given(LABELS, LABELS, WIDTH, NORMALIZE, SEEDS)
def test_rows_without_a_match_do_not_count(a, b, width, normalize, seed):
    """As those of a queue that is not full yet, labelled -1."""
    source, target = rows(a, width, seed), rows(b, width, seed + 1)
    more = torch.cat((source, 1e3 * rows([-1] * 4, width, seed + 2)))
    one = loss_of(source, target, (a, b), normalize, 0.005)
    other = loss_of(more, target, (a + [-1] * 4, b), normalize, 0.005)
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)

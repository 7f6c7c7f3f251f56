import math

import pytest
import torch

from mmaction_uda.models.losses import (
    EntropyLoss,
    binary_errors,
    class_matches,
    correlation_factors,
    domain_adversarial_loss,
    entropy,
    information_bottleneck_loss,
)
from mmaction_uda.models.utils import Outputs

EPS = dict(standardize=1e-5, correlation=1e-12)
NORMALIZE = tuple(EPS)


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def close(a, b) -> bool:
    a, b = (torch.as_tensor(t, dtype=torch.float64) for t in (a, b))
    return torch.allclose(a, b, rtol=1e-9, atol=1e-9)


# -- Entropy ----------------------------------------------------------------
def naive_entropy(row: list) -> float:
    exps = [math.exp(value) for value in row]
    shares = [e / sum(exps) for e in exps]
    return -sum(p * math.log(p) for p in shares)


def entropy_loss(logits, *args, **kwargs) -> torch.Tensor:
    """What the loss with these arguments says of rows of the target."""
    outputs = Outputs(logits, feats=logits, pooled=logits)
    losses = EntropyLoss(*args, **kwargs)(outputs, [])
    assert set(losses) == {'loss_entropy'}
    return losses['loss_entropy']


def test_entropy_equals_naive_loops():
    logits = 3 * randn(4, 2, 5)
    naive = [naive_entropy(row) for row in logits.flatten(0, 1).tolist()]
    assert close(entropy(logits).flatten(), naive)
    mean = sum(naive) / len(naive)
    assert close(entropy_loss(logits, 'sum'), mean)
    assert close(entropy_loss(logits, 'mean'), mean / 5)  # systems.md 1.6
    assert close(entropy_loss(logits, 'sum', loss_weight=0.3), 0.3 * mean)


def test_entropy_is_in_nats():
    assert close(entropy_loss(0 * randn(3, 7)), math.log(7))


def test_entropy_gradient():
    """``dH / dl_k = -p_k (log p_k + H)``."""
    row = [1.0, -2.0, 0.5]
    logits = torch.tensor([row], dtype=torch.float64, requires_grad=True)
    entropy_loss(logits, 'sum').backward()
    exps = [math.exp(value) for value in row]
    shares = [e / sum(exps) for e in exps]
    naive = [-p * (math.log(p) + naive_entropy(row)) for p in shares]
    assert close(logits.grad[0], naive)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@pytest.mark.parametrize('reduction', ['sum', 'mean'])
def test_entropy_of_extreme_logits(reduction, dtype):
    logits = torch.tensor(
        [[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, -1e4]],
        dtype=dtype,
        requires_grad=True,
    )
    loss = entropy_loss(logits, reduction)
    loss.backward()
    classes = 3 if reduction == 'mean' else 1
    expected = (0 + math.log(3) + math.log(2)) / 3 / classes
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    assert logits.grad.abs().max() < 1e-6  # three stationary points


def test_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match='entropy_reduction must be one of'):
        EntropyLoss('none')


# -- Domain adversarial -----------------------------------------------------
def naive_domain_loss(source: list, target: list) -> float:
    """Source 0, target 1; each domain is averaged by itself."""
    source = [-math.log(1 - 1 / (1 + math.exp(-v))) for v in source]
    target = [-math.log(1 / (1 + math.exp(-v))) for v in target]
    return sum(source) / len(source) + sum(target) / len(target)


@pytest.mark.parametrize('sizes', [(4, 4), (3, 5), (6, 1)])
def test_domain_adversarial_loss_equals_naive_loops(sizes):
    source, target = (3 * randn(n, 2, seed=n) for n in sizes)
    naive = naive_domain_loss(
        source.flatten().tolist(), target.flatten().tolist()
    )
    assert close(domain_adversarial_loss(source, target), naive)


def test_domain_adversarial_loss_of_extreme_logits():
    source = torch.tensor([1e4, -1e4], requires_grad=True)
    target = torch.tensor([1e4, -1e4, -1e4, 1e4], requires_grad=True)
    loss = domain_adversarial_loss(source, target)
    loss.backward()
    assert loss.item() == 1e4
    assert source.grad.tolist() == [0.5, 0.0]
    assert target.grad.tolist() == [0.0, -0.25, -0.25, 0.0]


@pytest.mark.parametrize('from_logits', [True, False])
def test_binary_errors_equal_naive_loops(from_logits):
    logits, labels = 3 * randn(4, 2, 3), [[True, False, True]]
    found = binary_errors(logits, torch.tensor(labels), from_logits)
    naive = [
        -math.log(p if label else 1 - p)
        for row in logits.flatten(0, 1).sigmoid().tolist()
        for p, label in zip(row, labels[0], strict=True)
    ]
    assert close(found.flatten(), naive)
    for label, p in ((True, logits.sigmoid()), (False, (-logits).sigmoid())):
        assert close(binary_errors(logits, label, from_logits), -p.log())


@pytest.mark.parametrize(
    'label, logit, error, slope',
    [
        (True, -30.0, 30.0, -0.0935762),
        (True, -40.0, 40.0, -4.24835e-6),
        (True, -110.0, 100.0, 0.0),
        (False, 17.0, 100.0, 0.0),
        (False, 1.0, 1.313262, 0.731059),
    ],
)
def test_errors_of_a_sure_discriminator(label, logit, error, slope):
    """In float32: from the probability they saturate, from logits not."""
    sign = -1 if label else 1
    exact = max(sign * logit, 0) + math.log1p(math.exp(-abs(logit)))
    for from_logits, wanted in (
        (False, (error, slope)),
        (True, (exact, sign / (1 + math.exp(-sign * logit)))),
    ):
        x = torch.tensor([logit], requires_grad=True)
        found = binary_errors(x, label, from_logits)
        found.backward()
        assert found.item() == pytest.approx(wanted[0], rel=1e-5)
        assert x.grad.item() == pytest.approx(wanted[1], rel=1e-5, abs=0)


# -- Information bottleneck -------------------------------------------------
def pairs_of(source_labels: list, target_labels: list) -> list:
    """``(i, j)`` of equal label; -1 marks an empty row."""
    return [
        (i, j)
        for i, a in enumerate(source_labels)
        for j, b in enumerate(target_labels)
        if a == b and a != -1
    ]


def naive_columns(rows: torch.Tensor, eps: float) -> list:
    """The columns of a pair matrix, standardised one by one."""
    columns = []
    for column in rows.unbind(1):
        mean = sum(column) / len(column)
        centred = [value - mean for value in column]
        variance = sum(c * c for c in centred) / len(column)
        columns.append([c / (variance + eps) ** 0.5 for c in centred])
    return columns


def naive_correlation(source, target, pairs: list, eps: float) -> list:
    columns_s = naive_columns(torch.stack([source[i] for i, _ in pairs]), eps)
    columns_t = naive_columns(torch.stack([target[j] for _, j in pairs]), eps)
    return [
        [
            sum(a * b for a, b in zip(s, t, strict=True)) / len(pairs)
            for t in columns_t
        ]
        for s in columns_s
    ]


def naive_bottleneck(source, target, pairs: list, eps: float):
    """systems.md 1.6."""
    if len(pairs) <= 2:
        return 0 * (source.sum() + target.sum())
    c = naive_correlation(source, target, pairs, eps)
    loss = 0
    for i in range(len(c)):
        for j in range(len(c)):
            loss = loss + (
                (c[i][i] - 1) ** 2 if i == j else 0.005 * c[i][j] ** 2
            )
    return loss


CASES = dict(
    all_classes=([0, 1, 2, 0, 1, 2], [2, 1, 0, 0, 1]),
    one_class_unmatched=([0, 0, 1, 3, 3, 1], [0, 1, 2, 2, 0]),
    with_queue=([0, 1, 1, 2] + [0, 0, 2, -1, 1, -1, -1], [1, 0, 0, 2]),
    three_pairs=([0, 0, 1], [0, 2, 1]),
    two_pairs=([0, 1, 3], [0, 1, 2]),
    one_pair=([0, 1, 3], [2, 1, 2]),
    no_pair=([0, 1, 3, -1], [2, 4, 2]),
)


@pytest.mark.parametrize('normalize', NORMALIZE)
@pytest.mark.parametrize('case', CASES)
def test_bottleneck_equals_naive_loops(case, normalize):
    source_labels, target_labels = CASES[case]
    source = 1.5 * randn(len(source_labels), 3, seed=1) + 0.7
    target = 0.5 * randn(len(target_labels), 3, seed=2) - 0.2
    target += source[: len(target)].flip(1)  # so that the diagonal matters
    source.requires_grad_(), target.requires_grad_()
    matches = class_matches(
        torch.tensor(source_labels), torch.tensor(target_labels)
    )
    pairs = pairs_of(source_labels, target_labels)
    assert matches.nonzero().tolist() == [list(p) for p in pairs]

    loss = information_bottleneck_loss(source, target, matches, normalize)
    naive = naive_bottleneck(source, target, pairs, EPS[normalize])
    assert close(loss, naive)
    grads = torch.autograd.grad(loss, (source, target))
    naive_grads = torch.autograd.grad(naive, (source, target))
    for grad, expected in zip(grads, naive_grads, strict=True):
        assert close(grad, expected)
    if len(pairs) <= 2:
        assert loss == 0 and not any(grad.any() for grad in grads)
    else:
        assert loss > 0 and all(grad.any() for grad in grads)


def test_label_minus_one_never_matches():
    labels = torch.tensor([-1, 0])
    assert class_matches(labels, labels).tolist() == [
        [False, False],
        [False, True],
    ]


def test_the_cases_have_the_pairs_they_are_named_after():
    counts = {case: len(pairs_of(*CASES[case])) for case in CASES}
    assert counts['no_pair'] == 0 and counts['one_pair'] == 1
    assert counts['two_pairs'] == 2 and counts['three_pairs'] == 3
    assert min(counts[c] for c in list(CASES)[:3]) > 5


def correlation(*args) -> torch.Tensor:
    """``[D, D]``, from its factors."""
    a, b = correlation_factors(*args)
    return a.T @ b


@pytest.mark.parametrize('normalize', NORMALIZE)
def test_correlation_equals_naive_loops(normalize):
    source, target = randn(6, 4, seed=1), randn(5, 4, seed=2)
    labels = CASES['all_classes']
    matches = class_matches(*(torch.tensor(side) for side in labels))
    naive = naive_correlation(
        source, target, pairs_of(*labels), EPS[normalize]
    )
    assert close(correlation(source, target, matches, normalize), naive)


def test_correlation_of_equal_rows_is_one_on_the_diagonal():
    rows = randn(5, 3)
    matches = torch.eye(5, dtype=torch.bool)
    c = correlation(rows, rows, matches, 'correlation')
    assert close(c, torch.corrcoef(rows.T))


@pytest.mark.parametrize('normalize', NORMALIZE)
def test_off_diagonal_weight(normalize):
    source, target = randn(5, 3, seed=1), randn(5, 3, seed=2)
    matches = torch.ones(5, 5, dtype=torch.bool).tril()
    c = correlation(source, target, matches, normalize)
    for weight in (0.0, 0.3):
        naive = sum(
            (c[i, j] - 1) ** 2 if i == j else weight * c[i, j] ** 2
            for i in range(3)
            for j in range(3)
        )
        loss = information_bottleneck_loss(
            source, target, matches, normalize, weight
        )
        assert close(loss, naive)


@pytest.mark.parametrize('num_pairs', [0, 1, 2, 3])
@pytest.mark.parametrize('normalize', NORMALIZE)
@pytest.mark.parametrize('scale', [1e-4, 1.0, 1e4])
def test_few_pairs_in_float32_are_never_nan(scale, normalize, num_pairs):
    source = (scale * randn(4, 3, seed=1)).float().requires_grad_()
    target = (scale * randn(4, 3, seed=2)).float().requires_grad_()
    matches = torch.zeros(4, 4, dtype=torch.bool)
    matches.view(-1)[[1, 6, 11][:num_pairs]] = True
    loss = information_bottleneck_loss(source, target, matches, normalize)
    loss.backward()
    for value in (loss, source.grad, target.grad):
        assert value.isfinite().all()
        assert value.any() == (num_pairs == 3)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@pytest.mark.parametrize('normalize', NORMALIZE)
def test_constant_columns_stay_finite(normalize, dtype):
    """A dead unit of the projector is the same for every video."""
    source = randn(6, 3, seed=1).to(dtype)
    target = randn(6, 3, seed=2).to(dtype)
    source[:, 0], target[:, 1] = 0.1, 1e3
    source.requires_grad_(), target.requires_grad_()
    matches = torch.ones(6, 6, dtype=torch.bool).tril()
    loss = information_bottleneck_loss(source, target, matches, normalize)
    loss.backward()
    assert loss.isfinite() and loss < 10
    assert source.grad.isfinite().all() and target.grad.isfinite().all()

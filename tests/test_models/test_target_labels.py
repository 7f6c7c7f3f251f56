"""Labels of target rows by a model, a teacher, or both, against loops."""

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmaction_uda  # noqa: F401
from mmaction_uda.models.losses import (
    PseudoLabelLoss,
    TargetLabels,
    information_bottleneck_loss,
    match_or_conf,
)
from mmaction_uda.models.utils import Outputs, sample_tensors

S, T, V = 3, 6, 2


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def make_samples(teacher, num_classes: int) -> list:
    """``S`` labelled source samples, then targets with a teacher's scores."""
    samples = [ActionDataSample() for _ in range(S + len(teacher))]
    for number, sample in enumerate(samples):
        domain = 'source' if number < S else 'target'
        sample.set_field(domain, 'domain', field_type='metainfo')
        if domain == 'source':
            sample.set_gt_label(number % num_classes)
        else:
            sample.teacher_scores = teacher[number - S]
    return samples


def one_by_one(p: list, q: list, threshold: float, both: str) -> int:
    """The rule in words, of one row."""
    a, b = p.index(max(p)), q.index(max(q))
    sure_p, sure_q = max(p) >= threshold, max(q) >= threshold
    if a == b:
        return a
    if sure_p and sure_q:
        return -1 if both == 'drop' else (a if max(p) >= max(q) else b)
    if sure_p:
        return a
    return b if sure_q else -1


@pytest.mark.parametrize('both', ['drop', 'surer'])
@pytest.mark.parametrize('num_classes', [8, 12])
@pytest.mark.parametrize('threshold', [0.1, 0.3])
def test_match_or_conf(both, num_classes, threshold):
    torch.manual_seed(0)
    # Flat ones as well: with 12 classes the largest may be below 0.1.
    flat = torch.rand(200, 1, dtype=torch.float64)
    p, q = (
        (flat * draw(200, num_classes)).softmax(-1),
        (flat.flip(0) * draw(200, num_classes)).softmax(-1),
    )
    found = match_or_conf(p, q, threshold, both).tolist()
    rows = zip(p.tolist(), q.tolist())
    assert found == [one_by_one(*row, threshold, both) for row in rows]
    below = bool((p.amax(-1) < 0.1).any())
    assert below == (num_classes == 12)
    if num_classes == 8 and threshold == 0.1:  # both are always sure
        matched = torch.tensor(found) == p.argmax(-1)
        assert both == 'surer' or matched.eq(torch.tensor(found) >= 0).all()


@pytest.mark.parametrize('labels', ['model', 'teacher', 'match_or_conf'])
def test_loss_of_the_labels(labels):
    torch.manual_seed(1)
    logits = draw(S + T, V, 5).requires_grad_()
    teacher = 1.3 * draw(T, 5)
    samples = make_samples(teacher, 5)
    loss = PseudoLabelLoss(threshold=0.4, labels=labels, loss_weight=0.5)
    value = loss(Outputs(logits, None, None), samples)['loss_pseudo']
    rows = []
    for t in range(T):
        for v in range(V):
            own = logits[S + t, v].softmax(-1).tolist()
            other = teacher[t].softmax(-1).tolist()
            label = one_by_one(own, other, 0.4, 'drop')
            if labels != 'match_or_conf':
                p = own if labels == 'model' else other
                label = p.index(max(p)) if max(p) > 0.4 else -1
            if label >= 0:
                rows.append(-logits[S + t, v].log_softmax(-1)[label])
    assert 0 < len(rows) < T * V
    expected = 0.5 * sum(rows) / len(rows)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=1e-12)
    (grad,) = torch.autograd.grad(value, logits, retain_graph=True)
    (wanted,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(grad, wanted, rtol=1e-12, atol=1e-12)
    assert not grad[:S].any()


def test_no_row_is_sure():
    samples = make_samples(draw(T, 5), 5)
    loss = PseudoLabelLoss(threshold=1.0, labels='teacher')
    value = loss(Outputs(draw(S + T, V, 5), None, None), samples)
    assert value['loss_pseudo'] == 0


@pytest.mark.parametrize('threshold', [0.0, 0.6])
def test_bottleneck_pairs_by_the_teacher(threshold):
    torch.manual_seed(2)
    head = MODELS.build(
        dict(
            type='InformationBottleneckHead',
            in_channels=4,
            projector=None,
            target_labels=dict(labels='teacher', threshold=threshold),
        )
    ).double()
    teacher, pooled = 2 * draw(T, 3), draw(S + T, V, 4)
    outputs = Outputs(draw(S + T, V, 3), None, pooled)
    samples = make_samples(teacher, 3)
    sure = teacher.softmax(-1).amax(-1) > threshold
    matches = torch.arange(S)[:, None] == teacher.argmax(-1)
    matches = matches & sure
    expected = [
        information_bottleneck_loss(
            pooled[:S, v], pooled[S:, v], matches, 'correlation'
        )
        for v in range(V)
    ]
    found = head.loss(outputs, samples)
    torch.testing.assert_close(
        found['loss_ib'], head.loss_weight * sum(expected) / V
    )
    assert found['num_pairs'] == matches.sum()
    assert bool(sure.all()) == (not threshold)
    # What the model predicts plays no part.
    changed = outputs._replace(logits=draw(S + T, V, 3))
    assert head.loss(changed, samples) == found


def test_without_a_teacher():
    samples = make_samples(draw(T, 5), 5)
    for sample in samples[S:]:
        del sample.teacher_scores
    with pytest.raises(ValueError, match='train_dataloader.dataset.teacher'):
        TargetLabels('teacher')(
            Outputs(draw(S + T, V, 5), None, None), samples
        )
    with pytest.raises(ValueError, match='labels must be one of'):
        TargetLabels('clip')


def test_scores_of_a_batch():
    """NaN of the source, so that nothing learns of it unnoticed."""
    teacher = draw(T, 5)
    tensors = sample_tensors(make_samples(teacher, 5))
    assert tensors.teacher_scores[:S].isnan().all()
    assert torch.equal(tensors[S:].teacher_scores, teacher)
    assert tensors[S:].num_source == 0
    alone = sample_tensors(make_samples(teacher[:0], 5))
    assert alone.teacher_scores is None and alone[1:].teacher_scores is None
    assert F.softmax(tensors[S:].teacher_scores, -1).isfinite().all()

"""What a source-free adaptation of TransferAttn remembers of the source."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

import mmaction_uda  # noqa: F401
from mmaction_uda.models.losses import (
    class_matches,
    class_points,
    information_bottleneck_loss,
)
from mmaction_uda.models.utils import Outputs


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def targets(number: int) -> list:
    samples = [ActionDataSample() for _ in range(number)]
    for sample in samples:
        sample.set_field('target', 'domain', field_type='metainfo')
    return samples


def test_class_points_by_hand():
    rows = torch.tensor([[1.0, 0.0], [5.0, 5.0], [3.0, 0.0]])
    points = class_points(rows, torch.tensor([1, 0, 1]), 2)
    expected = [[5.0, 5.0], [5.0, 5.0], [3.0, 0.0], [1.0, 0.0]]
    assert points.tolist() == expected


@pytest.mark.parametrize('normalize', ['standardize', 'correlation'])
def test_points_stand_for_all_rows(normalize):
    """Classes of equal size: loss and gradient are those of the rows."""
    torch.manual_seed(0)
    labels = torch.arange(4).repeat(7)
    rows = draw(28, 5) + draw(4, 5)[labels]
    pseudo = torch.tensor([0, 2, 2, 3, 1, 0, 2])
    point_labels = torch.arange(8) // 2

    def loss(source, source_labels):
        target = draw(7, 5).requires_grad_()
        matches = class_matches(source_labels, pseudo)
        value = information_bottleneck_loss(source, target, matches, normalize)
        return value, torch.autograd.grad(value, target)[0]

    torch.manual_seed(1)
    value, grad = loss(rows, labels)
    torch.manual_seed(1)
    found, found_grad = loss(class_points(rows, labels, 4), point_labels)
    torch.testing.assert_close(found, value, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(found_grad, grad, rtol=1e-9, atol=1e-9)

    torch.manual_seed(1)  # the means alone have too small a variance
    means = class_points(rows, labels, 4).view(4, 2, 5).mean(1)
    assert (loss(means, torch.arange(4))[0] - value).abs() > 0.01


def make_head(queue_size: int = 6):
    return MODELS.build(
        dict(
            type='InformationBottleneckHead',
            in_channels=5,
            projector=dict(channels=(7, 7, 4)),
            queue_size=queue_size,
        )
    ).double()


def test_head_pairs_target_rows_with_what_it_remembers():
    torch.manual_seed(0)
    head = make_head()
    source, labels = draw(9, 5), torch.arange(3).repeat(3)
    head.remember(head.project(source), labels)
    kept = {k: v.clone() for k, v in head.state_dict().items()}

    pooled, logits = draw(8, 2, 5).requires_grad_(), draw(8, 2, 3)
    outputs = Outputs(logits, None, pooled)
    loss = head.loss(outputs, targets(8))['loss_ib']
    naive = [
        information_bottleneck_loss(
            head.project(source),
            head.project(pooled[:, view]),
            labels[:, None] == logits[:, view].argmax(-1),
            'correlation',
        )
        for view in range(2)
    ]
    expected = head.loss_weight * (naive[0] + naive[1]) / 2
    torch.testing.assert_close(loss, expected, rtol=1e-9, atol=1e-9)
    assert torch.autograd.grad(loss, pooled)[0].abs().max() > 0
    # Nothing of the target gets into the memory.
    for key, value in head.state_dict().items():
        assert torch.equal(value, kept[key]), key


def test_a_batch_of_the_source_alone_has_no_pairs():
    """By design: nothing is counted, and no alarm has what to judge by."""
    head = make_head()
    samples = [ActionDataSample().set_gt_label(i % 3) for i in range(4)]
    for sample in samples:
        sample.set_field('source', 'domain', field_type='metainfo')
    outputs = Outputs(draw(4, 1, 3), None, draw(4, 1, 5).requires_grad_())
    assert head.loss(outputs, samples) == dict(loss_ib=0)


@pytest.mark.parametrize(
    'size, labels',
    [(6, [0, 1, 0, 1]), (8, [0, 1, 2]), (6, [0, 1, 3])],
    ids=['class_missing', 'other_size', 'gap'],
)
def test_a_memory_that_does_not_fit_is_refused(size, labels):
    with pytest.raises(ValueError, match="must be 'classes'"):
        make_head(size).remember(draw(len(labels), 4), torch.tensor(labels))

"""A classifier of embedded names: four orders, against naive loops."""

import math

import pytest
import torch
from mmaction.registry import MODELS

import mmaction_uda  # noqa: F401
from mmaction_uda.faults import Faults
from mmaction_uda.templates import TEMPLATES, sentences, spoken, templates_of

K, M, D, B, N = 3, 4, 5, 2, 6
SENTENCES = [f'{{}} number {m}' for m in range(M)]


def make_head(order: str, **others):
    torch.manual_seed(0)
    head = MODELS.build(
        dict(
            type='TextClsHead',
            num_classes=K,
            in_channels=D,
            templates=SENTENCES,
            order=order,
            **{'scale': 7.0, **others},
        )
    ).double()
    head.texts.data = torch.randn(M, K, D, dtype=torch.float64)
    return head


def unit(x):
    return [value / math.sqrt(sum(v * v for v in x)) for value in x]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def softmax(x):
    e = [math.exp(value) for value in x]
    return [value / sum(e) for value in e]


def mean(rows):
    rows = [*rows]
    return [sum(column) / len(rows) for column in zip(*rows)]


def naive(order: str, frames, texts, scale):
    """Probabilities of one video, one number after the other."""
    frames = [unit(f) for f in frames]
    texts = [[unit(t) for t in row] for row in texts]
    if order == 'mean_text':
        video = unit(mean(frames))
        return softmax(
            scale * dot(video, unit(mean(row[k] for row in texts)))
            for k in range(K)
        )
    s = [[[scale * dot(f, t) for t in row] for row in texts] for f in frames]
    if order == 'probs_over_frames':
        return mean(softmax(mean(of_frame)) for of_frame in s)
    if order == 'probs_over_templates':
        return mean(softmax(mean(f[m] for f in s)) for m in range(M))
    return softmax(mean(row for of_frame in s for row in of_frame))


@pytest.mark.parametrize(
    'order',
    ['probs_over_frames', 'probs_over_templates', 'logits', 'mean_text'],
)
def test_orders(order):
    head = make_head(order)
    x = torch.randn(B, N, D, dtype=torch.float64)
    logits = head(x)
    assert logits.shape == (B, 1, K)
    wanted = [
        naive(order, frames, head.texts.tolist(), 7.0) for frames in x.tolist()
    ]
    found = logits[:, 0].softmax(-1)
    wanted = torch.tensor(wanted, dtype=torch.float64)
    torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)
    # What the tools report is this, by whatever path.
    predicted = head.predict_by_feat(logits)
    scores = torch.stack([sample.pred_score for sample in predicted])
    torch.testing.assert_close(scores, found)


def test_orders_differ():
    """Four numbers: the orders are no two the same."""
    x = torch.randn(B, N, D, dtype=torch.float64)
    found = [
        make_head(order)(x)[:, 0].softmax(-1)
        for order in (
            *('probs_over_frames', 'probs_over_templates'),
            *('logits', 'mean_text'),
        )
    ]
    for i, a in enumerate(found):
        for b in found[:i]:
            assert (a - b).abs().max() > 1e-3


def test_scaled_frames_and_texts_are_the_same():
    head = make_head('probs_over_templates')
    x = torch.randn(B, N, D, dtype=torch.float64)
    wanted = head(x)
    head.texts.data *= torch.rand(M, K, 1) + 0.5
    scaled = x * (torch.rand(B, N, 1) + 0.5)
    torch.testing.assert_close(head(scaled), wanted, rtol=1e-12, atol=1e-12)


def test_texts_are_fixed_and_their_loss_reaches_the_features():
    head = make_head('logits')
    assert not any(p.requires_grad for p in head.parameters())
    x = torch.randn(B, N, D, dtype=torch.float64, requires_grad=True)
    head(x).sum().backward()
    assert x.grad.abs().max() > 0 and head.texts.grad is None


def test_without_a_file_nothing_is_predicted():
    head = MODELS.build(dict(type='TextClsHead', num_classes=K, in_channels=D))
    assert head.texts.shape == (1, K, D) and head.texts.isnan().all()
    with pytest.raises(Faults, match='names no texts of the classes'):
        head.init_weights()


def test_templates():
    assert len(TEMPLATES['action_clip']) == 16
    for name in TEMPLATES:
        assert all(t.count('{}') == 1 for t in templates_of(name))
    assert sentences(['a {}', '{}!'], ['x', 'y']) == ['a x', 'a y', 'x!', 'y!']
    assert spoken(['ride_bike']) == ['ride bike']


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        (dict(templates='unit'), 'Similar names: unite'),
        (dict(templates=['no place']), r'a sentence with \{\} once'),
        (dict(templates=[]), r'a sentence with \{\} once'),
        (dict(names=['a']), '1 names for 3 classes'),
        (dict(order='probs'), 'order must be one of'),
    ],
)
def test_what_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        MODELS.build(
            dict(type='TextClsHead', num_classes=K, in_channels=D, **changes)
        )

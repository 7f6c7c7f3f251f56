"""Scores without target labels: values by hand, and what they cannot see."""

import math

import pytest
import torch

from mmaction_uda.evaluation import (
    VALIDATORS,
    Seen,
    choose,
    leave_one_out,
    rank_correlation,
    regret,
    scores,
)
from mmaction_uda.evaluation.validators import controlled_risk

H9 = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) / math.log(2)  # bits


def seen(shares, **kwargs) -> Seen:
    logits = torch.tensor(shares, dtype=torch.float64).log()
    return Seen(logits=logits, feats=torch.zeros(len(logits), 1), **kwargs)


@pytest.mark.parametrize(
    'shares, confidence, infomax',
    [
        ([[0.5, 0.5], [0.5, 0.5]], -1, 0),
        ([[1.0, 0.0], [0.0, 1.0]], 0, 1),
        ([[1.0, 0.0], [1.0, 0.0]], 0, 0),  # all are one class
        ([[0.9, 0.1], [0.1, 0.9]], -H9, 1 - H9),
    ],
)
def test_entropies(shares, confidence, infomax):
    found = scores(seen(shares))
    assert found['label_free/confidence'] == pytest.approx(confidence)
    assert found['label_free/infomax'] == pytest.approx(infomax)


def test_soft_neighborhood_density_equals_a_loop():
    logits = torch.randn(7, 3, generator=torch.manual_seed(0)).double()
    p = logits.softmax(1).tolist()
    entropies = []
    for i, row in enumerate(p):
        cosines = [
            sum(a * b for a, b in zip(row, other))
            / math.hypot(*row)
            / math.hypot(*other)
            for j, other in enumerate(p)
            if j != i
        ]
        weights = [math.exp(cosine / 0.05) for cosine in cosines]
        shares = [weight / sum(weights) for weight in weights]
        entropies.append(-sum(s * math.log(s) for s in shares))
    found = VALIDATORS['snd'](Seen(logits=logits, feats=logits))
    assert found == pytest.approx(sum(entropies) / 7, rel=1e-9)


def test_scores_of_the_source():
    rows = torch.eye(3).double()[[0, 0, 1, 1]]
    found = scores(
        Seen(
            logits=rows,
            feats=rows,
            source_feats=rows,
            source_logits=rows,
            source_labels=torch.tensor([0, 1, 1, 1]),
        )
    )
    assert found['label_free/source_acc'] == 0.75
    # Predicted: 1/2, 1/2, 0; labelled: 1/4, 3/4, 0.
    assert found['label_free/class_balance'] == 0.75
    assert 'label_free/dev' not in found  # nothing of the training was given


@pytest.mark.parametrize(
    'weights, losses, risk',
    [
        ([1, 1, 1], [1, 2, 6], 3),  # the plain mean
        ([0, 2], [1, 3], 3),  # mean weight 1: nothing to control
        ([1, 3], [1, 1], 1),  # a constant loss is told exactly
    ],
)
def test_controlled_risk(weights, losses, risk):
    weights, losses = (
        torch.tensor(x, dtype=torch.float64) for x in (weights, losses)
    )
    assert controlled_risk(weights, losses) == pytest.approx(risk)


def test_deep_embedded_validation_weighs_by_the_target():
    """Source N(0, 1), target N(1, 1): the ratio is exp(x - 1/2)."""
    draw = torch.Generator().manual_seed(0)
    train, target, source = (
        torch.randn(4000, 1, generator=draw).double() + shift
        for shift in (0, 1, 0)
    )
    labels = torch.zeros(4000, dtype=torch.long)
    # Sure and right where x > 0, wrong elsewhere.
    margin = torch.where(source[:, 0] > 0, 2.0, -2.0).double()
    losses = (-margin).exp().log1p()
    found = VALIDATORS['dev'](
        Seen(
            logits=torch.zeros(4000, 2),
            feats=target,
            train_feats=train,
            source_feats=source,
            source_logits=torch.stack((margin, 0 * margin), 1),
            source_labels=labels,
        )
    )
    exact = controlled_risk((source[:, 0] - 0.5).exp(), losses)
    assert found == pytest.approx(-exact, rel=0.03)
    # P(x > 0) is 0.841 in the target, and 0.5 in the source.
    risk = 0.841 * math.log1p(math.exp(-2)) + 0.159 * math.log1p(math.exp(2))
    assert found == pytest.approx(-risk, rel=0.1)


def tried(*rows) -> list:
    return [{'label_free/snd': s, 'acc/top1': t} for s, t in rows]


def test_choice_and_regret():
    epochs = dict(zip((2, 4, 6), tried((0.1, 0.9), (0.7, 0.4), (0.7, 0.6))))
    assert choose(epochs, 'snd') == 6
    assert choose(epochs, 'infomax') is None
    rows = list(epochs.values())
    assert regret(rows, 'snd') == pytest.approx(40)  # 90 - (40 + 60) / 2
    ordered = tried((0.1, 0.2), (0.2, 0.3), (0.3, 0.9))
    assert rank_correlation(ordered, 'snd') == pytest.approx(1)


def test_a_validator_is_chosen_on_the_other_tasks():
    regrets = {
        task: dict.fromkeys(VALIDATORS, 10.0) | row
        for task, row in dict(
            a=dict(snd=0.0, dev=5.0), b=dict(dev=1.0), c=dict(dev=2.0)
        ).items()
    }
    assert leave_one_out(regrets) == dict(a='dev', b='dev', c='dev')
    regrets['b']['snd'] = regrets['c']['snd'] = 0.5
    assert leave_one_out(regrets)['a'] == 'snd'

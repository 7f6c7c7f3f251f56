"""Scores that choose an epoch, a setting or a method without target labels.

Every score is higher for what it takes to be better.
"""

import math
from dataclasses import dataclass
from typing import Callable, Dict, List

import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

COMPONENTS = 32  # of features, where densities are compared
ROWS = 2048  # that are compared with all at once: memory is not their square
PREFIX = 'label_free'  # of the scores among the numbers of a validation


_NONE = torch.empty(0)


@dataclass
class Seen:
    """What validators may see: of the target there are no labels.

    What is not known is empty.

    Args:
        logits (Tensor): ``[N, K]`` of unlabelled target videos, means over
            views.
        feats (Tensor): ``[N, d]``, what the classifier saw of them.
        train_feats (Tensor): ``[M, d]`` of videos of the source
            that the training learnt from.
        source_feats (Tensor): ``[S, d]`` of labelled videos of the
            source that it did not learn from.
        source_logits (Tensor): ``[S, K]``.
        source_labels (Tensor): ``[S]``.
        frame_weights (Tensor): ``[N, V, T]``, those that MDTA gives the
            frames of the target's views.
    """

    logits: Tensor = _NONE
    feats: Tensor = _NONE
    train_feats: Tensor = _NONE
    source_feats: Tensor = _NONE
    source_logits: Tensor = _NONE
    source_labels: Tensor = _NONE
    frame_weights: Tensor = _NONE


def source_accuracy(seen: Seen) -> float:
    """Top-1 accuracy on the source, in [0, 1]."""
    hits = seen.source_logits.argmax(1) == seen.source_labels
    return hits.double().mean().item()


def confidence(seen: Seen) -> float:
    r"""Negative entropy of the predictions, :math:`-E[H(p)] / \log K`."""
    return -_entropy(_probabilities(seen)).mean().item()


def information_maximization(seen: Seen) -> float:
    r"""Mutual information of videos and classes, in [0, 1].

    .. math:: (H(E[p]) - E[H(p)]) / \log K

    Source: RIM (Krause et al., NeurIPS 2010); as a validator: Musgrave et
    al., https://arxiv.org/abs/2208.07360.
    """
    p = _probabilities(seen)
    return (_entropy(p.mean(0)) - _entropy(p).mean()).item()


def soft_neighborhood_density(seen: Seen, temperature: float = 0.05) -> float:
    """How densely predictions lie beside each other, in nats.

    The mean entropy of a softmax over each video's cosine similarities to
    all others, of predicted probabilities.

    Source: SND (Saito et al., ICCV 2021), https://arxiv.org/abs/2108.10860.
    """
    p = torch.nn.functional.normalize(_probabilities(seen), dim=1)
    entropies = []
    for start in range(0, len(p), ROWS):
        scores = p[start : start + ROWS] @ p.mT / temperature
        scores.diagonal(start).fill_(-torch.inf)
        entropies.append(torch.special.entr(scores.softmax(1)).sum(1))
    return torch.cat(entropies).mean().item()


def class_balance(seen: Seen) -> float:
    """Likeness of predicted classes and of the source's labels, in [0, 1].

    One less the total variation of both shares; 1 where every class is
    predicted as often as the source has it.
    """
    found, wanted = (
        torch.bincount(labels, minlength=seen.logits.shape[1]) / len(labels)
        for labels in (seen.logits.argmax(1), seen.source_labels)
    )
    return 1 - (found - wanted).abs().sum().item() / 2


def deep_embedded_validation(seen: Seen) -> float:
    r"""Negative cross-entropy on the source, weighted to be the target's.

    A logistic regression on principal components that tells the target's
    features from those of videos that the training learnt from gives the
    ratio of densities :math:`w`; with the loss :math:`l` of a video, the
    risk is :math:`E[w l] + \eta (E[w] - 1)`, where the control variate
    :math:`\eta = -Cov(w l, w) / Var(w)` reduces its variance.

    Source: DEV (You et al., ICML 2019), Eq. 11. There a network of two
    layers is the discriminator.
    """
    losses = torch.nn.functional.cross_entropy(
        seen.source_logits.double(), seen.source_labels, reduction='none'
    )
    return -controlled_risk(_density_ratio(seen), losses)


def controlled_risk(w: Tensor, losses: Tensor) -> float:
    """Mean of weighted losses with the control variate of DEV; all ``[S]``."""
    weighted = w * losses
    (_, covariance), (_, variance) = torch.cov(torch.stack((weighted, w)))
    eta = -covariance / variance if variance > 0 else 0.0
    return (weighted.mean() + eta * (w.mean() - 1)).item()


# More threads would wait for each other longer than so little takes.
@threadpool_limits.wrap(limits=1)
def _density_ratio(seen: Seen) -> Tensor:
    """Density of the target over that of the source, ``[S]``."""
    # Imported here: it takes a second.
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    domains = (seen.train_feats, seen.feats)
    sizes = [len(rows) for rows in domains]
    axes = min(COMPONENTS, seen.feats.shape[1], *sizes)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    classifier = GridSearchCV(
        LogisticRegression(solver='newton-cholesky'),  # many rows
        dict(C=[1e-4, 1e-3, 1e-2, 1e-1]),
        scoring='neg_log_loss',
        cv=folds,
    )
    model = make_pipeline(StandardScaler(), PCA(axes), classifier)
    model.fit(
        torch.cat(domains).double().numpy(),
        torch.arange(2).repeat_interleave(torch.tensor(sizes)).numpy(),
    )
    rows = seen.source_feats.double().numpy()
    odds = model.predict_log_proba(rows)
    return torch.tensor(odds[:, 1] - odds[:, 0]).exp() * sizes[0] / sizes[1]


def _probabilities(seen: Seen) -> Tensor:
    return seen.logits.double().softmax(-1)


def _entropy(p: Tensor) -> Tensor:
    """Entropy over the last axis, in units of that of equal shares."""
    return torch.special.entr(p).sum(-1) / math.log(p.shape[-1])


# By the name that logs and tables have.
VALIDATORS: Dict[str, Callable[[Seen], float]] = dict(
    source_acc=source_accuracy,
    confidence=confidence,
    infomax=information_maximization,
    snd=soft_neighborhood_density,
    class_balance=class_balance,
    dev=deep_embedded_validation,
)
OF_TARGET = ('confidence', 'infomax', 'snd')


def scores(seen: Seen) -> Dict[str, float]:
    """All scores that can be computed of what is seen.

    Returns:
        dict: ``{'label_free/infomax': ..., ...}``.
    """
    names: List[str] = []
    if len(seen.logits):
        names += OF_TARGET
    if len(seen.source_logits):
        names += ['source_acc']
    if len(seen.logits) and len(seen.source_logits):
        names += ['class_balance']
        names += ['dev'] * (len(seen.train_feats) > 0)
    return {f'{PREFIX}/{name}': VALIDATORS[name](seen) for name in names}

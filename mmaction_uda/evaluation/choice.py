"""Choices by a validator, and what they cost."""

from typing import Dict, List, Optional

from ..choices import check_choice
from .history import TOP1, Validations
from .validators import PREFIX, VALIDATORS

# The best of them over our tasks, each left out in turn (docs/validators.md):
# for an epoch of a training, and for a choice between trainings.
DEFAULT = 'infomax'
OF_TRAININGS = 'class_balance'
Tried = List[Dict[str, float]]  # the numbers of validations


def check_validator(name: str) -> None:
    """Refuse what is none."""
    check_choice('validator', name, tuple(VALIDATORS))


def choose(
    validations: Validations, validator: str = DEFAULT
) -> Optional[int]:
    """The epoch that a validator takes for the best, the latest of equals.

    Args:
        validations (dict): Of :func:`read_validations`.
        validator (str): One of ``VALIDATORS``.

    Returns:
        int, optional: None where nobody computed this score.
    """
    name = f'{PREFIX}/{validator}'
    scored = {e: v[name] for e, v in validations.items() if name in v}
    return max(scored, key=lambda e: (scored[e], e)) if scored else None


def regret(tried: Tried, validator: str) -> float:
    """What a choice by a validator costs, in points of top-1.

    Args:
        tried (list[dict]): What there is to choose from, on one task.
        validator (str): One of ``VALIDATORS``. Of equal scores, which the
            validator does not tell apart, the mean counts.
    """
    name = f'{PREFIX}/{validator}'
    highest = max(values[name] for values in tried)
    taken = [v[TOP1] for v in tried if v[name] == highest]
    return 100 * (max(v[TOP1] for v in tried) - sum(taken) / len(taken))


def rank_correlation(tried: Tried, validator: str) -> float:
    """Spearman's correlation of a validator's scores with the top-1."""
    from scipy.stats import spearmanr  # here: it takes a second

    scores, truth = zip(
        *((v[f'{PREFIX}/{validator}'], v[TOP1]) for v in tried)
    )
    return float(spearmanr(scores, truth).statistic)


def leave_one_out(regrets: Dict[str, Dict[str, float]]) -> Dict[str, str]:
    """For each task the validator with the least regret on the others.

    Args:
        regrets (dict): ``{task: {validator: points}}``, of two or more tasks.

    Returns:
        dict: ``{task: validator}``.
    """
    taken = {}
    for task in regrets:
        others = [row for name, row in regrets.items() if name != task]
        taken[task] = min(
            VALIDATORS, key=lambda v: sum(row[v] for row in others)
        )
    return taken

"""Which classes are taken for which, and where a method gains."""

from typing import Any, Dict, List, Optional, Sequence

import numpy as np
from sklearn.metrics import confusion_matrix

from .accuracies import last_predictions

Facts = Dict[str, Any]


def confusion(work_dirs: Sequence[str], num_classes: int) -> Optional[Facts]:
    """How often videos of a class are taken for another, over all seeds.

    Args:
        work_dirs (Sequence[str]): One finished training each.
        num_classes (int): ``K``.

    Returns:
        dict, optional: ``counts`` ``[K][K]``, a row for each true class, and
        ``recalls`` ``[K]``, percent of its videos that are labelled rightly,
        None for a class without videos. None where no predictions were kept.
    """
    runs = last_predictions(work_dirs)
    if not runs:
        return None
    labels = np.concatenate([run.labels for run in runs])
    predicted = np.concatenate([run.predicted for run in runs])
    known = labels >= 0
    if not known.any():
        return None
    counts = confusion_matrix(
        labels[known], predicted[known], labels=range(num_classes)
    )
    recalls = [
        100 * int(row[k]) / int(row.sum()) if row.sum() else None
        for k, row in enumerate(counts)
    ]
    return dict(counts=counts.tolist(), recalls=recalls)


def gains(mine: Facts, lower: Facts) -> List[Optional[float]]:
    """Recall of each class less that of another method, in points.

    Args:
        mine (dict): Of :func:`confusion`.
        lower (dict): The same of the other method.
    """
    pairs = zip(mine['recalls'], lower['recalls'])
    return [None if a is None or b is None else a - b for a, b in pairs]

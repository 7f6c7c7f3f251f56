"""What a test has found, class by class."""

from typing import Any, Dict, Iterator, Optional, Sequence

import numpy as np
from mmaction.structures import ActionDataSample

from ..evaluation import Predictions, accuracy
from .hooks import PredictionsHook

LISTED = 20  # classes, on the terminal


class KeptPredictionsHook(PredictionsHook):
    """Keeps what a test predicts of each video, in the order of its list.

    ``predictions`` and ``scores``, probabilities ``[K]`` of each video, are
    None before the end, and in other processes than the first.
    """

    predictions: Optional[Predictions] = None
    scores: Optional[Sequence[np.ndarray]] = None

    def before_test_epoch(self, runner) -> None:
        """Nothing is predicted yet."""
        self.before_val_epoch(runner)

    def after_test_iter(
        self,
        runner,
        batch_idx: int,
        data_batch=None,
        outputs: Sequence[ActionDataSample] = (),
    ) -> None:
        """Keep what is found of the videos of a batch."""
        before = len(self._found)
        self.after_val_iter(runner, batch_idx, data_batch, outputs)
        scores = [sample.pred_score.cpu().numpy() for sample in outputs]
        rows = zip(self._found[before:], scores)
        self._found[before:] = [(*row, one) for row, one in rows]

    def after_test_epoch(
        self, runner, metrics: Optional[Dict[str, float]] = None
    ) -> None:
        """Put together what all processes have found."""
        rows = self.rows(len(runner.test_dataloader.dataset))
        if rows is not None:
            predicted, labels, self.scores = zip(*rows)
            self.predictions = Predictions(runner.seed, predicted, labels)


def by_class(found: Predictions, names: Optional[Sequence[str]]) -> dict:
    """Accuracy of a test and of each class.

    Args:
        found (Predictions): Of a :class:`KeptPredictionsHook`.
        names (Sequence[str], optional): Of the classes; None: their numbers.

    Returns:
        dict: ``videos``, their number; ``top1`` with its 95 % interval,
        ``low`` and ``high``, and ``chance``, in percent; ``classes``,
        ``{name: {'videos': …, 'right': percent}}``, of those that the list
        has. Without labels the number alone.
    """
    labels = np.array(found.labels)
    if not (labels >= 0).any():
        return dict(videos=len(labels))
    interval = accuracy([found])
    assert interval is not None  # there is one list
    classes: Dict[str, Dict[str, Any]] = {}
    for label in np.unique(labels[labels >= 0]):
        mine = labels == label
        name = str(names[label] if names else label)
        right = 100 * float(found.correct[mine].mean())
        classes[name] = dict(videos=int(mine.sum()), right=right)
    top1, low, high = (100 * share for share in interval)
    return dict(
        videos=len(labels),
        top1=top1,
        low=low,
        high=high,
        chance=100 * found.chance,
        classes=classes,
    )


def by_class_lines(facts: dict) -> Iterator[str]:
    """What :func:`by_class` has found; of many classes the worst."""
    yield f'{facts["videos"]} videos' + (
        f', top-1 {facts["top1"]:.1f} % [{facts["low"]:.1f}, '
        f'{facts["high"]:.1f}] (95 % interval over these videos), chance '
        f'{facts["chance"]:.1f} %'
        if 'top1' in facts
        else ', no labels'
    )
    classes = facts.get('classes', {})
    shown = [*classes]
    if len(shown) > LISTED:
        shown = sorted(shown, key=lambda c: classes[c]['right'])[:LISTED]
        yield f'the worst {LISTED} of {len(classes)} classes:'
    margin = max(map(len, shown), default=0)
    for name in shown:
        one = classes[name]
        yield (
            f'  {name.ljust(margin)}  {one["right"]:5.1f} % of {one["videos"]}'
        )

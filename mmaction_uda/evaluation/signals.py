"""What a validation says without target labels beside the validators.

None of it chooses anything: :mod:`.alarms` look at it.
"""

from typing import Dict, Tuple

import torch
from torch import Tensor

from .validators import PREFIX, Seen


def signals(seen: Seen) -> Dict[str, float]:
    """What predictions and attention have come to.

    Returns:
        dict: Without a target empty. ``label_free/top_class`` and
        ``label_free/top_share``, the class that most target videos are
        predicted as, and their share; with a source
        ``label_free/source_classes``, those that it has,
        ``label_free/unpredicted``, how many of them are never predicted on
        the target, and ``label_free/source_chance``, the share of its
        largest class; with weights of frames ``label_free/frame_spread``
        and ``label_free/top_frame``, see :func:`frame_concentration`.
    """
    if not len(seen.logits):
        return {}
    classes = seen.logits.shape[1]
    predicted = seen.logits.argmax(1).bincount(minlength=classes)
    found = dict(
        top_class=int(predicted.argmax()),
        top_share=int(predicted.max()) / len(seen.logits),
    )
    if len(seen.source_labels):
        labelled = seen.source_labels.bincount(minlength=classes)
        missing = (labelled > 0) & (predicted == 0)
        found.update(
            source_classes=int((labelled > 0).sum()),
            unpredicted=int(missing.sum()),
            source_chance=int(labelled.max()) / len(seen.source_labels),
        )
    if len(seen.frame_weights):
        spread, top = frame_concentration(seen.frame_weights)
        found.update(frame_spread=spread, top_frame=top)
    return {f'{PREFIX}/{name}': value for name, value in found.items()}


def frame_concentration(weights: Tensor) -> Tuple[float, float]:
    r"""How far attention is from a plain mean over frames.

    Args:
        weights (Tensor): ``[..., T]``, of the frames of a view; sum to 1.

    Returns:
        tuple: The (biased) standard deviation over frames times ``T``, from
        0 (a plain mean) to :math:`\sqrt{T - 1}` (one frame alone), and the
        weight of the heaviest frame, both means over views.
    """
    weights = weights.double()
    spread = torch.std(weights, -1, correction=0) * weights.shape[-1]
    return spread.mean().item(), weights.amax(-1).mean().item()

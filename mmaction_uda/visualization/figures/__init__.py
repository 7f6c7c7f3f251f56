"""Pictures of facts that :func:`gather` has found, by their kind."""

from .attention import attention
from .classes import class_gains, confusion
from .curves import curves
from .domains import distances, embedding
from .style import ENDINGS, Panel, inline_svg, save

KINDS = dict(
    curves=curves,
    confusion=confusion,
    classes=class_gains,
    embedding=embedding,
    distances=distances,
    attention=attention,
)
OF_MODELS = ('embedding', 'distances', 'attention')
# What there must be to draw any.
NEEDED = dict(
    curves='trainings that were validated',
    confusion='predictions of a validation with labels',
    classes='a method beside the lower one of --bounds',
    embedding='trainings that read stored tokens',
    distances='source videos in the validation, val_cfg.source, and trainings '
    'that read stored tokens',
    attention='an encoder with MDTA, and trainings that read stored tokens',
)

__all__ = [
    'ENDINGS',
    'KINDS',
    'NEEDED',
    'OF_MODELS',
    'Panel',
    'inline_svg',
    'save',
]

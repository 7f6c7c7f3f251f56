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

__all__ = ['ENDINGS', 'KINDS', 'OF_MODELS', 'Panel', 'inline_svg', 'save']

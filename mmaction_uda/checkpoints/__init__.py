"""Files of weights: what is in them is looked at before it is used."""

from .allowed import allow_mmengine_checkpoints
from .content import RESUMED, finite_fault, not_finite, weights_of
from .reading import load, read, read_notes

__all__ = [
    'RESUMED',
    'allow_mmengine_checkpoints',
    'finite_fault',
    'load',
    'not_finite',
    'read',
    'read_notes',
    'weights_of',
]

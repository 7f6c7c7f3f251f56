from .attention import (
    MultiheadDomainTransferableAttention,
    MultiheadSelfAttention,
)
from .discriminator import Discriminator
from .gradient_reversal import (
    GradientReversalLayer,
    gradient_reversal,
    grl_ramp,
)
from .projector import Projector
from .transferability_attention import TransferabilityAdaptionAttention
from .transformer_block import TransformerBlock

__all__ = [
    'MultiheadDomainTransferableAttention',
    'MultiheadSelfAttention',
    'Discriminator',
    'GradientReversalLayer',
    'gradient_reversal',
    'grl_ramp',
    'Projector',
    'TransferabilityAdaptionAttention',
    'TransformerBlock',
]

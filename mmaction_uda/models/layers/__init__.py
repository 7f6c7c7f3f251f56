from .attention import (
    MultiheadDomainTransferableAttention,
    MultiheadSelfAttention,
)
from .discriminator import Discriminator
from .discriminator_bank import DiscriminatorBank
from .dropout import Dropout
from .gradient_reversal import (
    GradientReversalLayer,
    gradient_reversal,
    grl_ramp,
)
from .projector import Projector
from .stacked_linear import StackedLinear
from .temporal_dilation import TemporalDilation
from .transferability_attention import TransferabilityAdaptionAttention
from .transformer_block import PostNormBlock, TransformerBlock

__all__ = [
    'MultiheadDomainTransferableAttention',
    'MultiheadSelfAttention',
    'Discriminator',
    'DiscriminatorBank',
    'Dropout',
    'GradientReversalLayer',
    'gradient_reversal',
    'grl_ramp',
    'Projector',
    'StackedLinear',
    'TemporalDilation',
    'TransferabilityAdaptionAttention',
    'PostNormBlock',
    'TransformerBlock',
]

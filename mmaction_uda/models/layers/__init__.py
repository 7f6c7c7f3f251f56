from .adapter import Adapter
from .attention import (
    MultiheadDomainTransferableAttention,
    MultiheadSelfAttention,
)
from .class_token import learned, prepend
from .discriminator import Discriminator
from .discriminator_bank import DiscriminatorBank
from .frame_coders import LeakyMLP, SpriteDecoder, SpriteEncoder
from .frame_relation import FrameRelation, FrameRelations, spread_subsets
from .gradient_reversal import (
    GradientReversalLayer,
    gradient_reversal,
    grl_ramp,
)
from .motion_tokens import MotionTokens, log_density
from .patch_masks import PatchMask, greedy_masks
from .projector import Projector
from .sequential_factors import SequentialPosterior, SequentialPrior
from .sequential_vae import SequentialVAE
from .stacked_linear import StackedLinear
from .temporal_dilation import TemporalDilation
from .transferability_attention import TransferabilityAdaptionAttention
from .transformer_block import PostNormBlock, PostNormEncoder, TransformerBlock

__all__ = [
    'Adapter',
    'MultiheadDomainTransferableAttention',
    'MultiheadSelfAttention',
    'learned',
    'prepend',
    'Discriminator',
    'DiscriminatorBank',
    'FrameRelation',
    'FrameRelations',
    'spread_subsets',
    'GradientReversalLayer',
    'gradient_reversal',
    'grl_ramp',
    'LeakyMLP',
    'MotionTokens',
    'log_density',
    'PatchMask',
    'greedy_masks',
    'Projector',
    'SequentialPosterior',
    'SequentialPrior',
    'SequentialVAE',
    'SpriteDecoder',
    'SpriteEncoder',
    'StackedLinear',
    'TemporalDilation',
    'TransferabilityAdaptionAttention',
    'PostNormBlock',
    'PostNormEncoder',
    'TransformerBlock',
]

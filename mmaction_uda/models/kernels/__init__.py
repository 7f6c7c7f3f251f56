"""What is computed in our own way on CPUs, where torch's way is slow."""

from .masks import draw_seed, eager_on_cpu, keep_mask, keep_share, random_bits
from .mlp import blocked_mlp

__all__ = [
    'blocked_mlp',
    'draw_seed',
    'eager_on_cpu',
    'keep_mask',
    'keep_share',
    'random_bits',
]

"""Tokens of videos, read from what any backbone returns."""

from .clips import read_tokens
from .table import CLIPS, Reading, reading_of
from .videos import VideoReader
from .windows import SlidingWindow

__all__ = [
    'CLIPS',
    'Reading',
    'SlidingWindow',
    'VideoReader',
    'read_tokens',
    'reading_of',
]

"""What a net cannot take is told with its size."""

from contextlib import contextmanager
from typing import Iterator

import torch
from torch import Tensor, nn

from ....faults import Faults, one_line
from ....streams import Stream

CLIP_BYTES = 2**30  # of the frames of a clip that a net must see as a whole


@contextmanager
def told(net: nn.Module, frames: Tensor) -> Iterator[None]:
    """Say of a fault of a net what frames ``[..., H, W]`` it was given."""
    try:
        yield
    except (Faults, torch.cuda.OutOfMemoryError):
        raise
    except Exception as error:  # nets raise types of their own
        raise ValueError(
            f'{type(net).__name__} fails on frames of {frames.size(-1)} x '
            f'{frames.size(-2)} px ({one_line(error)}). If it takes those of '
            'other videos, let the pipeline bring all to one size (Resize, '
            'CenterCrop).'
        ) from error


def check_length(net: nn.Module, frames: Stream) -> None:
    """Refuse a clip that would not fit into memory."""
    frame = frames[:1]
    most = CLIP_BYTES // (frame.numel() * frame.element_size())
    if len(frames) > most:
        raise ValueError(
            f'{type(net).__name__} sees whole clips, here of at most {most} '
            f'frames of {frame.size(-1)} x {frame.size(-2)} px, got '
            f'{len(frames)}. Let the pipeline take fewer (max_frames, '
            'frame_interval), or give model.backbone.window.'
        )

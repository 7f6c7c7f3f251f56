"""How the output of a backbone is read as one token per time step."""

from typing import Union

import torch

# Backbones that see frames one by one; all others see clips. A backbone
# that is not here names its layout in the config.
FRAME_BACKBONES = (
    'ResNet',
    'ResNetTSM',
    'MobileNetV2',
    'MobileNetV2TSM',
    'TANet',
)


def input_layout(backbone_type: str) -> str:
    """``'frame'`` (input ``[N * T, 3, H, W]``) or ``'clip'``
    (``[N, 3, T, H, W]``), by the name of the backbone."""
    by_frame = backbone_type in FRAME_BACKBONES or backbone_type.startswith(
        'mmpretrain.'
    )
    return 'frame' if by_frame else 'clip'


def to_input(clips: torch.Tensor, layout: str) -> torch.Tensor:
    """Bring clips ``[N, 3, T, H, W]`` into the layout of the backbone."""
    return clips.transpose(1, 2).flatten(0, 1) if layout == 'frame' else clips


def to_tokens(
    out: Union[torch.Tensor, tuple], layout: str, num_clips: int
) -> torch.Tensor:
    """Read the output of a backbone as tokens, time in order.

    Args:
        out (torch.Tensor | tuple): ``[N, C, T', h, w]`` for ``'clip'``,
            ``[N * T, C, h, w]`` or ``[N * T, C]`` for ``'frame'``; the
            last element of a tuple counts.
        layout (str): ``'clip'`` or ``'frame'``.
        num_clips (int): ``N``.

    Returns:
        torch.Tensor: ``[N, T', C]``, the mean over space.

    Raises:
        ValueError: For an output of any other rank.
    """
    if isinstance(out, (tuple, list)):
        out = out[-1]
    ranks = dict(clip=(5,), frame=(2, 4))[layout]
    if not isinstance(out, torch.Tensor) or out.ndim not in ranks:
        shape = tuple(getattr(out, 'shape', ())) or type(out).__name__
        raise ValueError(
            f'a backbone of layout {layout!r} must return a tensor of rank '
            f'{" or ".join(map(str, ranks))}, got {shape}. Let it return '
            'its feature map, or set model.backbone.layout.'
        )
    if out.ndim > 2:
        out = out.mean((-2, -1))
    if layout == 'clip':
        return out.transpose(1, 2)
    return out.unflatten(0, (num_clips, -1))

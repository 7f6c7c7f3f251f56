from typing import Optional

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from .tokens import CLIPS, reading_of


@MODELS.register_module()
class TwoStreamBackbone(BaseModule):
    """Two backbones side by side, one of RGB frames and one of their flow.

    Takes clips of five channels, RGB and behind them the flow that
    :class:`ComputeFlow` computes with ``keep_rgb=True``. Weights lie in one
    file a stream: ``checkpoint=dict(rgb=FILE, flow=FILE)`` of
    :class:`FrozenBackbone`.

    Source: Simonyan and Zisserman, NeurIPS 2014; I3D, CVPR 2017.

    Args:
        rgb (dict): Config of a backbone that maps clips ``[N, 3, T, H, W]``
            to ``[N, C, T', H', W']``.
        flow (dict): The same, of 2 channels. ``T'``, ``H'`` and ``W'`` are
            those of the other.
    """

    streams = ('rgb', 'flow')  # arguments that are backbones

    def __init__(self, rgb: dict, flow: dict) -> None:
        super().__init__()
        for name, cfg in zip(self.streams, (rgb, flow)):
            if reading_of(cfg) != CLIPS:
                raise ValueError(
                    f'TwoStreamBackbone.{name} must map clips to '
                    f'[n, c, t, h, w], which {cfg["type"]!r} does not: take '
                    'a 3-D backbone such as InceptionI3D'
                )
            setattr(self, name, MODELS.build(cfg))

    @property
    def reach(self) -> Optional[int]:
        """Frames that a feature sees to either side, if they are known."""
        nets = list(self.children())
        known = [net.reach for net in nets if hasattr(net, 'reach')]
        return max(known) if len(known) == len(nets) else None

    def forward(self, x: Tensor) -> Tensor:
        """Compute the features of both streams.

        Args:
            x (Tensor): Clips ``[N, 5, T, H, W]``.

        Returns:
            Tensor: Features ``[N, C_rgb + C_flow, T', H', W']``.
        """
        if x.size(1) != 5:
            raise ValueError(
                'TwoStreamBackbone takes RGB and flow, 5 channels, got '
                f'{x.size(1)}: give the pipeline ComputeFlow(keep_rgb=True)'
            )
        return torch.cat((self.rgb(x[:, :3]), self.flow(x[:, 3:])), dim=1)

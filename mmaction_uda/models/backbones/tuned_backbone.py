from typing import Optional, Sequence

import torch
import torch.nn as nn
from mmaction.registry import MODELS, TRANSFORMS

from ..utils import freeze, init_seed
from .building import build_net, check_origin
from .reader import VideoReader
from .readings import reading_of
from .weights import Files, load_weights, resolve
from .windows import SlidingWindow


@MODELS.register_module()
class TunedBackbone(nn.Module):
    """Any backbone, some of its parameters trained end to end on frames.

    The net is read as :class:`FrozenBackbone` reads it, so that what was
    tuned here can be run once and stored there. It stays in eval mode: batch
    norms keep their statistics, nothing is dropped. Its weights go into
    checkpoints; ``checkpoint`` is where they begin.

    Args:
        backbone (dict): Config of the wrapped backbone.
        trainable (Sequence[str], optional): Parameters with one of these in
            their name are trained, by default all.
        checkpoint (str or dict, optional): Its weights, see there.
        seed (int, optional): Instead of ``checkpoint``: random weights,
            drawn from this seed.
        tokens, window, sample, max_frames: See :class:`FrozenBackbone`.
    """

    def __init__(
        self,
        backbone: dict,
        trainable: Optional[Sequence[str]] = None,
        checkpoint: Optional[Files] = None,
        seed: Optional[int] = None,
        tokens: Optional[dict] = None,
        window: Optional[dict] = None,
        sample: Optional[dict] = None,
        max_frames: int = 128,
    ) -> None:
        super().__init__()
        check_origin(backbone, checkpoint, seed, None, False)
        reading = reading_of(backbone, tokens)
        with init_seed(seed or 0):
            self.net = build_net({**reading.options, **backbone})
        if checkpoint is not None:
            path = resolve(checkpoint, lambda: self.net)
            load_weights(self.net, path)
        freeze(self.net, trainable)
        self.sample = sample and TRANSFORMS.build(sample)
        window = window and SlidingWindow(**window)
        self._reader = VideoReader(self.net, reading, window, max_frames)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn clips ``[B, V, C, T, H, W]`` into tokens ``[B, V, T', C]``."""
        return self._reader.read_clips(x, self.sample, not self.training)

    def train(self, mode: bool = True) -> 'TunedBackbone':
        """Training mode, which the net itself never enters."""
        super().train(mode)
        self.net.eval()
        return self

from typing import Annotated, Optional, Sequence, Union

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ...streams import Stream
from ..utils import freeze
from .building import BackboneSpec
from .tokens import Reading, SlidingWindow
from .weights import Files


@MODELS.register_module()
class TunedBackbone(nn.Module):
    """Any backbone, some of its parameters trained end to end on frames.

    The net is read as :class:`FrozenBackbone` reads it, so that what was
    tuned here can be run once and stored there. Its weights go into
    checkpoints; ``checkpoint`` is where they begin.

    Args:
        backbone (dict): Config of the wrapped backbone.
        trainable (Sequence[str], optional): Parameters with one of these in
            their name are trained, by default all.
        checkpoint (str or dict, optional): Its weights, see there.
        seed (int, optional): Instead of ``checkpoint``: random weights,
            drawn from this seed.
        norm_eval (bool): The net stays in eval mode: batch norms keep their
            statistics, nothing is dropped. False trains it as it is: norms
            take the statistics of the batch, all of which goes through the
            net at once, and their running ones follow the videos seen.
            Defaults to True.
        tokens, window, sample, max_frames: See :class:`FrozenBackbone`.
        cached (bool): False, as for a :class:`FrozenBackbone` that reads
            videos.
    """

    def __init__(
        self,
        backbone: dict,
        trainable: Optional[Sequence[str]] = None,
        checkpoint: Optional[Files] = None,
        seed: Optional[int] = None,
        norm_eval: bool = True,
        tokens: Optional[Annotated[dict, Reading]] = None,
        window: Optional[Annotated[dict, SlidingWindow]] = None,
        sample: Optional[dict] = None,
        max_frames: int = 128,
        cached: bool = False,
    ) -> None:
        super().__init__()
        if cached:
            raise ValueError(
                'tokens of a net that is trained cannot be stored: set '
                'model.backbone.cached=False, and pipeline=None in the data '
                'sets'
            )
        spec = BackboneSpec.of(backbone, checkpoint, seed, tokens, window)
        self.net = freeze(spec.build(), trainable)
        self._reader = spec.reader(self.net, max_frames, sample)
        self.norm_eval = norm_eval
        self.train()

    def forward(
        self, x: Union[torch.Tensor, Sequence[Stream]]
    ) -> torch.Tensor:
        """Turn clips, as :class:`FrozenBackbone` takes them, into tokens."""
        return self._reader.read_clips(x, not self.training)

    def train(self, mode: bool = True) -> 'TunedBackbone':
        """Training mode, which the net enters without ``norm_eval``."""
        super().train(mode)
        self.net.train(mode and not self.norm_eval)
        return self

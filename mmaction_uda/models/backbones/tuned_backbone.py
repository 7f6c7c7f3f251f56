from typing import Annotated, Optional, Sequence, Union

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ...faults import Faults
from ...streams import Stream
from ..utils import Losses, build_part, freeze
from .building import BackboneSpec, Steps
from .patches import Grid, check_known, grid_of
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
        select (dict, optional): Config of what chooses the patches that a
            vision transformer sees, such as :class:`MotionTokens`; by
            default it sees all. It then sees whole clips.
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
        select: Optional[dict] = None,
        tokens: Optional[Annotated[dict, Reading]] = None,
        window: Optional[Annotated[dict, SlidingWindow]] = None,
        sample: Optional[Steps] = None,
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
        self.select = build_part(select)
        if select is not None:
            check_known(self.net)
        self.train()

    @property
    def grid(self) -> Grid:
        """How a vision transformer cuts clips into patches."""
        check_known(self.net)
        return grid_of(self.net)

    def forward(
        self,
        x: Union[torch.Tensor, Sequence[Stream]],
        kept: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        """Turn clips, as :class:`FrozenBackbone` takes them, into tokens.

        Args:
            x (torch.Tensor or Sequence[Stream]): See there.
            kept (torch.Tensor, optional): Bool ``[B * V, t, P]``, the patches
                of each clip that are seen, in place of those that ``select``
                chooses.
        """
        if kept is None and self.select is None:
            return self._reader.read_clips(x, not self.training)
        if not isinstance(x, torch.Tensor):
            raise Faults(
                'patches are chosen in clips of one length: let the pipeline '
                'take them (UniformSample, SampleFrames) in place of whole '
                'videos'
            )
        if kept is None and self.select is not None:
            clips = x.flatten(0, 1).transpose(1, 2)
            kept = self.select(self.grid.cut(clips))
        return self._reader.read_clips(x, not self.training, kept)

    def loss(self, losses: Losses) -> Losses:
        """What ``select`` learns from, given all other losses of a step."""
        own = getattr(self.select, 'loss', None)
        return own(losses) if own else {}

    def train(self, mode: bool = True) -> 'TunedBackbone':
        """Training mode, which the net enters without ``norm_eval``."""
        super().train(mode)
        self.net.train(mode and not self.norm_eval)
        return self

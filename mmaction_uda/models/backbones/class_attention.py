from typing import Any, Optional, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS
from torch import Tensor

from ...faults import Faults
from .building import BackboneSpec
from .weights import Files


@MODELS.register_module()
class ClassAttention(nn.Module):
    """How much the class token of a frozen image model attends to patches.

    That of its last block, the mean over heads. It sees the frames as the
    tuned net does, in its crop and its normalisation. As of a
    :class:`FrozenBackbone`, the net is no submodule.

    Args:
        backbone (dict): Config of a :class:`HFImageBackbone` with a class
            token.
        checkpoint (str, optional): Its weights, by default those of its
            ``model``.
        seed (int, optional): Instead of these: random weights.
    """

    def __init__(
        self,
        backbone: dict,
        checkpoint: Optional[Files] = None,
        seed: Optional[int] = None,
    ) -> None:
        super().__init__()
        net: Any = BackboneSpec.of(backbone, checkpoint, seed).build().net
        net.set_attn_implementation('eager')  # others keep no attention
        self._net = (net,)

    @torch.no_grad()
    def forward(self, clips: Tensor, shape: Tuple[int, int]) -> Tensor:
        """Attention to the patches of clips.

        Args:
            clips (Tensor): ``[n, T, C, H, W]``.
            shape (tuple): Steps ``t`` and patches ``P`` of the tuned net; a
                step of several frames has their mean.

        Returns:
            Tensor: ``[n, t, P]``.
        """
        frames = clips.flatten(0, 1)
        found = self._net[0](pixel_values=frames, output_attentions=True)
        attention = found.attentions[-1].mean(1)[:, 0]
        steps, patches = shape
        size = self._net[0].config.patch_size
        own = frames.size(-2) // size * (frames.size(-1) // size)
        if own != patches:
            raise Faults(
                f'mask.guide cuts a frame into {own} patches, the tuned net '
                f'into {patches}. Take a guide with patches of the same size.'
            )
        attention = attention[:, -own:].unflatten(0, clips.shape[:2])
        kept = clips.size(1) // steps * steps
        return attention[:, :kept].unflatten(1, (steps, -1)).mean(2)

    def _apply(self, fn, recurse: bool = True):
        """Move the hidden net along with ``.to()``, ``.cuda()`` …"""
        self._net[0]._apply(fn)
        return super()._apply(fn, recurse)

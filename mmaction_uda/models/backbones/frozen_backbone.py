import hashlib
import json
from typing import Annotated, Optional, Sequence, Tuple, Union

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ...choices import check_choice
from ...faults import Faults
from ...streams import Stream
from .building import BackboneSpec, Steps
from .tokens import Reading, SlidingWindow
from .weights import Files


@MODELS.register_module()
class FrozenBackbone(nn.Module):
    """Any backbone, never trained, its output read as time-step tokens.

    The wrapped net is no submodule: it stays in eval mode and out of
    optimisers, DDP, ``init_weights`` and checkpoints. Weights are loaded
    here, when it is built. What determines its numbers (config and SHA-256
    of the weights) goes into checkpoints as ``fingerprint`` and is compared
    on load, so that nothing is ever tested on another backbone.

    Args:
        backbone (dict, optional): Config of the wrapped backbone.
        checkpoint (str or dict, optional): Its weights, a file or
            ``asset://NAME``, or one for each submodule: ``dict(rgb=, flow=)``.
        seed (int, optional): Instead of ``checkpoint``: random weights,
            drawn from this seed.
        features (str, optional): Instead of all these: the name under which
            tokens made elsewhere were imported (``cached`` only).
        cached (bool): The data layer serves stored tokens: they pass
            through, the net is not built. Defaults to False.
        tokens (dict, optional): Arguments of :class:`Reading` for a backbone
            that is read in another way than the table says.
        window (dict, optional): Arguments of :class:`SlidingWindow`; by
            default the net sees whole clips, an image net single frames.
        sample (dict or list, optional): Config of ``SampleFeature``, or of
            ``SelectFrames`` and that, which draw from the tokens of whole
            videos what the pipeline draws from stored ones. Not for
            ``cached``.
        precision (str): ``'float32'``, or ``'float16'`` or ``'bfloat16'``
            for mixed precision. Tokens are float32. Defaults to
            ``'float32'``.
        max_frames (int): Frames that go through the net at once.
            Defaults to 128.
    """

    def __init__(
        self,
        backbone: Optional[dict] = None,
        checkpoint: Optional[Files] = None,
        seed: Optional[int] = None,
        features: Optional[str] = None,
        cached: bool = False,
        tokens: Optional[Annotated[dict, Reading]] = None,
        window: Optional[Annotated[dict, SlidingWindow]] = None,
        sample: Optional[Steps] = None,
        precision: str = 'float32',
        max_frames: int = 128,
    ) -> None:
        super().__init__()
        check_choice(
            'model.backbone.precision',
            precision,
            ('float32', 'float16', 'bfloat16'),
        )
        if features is not None and (
            backbone or checkpoint or seed is not None or not cached
        ):
            raise ValueError(
                f'the features {features!r} were made elsewhere: they need '
                'cached=True, no backbone, checkpoint or seed, and cannot be '
                'made from videos'
            )
        if cached and sample is not None:
            raise ValueError(
                'stored tokens are drawn by the pipeline: leave '
                'model.backbone.sample to cached=False'
            )
        self.cached = cached
        self.precision = getattr(torch, precision)
        # A tuple hides the net from nn.Module's registration.
        self._net: Tuple[nn.Module, ...] = ()
        if features is not None:
            self.identity = dict(features=features)
            return
        spec = BackboneSpec.of(backbone, checkpoint, seed, tokens, window)
        self.identity = dict(spec.identity, precision=precision)
        if not cached:
            self._net = (spec.build(),)
            self._reader = spec.reader(self.net, max_frames, sample)

    @property
    def net(self) -> nn.Module:
        """The wrapped backbone."""
        return self._net[0]

    @property
    def fingerprint(self) -> str:
        """64 hex digits of what determines the tokens of a clip."""
        text = json.dumps(self.identity, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @torch.no_grad()
    def forward(
        self, x: Union[torch.Tensor, Sequence[Stream]]
    ) -> torch.Tensor:
        """Turn clips into tokens.

        Args:
            x (torch.Tensor or Sequence[Stream]): ``[B, V, C, T, H, W]``, or
                tokens ``[B, V, T, C]`` if ``cached``; or ``B`` long videos
                ``[T, C, H, W]``, each one clip.

        Returns:
            torch.Tensor: ``[B, V, T', C]``; with ``sample``, its views of
            each of the ``V`` clips.
        """
        rank = 4 if self.cached else 6
        if isinstance(x, torch.Tensor) and x.ndim != rank:
            raise Faults(
                f'FrozenBackbone(cached={self.cached}) expects inputs of '
                f'rank {rank} ([B, V, {"T, C" if rank == 4 else "C, T, H, W"}'
                f']), got {tuple(x.shape)}. model.backbone.cached and '
                'FormatShape(NCTHW) or FeatureDataset must go together.'
            )
        if self.cached:
            assert isinstance(x, torch.Tensor)
            return x
        device = next(self.net.parameters()).device
        with torch.autocast(
            device.type, self.precision, self.precision != torch.float32
        ):
            return self._reader.read_clips(x, not self.training)

    def _apply(self, fn, recurse: bool = True):
        """Move the hidden net along with ``.to()``, ``.cuda()`` …"""
        for net in self._net:
            net._apply(fn)
        return super()._apply(fn, recurse)

    def _save_to_state_dict(self, destination, prefix, keep_vars) -> None:
        digest = bytearray.fromhex(self.fingerprint)
        destination[prefix + 'fingerprint'] = torch.frombuffer(
            digest, dtype=torch.uint8
        )

    def _load_from_state_dict(
        self,
        state_dict,
        prefix,
        local_metadata,
        strict,
        missing_keys,
        unexpected_keys,
        error_msgs,
    ) -> None:
        stored = state_dict.get(prefix + 'fingerprint')
        if stored is None:
            missing_keys.append(prefix + 'fingerprint')
            return
        stored = bytes(stored.tolist()).hex()
        if stored != self.fingerprint:
            raise Faults(
                'This checkpoint was trained on another frozen backbone: '
                f'fingerprint {stored[:12]}… there, {self.fingerprint[:12]}… '
                f'here, from {self.identity}. Use the backbone config and '
                'the weight file that it was trained with.'
            )

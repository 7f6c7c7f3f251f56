import difflib
import hashlib
import inspect
import json
from typing import Optional

import torch
import torch.nn as nn
from mmaction.registry import MODELS
from mmengine.model import revert_sync_batchnorm

from ..utils import freeze, init_seed
from .tokens import input_layout, to_input, to_tokens
from .weights import load_weights, resolve, sha256


def find_class(name: str) -> type:
    """A backbone of MMAction2, mmpretrain or this package.

    Raises:
        ValueError: For an unknown name; lists similar ones.
    """
    if name.startswith('mmpretrain.'):
        import mmpretrain.models  # noqa: F401 fills the registry
    found = MODELS.get(name)
    if found is None:
        similar = difflib.get_close_matches(name, MODELS.module_dict)
        raise ValueError(
            f'unknown backbone {name!r}; similar names: '
            f'{", ".join(similar) or "none"}. Correct '
            'model.backbone.backbone.type, or add the package '
            'that registers it to custom_imports.'
        )
    return found


def build_net(cfg: dict) -> nn.Module:
    """Build a backbone in eval mode, without gradients."""
    net = MODELS.build(cfg)
    # Frozen batch norms use stored statistics: nothing to synchronise.
    net = revert_sync_batchnorm(net)
    net.eval()  # not chained: several backbones' eval() returns None
    return freeze(net)


def with_defaults(cfg: dict) -> dict:
    """A config and the defaults it leaves out: what really is built."""
    parameters = inspect.signature(find_class(cfg['type'])).parameters
    defaults = {
        name: p.default
        for name, p in parameters.items()
        if p.default is not p.empty
    }
    return {**defaults, **cfg}


@MODELS.register_module()
class FrozenBackbone(nn.Module):
    """Any backbone, never trained, its output read as time-step tokens.

    The wrapped net is no submodule: it stays in eval mode and out of
    optimisers, DDP, ``init_weights`` and checkpoints. Weights are loaded
    here, when it is built. What determines its numbers (config and SHA-256
    of the weights) goes into checkpoints as ``fingerprint`` and is compared
    on load, so that nothing is ever tested on another backbone.

    Args:
        backbone (dict): Config of the wrapped backbone.
        checkpoint (str, optional): Its weights, a file or ``asset://NAME``.
        seed (int, optional): Instead of ``checkpoint``: random weights,
            drawn from this seed.
        cached (bool): The data layer serves stored tokens: they pass
            through, the net is not built. Defaults to False.
        layout (str, optional): ``'clip'`` or ``'frame'``: how the net takes
            its input; by default looked up by name.
    """

    def __init__(
        self,
        backbone: dict,
        checkpoint: Optional[str] = None,
        seed: Optional[int] = None,
        cached: bool = False,
        layout: Optional[str] = None,
    ) -> None:
        super().__init__()
        if (checkpoint is None) == (seed is None):
            raise ValueError(
                'FrozenBackbone needs weights: give model.backbone.checkpoint'
                ' (a file), or model.backbone.seed for random weights; got '
                f'checkpoint={checkpoint!r}, seed={seed!r}'
            )
        self.name = backbone['type']
        self.layout = layout or input_layout(self.name)
        self.cached = cached
        weights = f'random weights, seed {seed}'
        if checkpoint is not None:
            checkpoint = resolve(checkpoint)
            weights = sha256(checkpoint)
        self.identity = dict(
            backbone=with_defaults(backbone),
            layout=self.layout,
            weights=weights,
        )
        # A tuple hides the net from nn.Module's registration.
        self._net = ()
        if not cached:
            with init_seed(seed or 0):
                self._net = (build_net(backbone),)
            if checkpoint is not None:
                load_weights(self.net, checkpoint)

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
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn clips into tokens.

        Args:
            x (torch.Tensor): ``[B, V, 3, T, H, W]``, or tokens
                ``[B, V, T, C]`` if ``cached``.

        Returns:
            torch.Tensor: ``[B, V, T', C]``.
        """
        rank = 4 if self.cached else 6
        if x.ndim != rank:
            raise ValueError(
                f'FrozenBackbone(cached={self.cached}) expects inputs of '
                f'rank {rank} ([B, V, {"T, C" if rank == 4 else "3, T, H, W"}'
                f']), got {tuple(x.shape)}. model.backbone.cached and '
                'FormatShape(NCTHW) or FeatureDataset must go together.'
            )
        if self.cached:
            return x
        clips = x.flatten(0, 1)
        out = self.net(to_input(clips, self.layout))
        try:
            tokens = to_tokens(out, self.layout, len(clips))
        except ValueError as error:
            raise ValueError(f'{self.name}: {error}') from None
        return tokens.unflatten(0, x.shape[:2])

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
            raise RuntimeError(
                'This checkpoint was trained on another frozen backbone: '
                f'fingerprint {stored[:12]}… there, {self.fingerprint[:12]}… '
                f'here, from {self.identity}. Use the backbone config and '
                'the weight file that it was trained with.'
            )

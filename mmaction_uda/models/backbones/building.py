"""Backbones built from configs, as MMAction2 builds them."""

import copy
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Union

import torch.nn as nn
from mmaction.registry import MODELS
from mmengine.model import revert_sync_batchnorm

from ...motion import FrameSelector
from ...views import ViewSampler
from ..utils import freeze, init_seed
from .classes import check_foreign, with_defaults
from .hf_models import model_weights, resolved
from .tokens import Reading, SlidingWindow, VideoReader, reading_of
from .weights import Files, digests, load_weights, resolve

Steps = Union[dict, List[dict]]  # of a pipeline, on tokens


def build_net(cfg: dict) -> nn.Module:
    """Build a backbone in eval mode, without gradients.

    Args:
        cfg (dict): Config of a backbone of MMAction2 or this package, or of
            ``mmpretrain.``, ``torchvision.`` or ``timm.``.
    """
    # The host's recognizer knows every package that backbones come from.
    recognizer = dict(type='Recognizer2D', backbone=copy.deepcopy(cfg))
    net = MODELS.build(recognizer).backbone
    # Frozen batch norms use stored statistics: nothing to synchronise.
    net = revert_sync_batchnorm(net)
    net.eval()  # not chained: several backbones' eval() returns None
    return freeze(net)


@dataclass(frozen=True)
class BackboneSpec:
    """A backbone, its weights and how it is read: all that makes tokens.

    Args:
        backbone (dict): Its config, with what its reading asks for.
        checkpoint (str or dict, optional): Its weights, existing files, or
        seed (int, optional): that of random weights.
        reading (Reading): How its output is read.
        window (SlidingWindow, optional): That slides over the frames.
    """

    backbone: dict
    checkpoint: Optional[Files]
    seed: Optional[int]
    reading: Reading
    window: Optional[SlidingWindow]

    @classmethod
    def of(
        cls,
        backbone: Optional[dict],
        checkpoint: Optional[Files] = None,
        seed: Optional[int] = None,
        tokens: Optional[dict] = None,
        window: Optional[dict] = None,
    ) -> 'BackboneSpec':
        """Check and complete what a config says of a backbone.

        Args: Those of :class:`FrozenBackbone`.

        Raises:
            ValueError: Without a backbone, or with weights from nowhere or
                from two places.
            FileNotFoundError: For weights that are not there.
        """
        if backbone is not None and seed is None and checkpoint is None:
            checkpoint = model_weights(backbone)
        if backbone is None or (checkpoint is None) == (seed is None):
            raise ValueError(
                'FrozenBackbone needs a backbone and weights: give '
                'model.backbone.checkpoint (a file), or model.backbone.seed '
                f'for random weights; got checkpoint={checkpoint!r}, '
                f'seed={seed!r}'
            )
        if seed is not None and backbone.get('pretrained'):
            raise ValueError(
                f'pretrained={backbone["pretrained"]!r} of the backbone is '
                'not read: give the weights as model.backbone.checkpoint '
                'instead of a seed'
            )
        check_foreign(backbone['type'])
        reading = reading_of(backbone, tokens)
        # By content, wherever it lies.
        cfg = {**reading.options, **resolved(backbone)}
        files = checkpoint and resolve(checkpoint, lambda: build_net(cfg))
        sliding = SlidingWindow(**window) if window else None
        return cls(cfg, files, seed, reading, sliding)

    @property
    def identity(self) -> dict:
        """What determines the tokens of a clip, as JSON can hold it."""
        weights: Files = f'random weights, seed {self.seed}'
        if self.checkpoint is not None:
            weights = digests(self.checkpoint)
        return dict(
            backbone=with_defaults(self.backbone),
            tokens=asdict(self.reading),
            window=self.window and vars(self.window),
            weights=weights,
        )

    def build(self) -> nn.Module:
        """The net with its weights, as :func:`build_net` gives it."""
        with init_seed(self.seed or 0):
            net = build_net(self.backbone)
        if self.checkpoint is not None:
            load_weights(net, self.checkpoint)
        return net

    def reader(
        self, net: nn.Module, max_frames: int, sample: Optional[Steps]
    ) -> VideoReader:
        """What reads the tokens of videos from the net that was built.

        Args:
            net (nn.Module): The backbone.
            max_frames (int): Frames that go through the net at once.
            sample (dict or list, optional): See :func:`token_steps`.
        """
        steps = token_steps(sample)
        return VideoReader(net, self.reading, self.window, max_frames, **steps)


def token_steps(sample: Optional[Steps]) -> Dict[str, Any]:
    """What draws from tokens as the steps of a pipeline do.

    Args:
        sample (dict or list, optional): Config of ``SampleFeature``, whose
            ``test_mode`` is not asked, since a net knows whether it is
            trained; or of ``SelectFrames`` and that.

    Returns:
        dict: ``views`` and ``select`` of a :class:`VideoReader`.

    Raises:
        ValueError: For other steps.
    """
    steps = [sample] if isinstance(sample, dict) else sample or []
    settings = [{'type': 'SampleFeature', **step} for step in steps]
    kinds = [step.pop('type') for step in settings]
    if kinds not in ([], ['SampleFeature'], ['SelectFrames', 'SampleFeature']):
        raise ValueError(
            'model.backbone.sample is SampleFeature, or a list of '
            f'SelectFrames and SampleFeature, got {kinds}'
        )
    found: Dict[str, Any] = {}
    for kind, step in zip(kinds, settings):
        step.pop('test_mode', None)
        if kind == 'SelectFrames':
            found['select'] = FrameSelector(**step)
        else:
            found['views'] = ViewSampler(**step)
    return found

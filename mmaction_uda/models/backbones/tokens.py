"""How the output of a backbone is read as one token per time step."""

from dataclasses import asdict, dataclass, field, replace
from functools import partial
from operator import attrgetter
from typing import Optional, Union

import einops
import torch
from torch import Tensor, nn

from ...choices import check_choice


@dataclass(frozen=True)
class Reading:
    """What a backbone takes, and where its tokens come out.

    Args:
        layout (str): What it takes: ``'clips'`` ``[n, C, t, h, w]`` or
            ``'frames'`` ``[(n t), C, h, w]``. Defaults to ``'clips'``.
        mixes_time (bool): Whether a frame of the output depends on others
            of the clip. False lets clips be cut into frames at will.
            Defaults to True.
        module (str, optional): The tokens are what this submodule returns
            (``'blocks.-1'`` is the last of a list; what comes behind it is
            not run); by default what the backbone returns.
        pattern (str): The axes of that output in the notation of einops:
            ``n`` clips, ``t`` time, ``c`` channels; the mean is taken over
            all others. Several, for different ranks, are split by ``|``.
        class_token (str, optional): Of an output of patches behind a class
            token along ``patch_axis``: ``'only'`` it is read, or it is
            left ``'out'``.
        patch_axis (int): See there. Defaults to 1.
        join (bool): Concatenate the channels of all outputs, each at the
            coarsest time step; False reads the last. Defaults to False.
        options (dict): Arguments that the backbone must be built with.
    """

    layout: str = 'clips'
    mixes_time: bool = True
    module: Optional[str] = None
    pattern: str = 'n c t h w'
    class_token: Optional[str] = None
    patch_axis: int = 1
    join: bool = False
    options: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice('tokens.layout', self.layout, ('clips', 'frames'))
        check_choice(
            'tokens.class_token', self.class_token, (None, 'only', 'out')
        )


CLIPS = Reading()
SHIFTED = Reading(layout='frames', pattern='(n t) c h w')
IMAGES = replace(SHIFTED, mixes_time=False, pattern='(n t) c h w|(n t) c')
# Patches ordered place by place, each through time, behind a class token.
SPACE_TIME = Reading(module='norm', pattern='n (p t) c', class_token='out')

READINGS = {
    'C3D': Reading(module='pool5'),
    'InceptionI3D': CLIPS,
    'MobileNetV2': IMAGES,
    'MobileNetV2TSM': SHIFTED,
    'MobileOneTSM': SHIFTED,
    'MViT': Reading(options=dict(output_cls_token=False)),
    'ResNet': IMAGES,
    'ResNetTSM': SHIFTED,
    'ResNet3dSlowFast': Reading(pattern='n c (t f) h w', join=True),
    'STAM': Reading(layout='frames', pattern='(n t) c'),
    'TANet': SHIFTED,
    'TimeSformer': SPACE_TIME,
    'TimeSformer space_only': Reading(
        module='transformer_layers', pattern='(n t) p c', class_token='only'
    ),
    'UniFormerV2': Reading(
        module='transformer.resblocks.-1',
        pattern='p (n t) c',
        class_token='only',
        patch_axis=0,
    ),
    'VisionTransformer': Reading(options=dict(return_feat_map=True)),
}


def reading_of(backbone: dict, changes: Optional[dict] = None) -> Reading:
    """How a backbone is read, by its name.

    Args:
        backbone (dict): Its config. One that is not in the table is taken
            for an image backbone if another package's (``mmpretrain.``,
            ``torchvision.``, ``timm.``), else for one that maps clips to
            ``[n, c, t, h, w]``.
        changes (dict, optional): What is read in another way: arguments of
            :class:`Reading`.

    Raises:
        TypeError: If ``changes`` has other keys.
    """
    name = backbone['type'].removeprefix('mmaction.')
    variant = f'{name} {backbone.get("attention_type")}'
    default = IMAGES if '.' in name else CLIPS
    reading = READINGS.get(variant) or READINGS.get(name) or default
    return Reading(**{**asdict(reading), **(changes or {})})


class _Reached(Exception):
    """The output of the module that is read; nothing behind it is run."""


def _raise_output(module: nn.Module, args: tuple, out: Tensor) -> None:
    raise _Reached(out)


def _submodule(net: nn.Module, path: str) -> nn.Module:
    for name in path.split('.'):
        net = net[int(name)] if name == '-1' else attrgetter(name)(net)
    return net


def _run(net: nn.Module, x: Tensor, module: Optional[str]):
    if module is None:
        return net(x)
    handle = _submodule(net, module).register_forward_hook(_raise_output)
    try:
        net(x)
    except _Reached as reached:
        return reached.args[0]
    finally:
        handle.remove()
    raise ValueError(
        f'{type(net).__name__} never calls its {module!r}. Correct '
        'model.backbone.tokens.module.'
    )


def _maps(out: Union[Tensor, tuple], join: bool) -> list:
    if isinstance(out, Tensor):
        return [out]
    return list(out) if join else _maps(out[-1], join)


def _reduce(out: Tensor, net: nn.Module, reading: Reading, **axes) -> Tensor:
    """Bring one output of ``net`` to ``[n, t, c]``."""
    patterns = {
        len(einops.parsing.ParsedExpression(p).composition): p
        for p in reading.pattern.split('|')
    }
    if out.ndim not in patterns:
        raise ValueError(
            f'the output of {type(net).__name__} has the shape '
            f'{tuple(out.shape)}, but is read as {reading.pattern!r}. Let it '
            'return its feature map, or say in model.backbone.tokens how it '
            'is read.'
        )
    if reading.class_token is not None:
        sizes = 1, out.size(reading.patch_axis) - 1
        parts = out.split(sizes, reading.patch_axis)
        out = parts[reading.class_token == 'out']
    pattern = patterns[out.ndim]
    return einops.reduce(out, f'{pattern} -> n t c', 'mean', **axes)


def _check_segments(net: nn.Module, num_frames: int) -> None:
    """A net that cuts a batch into clips itself must cut where we do."""
    segments = getattr(net, 'num_segments', num_frames)
    if segments != num_frames:
        raise ValueError(
            f'{type(net).__name__} takes num_segments={segments} frames, got '
            f'clips of {num_frames}. Set model.backbone.backbone.num_segments '
            f'to {num_frames}, or model.backbone.window to '
            f'dict(size={segments}, stride={segments}, pool=None).'
        )


def read_tokens(net: nn.Module, clips: Tensor, reading: Reading) -> Tensor:
    """Run a backbone on clips and read its tokens, time in order.

    Args:
        net (nn.Module): The backbone.
        clips (Tensor): ``[n, T, C, H, W]``.
        reading (Reading): How it is read.

    Returns:
        Tensor: ``[n, t, c]``.

    Raises:
        ValueError: If the clips do not fit the backbone, or its output does
            not fit the reading.
    """
    if reading.layout == 'frames':
        _check_segments(net, clips.size(1))
        x = clips.flatten(0, 1)
    else:
        x = clips.transpose(1, 2)
    out = _maps(_run(net, x, reading.module), reading.join)
    axes = dict(n=len(clips))
    if reading.join:
        axes['t'] = min(o.size(2) for o in out)
    elif '(p t)' in reading.pattern or '(t p)' in reading.pattern:
        axes['t'] = clips.size(1)  # cannot be told from the output
    read = partial(_reduce, net=net, reading=reading, **axes)
    return torch.cat([read(o) for o in out], -1)

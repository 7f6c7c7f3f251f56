"""Runs a backbone and reads its tokens."""

from typing import Any, Callable, Dict, Optional, Union

import einops
import torch
from torch import Tensor, nn

from ....faults import Faults
from .table import Reading


class _Reached(Exception):
    """The output of the module that is read; nothing behind it is run."""


def _raise_output(module: nn.Module, args: tuple, out: Tensor) -> None:
    raise _Reached(out)


def _submodule(net: nn.Module, path: str) -> nn.Module:
    for name in path.split('.'):
        net = list(net.children())[-1] if name == '-1' else getattr(net, name)
    return net


Net = Union[nn.Module, Callable[[Tensor], Any]]


def _run(net: Net, x: Tensor, module: Optional[str]):
    if module is None or not isinstance(net, nn.Module):
        return net(x)
    handle = _submodule(net, module).register_forward_hook(_raise_output)
    try:
        net(x)
    except _Reached as reached:
        return reached.args[0]
    finally:
        handle.remove()
    raise Faults(
        f'{type(net).__name__} never calls its {module!r}. Correct '
        'model.backbone.tokens.module.'
    )


def _maps(out: Union[Tensor, tuple], join: bool) -> list:
    if isinstance(out, Tensor):
        return [out]
    return list(out) if join else _maps(out[-1], join)


def _reduce(
    out: Tensor, net: Net, reading: Reading, axes: Dict[str, int]
) -> Tensor:
    """Bring one output of ``net`` to ``[n, t, c]``, some axes given."""
    patterns = {
        len(einops.parsing.ParsedExpression(p).composition): p
        for p in reading.pattern.split('|')
    }
    if out.ndim not in patterns:
        raise Faults(
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


def _check_segments(net: Net, num_frames: int) -> None:
    """A net that cuts a batch into clips itself must cut where we do."""
    segments = getattr(net, 'num_segments', num_frames)
    if segments != num_frames:
        raise Faults(
            f'{type(net).__name__} takes num_segments={segments} frames, got '
            f'clips of {num_frames}. Set model.backbone.backbone.num_segments '
            f'to {num_frames}, or model.backbone.window to '
            f'dict(size={segments}, stride={segments}, pool=None).'
        )


def read_tokens(net: Net, clips: Tensor, reading: Reading) -> Tensor:
    """Run a backbone on clips and read its tokens, time in order.

    Args:
        net (callable): The backbone.
        clips (Tensor): ``[n, T, C, H, W]``.
        reading (Reading): How it is read.

    Returns:
        Tensor: ``[n, t, c]``.

    Raises:
        Faults: If the clips do not fit the backbone, or its output does
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
    return torch.cat([_reduce(o, net, reading, axes) for o in out], -1)

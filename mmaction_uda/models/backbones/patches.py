"""Vision transformers that see some of their patches, and skip the others."""

from contextlib import ExitStack
from typing import Any, Iterator, NamedTuple, Tuple

import torch
from torch import Tensor, nn

# By class, or by model type of transformers: the patches get their positions
# before the first block, and every block takes any number of them.
KNOWN = (
    *('STAM', 'VisionTransformer', 'clip_vision_model', 'dinov2'),
    *('dinov2_with_registers', 'videomae', 'vivit'),
)
_BLOCKS = ('blocks', 'layer', 'layers')
_NORMS = ('norm', 'layernorm')


class Grid(NamedTuple):
    """How a net cuts a clip into patches: frames, height and width of one."""

    frames: int
    height: int
    width: int

    def cut(self, clips: Tensor) -> Tensor:
        """Pixels of the patches of clips.

        Args:
            clips (Tensor): ``[n, T, C, H, W]``.

        Returns:
            Tensor: ``[n, t, P, d]``, ``t`` time steps of ``P`` patches; a
            patch that lasts several frames is their mean. ``d`` are its
            pixels in all channels.
        """
        steps = clips.size(1) // self.frames
        clips = clips[:, : steps * self.frames]
        x = clips.unflatten(1, (steps, self.frames)).mean(2)
        x = x.unfold(3, self.height, self.height)
        x = x.unfold(4, self.width, self.width)  # [n, t, C, h, w, *patch]
        return x.permute(0, 1, 3, 4, 2, 5, 6).flatten(4).flatten(2, 3)


def check_known(net: nn.Module) -> None:
    """Refuse a net whose patches cannot be left out.

    Raises:
        ValueError: Names those that can.
    """
    config = getattr(net, 'config', None)
    name = getattr(config, 'model_type', type(net).__name__)
    if name not in KNOWN:
        raise ValueError(
            f'{name} does not take a part of its patches. Those that do are '
            f'{", ".join(KNOWN)}.'
        )


def blocks_of(net: nn.Module) -> Tuple[str, Any]:
    """Name and list of the blocks of a vision transformer."""
    for name, module in net.named_modules():
        if name.rpartition('.')[2] in _BLOCKS:
            return name, module
    raise ValueError(f'{type(net).__name__} has no list of blocks.')


def grid_of(net: nn.Module) -> Grid:
    """How a net cuts clips, by its first convolution."""
    convs = (
        m for m in net.modules() if isinstance(m, nn.modules.conv._ConvNd)
    )
    size = next(convs).kernel_size
    return Grid(*size) if len(size) == 3 else Grid(1, *size)


class PartlySeen:
    """A vision transformer in whose blocks some patches are missing.

    Each row sees its own patches, as many as it has: rows with equally many
    go through the net together, so nothing is padded and no attention is
    masked. Of a net that returns its patches, a place that was left out
    holds the mean of those that were not. So all shapes are as ever, and a
    mean over all places is that over the patches seen.

    Args:
        net (nn.Module): One of ``KNOWN``.
        kept (Tensor): Bool ``[n, L]``, which patches each row sees.
        fill (bool): Whether the net returns its patches.
    """

    def __init__(self, net: nn.Module, kept: Tensor, fill: bool) -> None:
        self.net = net
        self.kept = kept
        self.fill = fill

    def __call__(self, x: Tensor) -> Tensor:
        """Run the net on ``n`` rows."""
        counts = self.kept.sum(1)
        numbers = [(counts == c).nonzero()[:, 0] for c in counts.unique()]
        out = torch.cat([self._run(x[n], self.kept[n]) for n in numbers])
        return out[torch.cat(numbers).argsort()]

    def _run(self, x: Tensor, kept: Tensor) -> Tensor:
        """The same of rows that see equally many."""
        places = kept.nonzero()[:, 1].view(len(kept), -1, 1)
        total = kept.size(1)

        def leave_out(block: nn.Module, args: tuple) -> tuple:
            first = args[0].size(1) - total  # class tokens, registers
            tokens = args[0].split((first, total), 1)
            index = places.expand(-1, -1, tokens[1].size(-1))
            seen = torch.cat((tokens[0], tokens[1].gather(1, index)), 1)
            return seen, *args[1:]

        def put_back(module: nn.Module, args: tuple, out: Tensor) -> Tensor:
            first = out.size(1) - places.size(1)
            seen = out[:, first:]
            every = seen.mean(1, keepdim=True).repeat(1, total, 1)
            every = every.scatter(1, places.expand_as(seen), seen)
            return torch.cat((out[:, :first], every), 1)

        with ExitStack() as hooks:
            first, *_, last = self._ends()
            hooks.callback(first.register_forward_pre_hook(leave_out).remove)
            if self.fill:
                hooks.callback(last.register_forward_hook(put_back).remove)
            return self.net(x)

    def _ends(self) -> Iterator[nn.Module]:
        """The first block, the last one, and a norm behind it."""
        name, blocks = blocks_of(self.net)
        yield blocks[0]
        yield blocks[-1]
        for other, module in self.net.named_modules():
            inside = other.startswith(f'{name}.')
            if other.rpartition('.')[2] in _NORMS and not inside:
                yield module

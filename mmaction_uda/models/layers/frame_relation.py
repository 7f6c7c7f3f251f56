from math import comb
from typing import List, Optional

import torch
import torch.nn as nn


def spread_subsets(num_frames: int, size: int, limit: int = 3) -> List[List]:
    """A few of the ordered subsets of the frames, evenly spaced.

    Of all ``n`` in lexicographic order, ``m = min(limit, n)`` are taken,
    those at ``ceil(i n / m)``.

    Args:
        num_frames (int): Frames to choose from.
        size (int): Frames of a subset.
        limit (int): At most so many subsets. Defaults to 3.

    Returns:
        list[list[int]]: Frame numbers, ascending.
    """

    def subset(rank: int) -> List[int]:
        # Counted, not listed: 53 frames have 10^15 subsets of 26.
        chosen: List[int] = []
        frame = 0
        while len(chosen) < size:
            with_frame = comb(num_frames - frame - 1, size - len(chosen) - 1)
            if rank < with_frame:
                chosen.append(frame)
            else:
                rank -= with_frame
            frame += 1
        return chosen

    total = comb(num_frames, size)
    count = min(limit, total)
    return [subset(-(-i * total // count)) for i in range(count)]


class FrameRelation(nn.Sequential):
    """One scale of a temporal relation network (TRN).

    Every chosen subset of ``size`` frames is concatenated and goes through
    the same map; the sum over the subsets is the feature of the scale.

    Args:
        num_frames (int): Frames of a view.
        size (int): Frames of a subset.
        in_channels (int): Width of a frame.
        out_channels (int): Width of the feature.
        num_subsets (int): At most so many subsets. Defaults to 3.
        hidden_channels (int, optional): Width between two linear maps, each
            with ReLU and dropout behind it, as in Co-STAR. By default there
            is one map between two ReLU, as in TA3N.
        dropout (float): Of the two maps. Defaults to 0.
    """

    subsets: torch.Tensor  # [subsets, size]

    def __init__(
        self,
        num_frames: int,
        size: int,
        in_channels: int,
        out_channels: int,
        num_subsets: int = 3,
        hidden_channels: Optional[int] = None,
        dropout: float = 0.0,
    ) -> None:
        width = size * in_channels
        layers = [nn.ReLU(), nn.Linear(width, out_channels), nn.ReLU()]
        if hidden_channels is not None:
            layers = [
                *(nn.Linear(width, hidden_channels), nn.ReLU()),
                *(
                    nn.Dropout(dropout),
                    nn.Linear(hidden_channels, out_channels),
                ),
                *(nn.ReLU(), nn.Dropout(dropout)),
            ]
        super().__init__(*layers)
        subsets = torch.tensor(spread_subsets(num_frames, size, num_subsets))
        self.register_buffer('subsets', subsets, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map frames ``[B, V, T, C]`` to ``[B, V, D]``."""
        return super().forward(x[:, :, self.subsets].flatten(-2)).sum(-2)


class FrameRelations(nn.ModuleList):
    """All scales of a temporal relation network, the largest first.

    Args:
        num_frames (int): Frames ``T`` of a view; scales are subsets of
            ``T, ..., 2`` frames.
        in_channels (int): Width ``C`` of a frame.
        out_channels (int, optional): Width ``D`` of the feature of a scale;
            None for no scale.
        kwargs: Other arguments of :class:`FrameRelation`.
    """

    def __init__(
        self,
        num_frames: int,
        in_channels: int,
        out_channels: Optional[int],
        **kwargs,
    ) -> None:
        if num_frames < 2:
            raise ValueError(f'num_frames must be > 1, got {num_frames}')
        super().__init__()
        if out_channels is not None:
            self.extend(
                FrameRelation(
                    num_frames, size, in_channels, out_channels, **kwargs
                )
                for size in range(num_frames, 1, -1)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map frames ``[B, V, T, C]`` to scales ``[B, V, T - 1, D]``."""
        return torch.stack([relation(x) for relation in self], 2)

"""Rows of long videos, computed piece by piece where they are read."""

from typing import Callable, Dict

import torch
from torch import Tensor


class Stream:
    """Rows ``[N, ...]`` of which only those that are read are in memory.

    They are computed in pieces of ``size`` rows. The pieces that the last
    slice touched are kept, so that slices that move on compute each once.

    Args:
        length (int): Number of rows, ``N``.
        compute (callable): Maps ``start, stop`` to these rows.
        size (int): Rows of a piece.
    """

    def __init__(
        self, length: int, compute: Callable[[int, int], Tensor], size: int
    ) -> None:
        self.length = length
        self.compute = compute
        self.size = size
        self._kept: Dict[int, Tensor] = {}

    def __len__(self) -> int:
        return self.length

    def __getstate__(self) -> dict:
        return dict(self.__dict__, _kept={})

    def __getitem__(self, rows: slice) -> Tensor:
        start, stop, _ = rows.indices(len(self))
        first, last = start // self.size, -(-stop // self.size)
        self._kept = {k: v for k, v in self._kept.items() if first <= k < last}
        for number in range(first, last):
            if number not in self._kept:
                begin = number * self.size
                end = min(begin + self.size, len(self))
                self._kept[number] = self.compute(begin, end)
        pieces = [self._kept[number] for number in range(first, last)]
        begin = first * self.size
        return torch.cat(pieces)[start - begin : stop - begin]

    def whole(self) -> Tensor:
        """All rows, in float32."""
        # At once, or what is kept of each piece tears up free memory.
        first = self[:1]
        shape = len(self), *first.shape[1:]
        rows = first.new_empty(shape, dtype=torch.float32)
        for i in range(0, len(self), self.size):
            rows[i : i + self.size] = self[i : i + self.size]
        return rows

    def map(self, function: Callable[[Tensor], Tensor], size: int) -> 'Stream':
        """What a function makes of every piece of ``size`` rows."""
        return Stream(len(self), lambda a, b: function(self[a:b]), size)

import sys
from datetime import timedelta
from typing import Callable

import torch.distributed as dist
from mmengine.dist import get_dist_info


class Ranks:
    """The processes of a launcher; without one, this process alone."""

    def __init__(self) -> None:
        self.rank, self.world = get_dist_info()
        self._group = None
        if self.world > 1:
            # To wait here for hours is no fault, as it is for gradients.
            wait = timedelta(days=7)
            self._group = dist.new_group(backend='gloo', timeout=wait)

    def all(self, step: Callable, *args) -> list:
        """Run a step on every process; an error of one ends all.

        Returns:
            list: What it returned on each of them.

        Raises:
            Exception: That of this process.
            RuntimeError: With the message of another process.
        """
        result = error = text = None
        try:
            result = step(*args)
        except Exception as caught:
            if self.world == 1:
                raise
            error, text = caught, f'{type(caught).__name__}: {caught}'
            # At once: the others may be at work for long.
            print(f'process {self.rank}: {text}', file=sys.stderr, flush=True)
        gathered = [(result, text)] * self.world
        if self.world > 1:
            dist.all_gather_object(gathered, (result, text), self._group)
        if error is not None:
            raise error
        for rank, (_, text) in enumerate(gathered):
            if text is not None:
                raise RuntimeError(f'process {rank} failed: {text}')
        return [result for result, _ in gathered]

    def first(self, step: Callable, *args):
        """Run a step on the first process only; all get what it returns."""
        return self.all(step if self.rank == 0 else _nothing, *args)[0]


def _nothing(*args) -> None:
    pass

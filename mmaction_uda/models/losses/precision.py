from contextlib import contextmanager
from typing import Iterator

import torch


def at_least_float32(x: torch.Tensor) -> torch.Tensor:
    """Half-precision to float32, anything else as it is.

    Losses and what the host turns into NumPy must not be half-precision.
    """
    return x.float() if x.dtype.itemsize < 4 else x


@contextmanager
def full_precision() -> Iterator[None]:
    """Multiply matrices in the precision that they have, also with ``--amp``.

    Autocast halves float32 factors. Of covariances, kernels and cosines that
    are subtracted from each other little is left then.
    """
    with (
        torch.autocast('cuda', enabled=False),
        torch.autocast('cpu', enabled=False),
    ):
        yield

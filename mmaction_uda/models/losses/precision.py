import torch


def at_least_float32(x: torch.Tensor) -> torch.Tensor:
    """Half-precision to float32, anything else as it is.

    Losses and what the host turns into NumPy must not be half-precision.
    """
    return x.float() if x.dtype.itemsize < 4 else x

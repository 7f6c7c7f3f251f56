from torch import Tensor, nn


def check_tokens(neck: nn.Module, x: Tensor, num_frames: int) -> None:
    """Refuse what are no tokens ``[B, V, T, C]`` of the shape a neck expects.

    Args:
        neck (nn.Module): Has ``in_channels``.
        x (Tensor): What it was given.
        num_frames (int): ``T``.

    Raises:
        ValueError: Names both shapes and the remedy.
    """
    expected = (num_frames, neck.in_channels)
    if x.ndim != 4 or tuple(x.shape[2:]) != expected:
        raise ValueError(
            f'{type(neck).__name__} expects tokens [B, V, T, C] with T, C = '
            f'{expected}, got {tuple(x.shape)}. Set neck.num_frames and '
            'neck.in_channels to what the backbone returns.'
        )

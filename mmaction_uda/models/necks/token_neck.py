from typing import Optional

from mmengine.model import BaseModule
from torch import Tensor


class TokenNeck(BaseModule):
    """What necks share: the shapes of what they take and give.

    Contract: ``forward(x, data_samples) -> (pooled, losses)`` with tokens
    ``x`` ``[B, V, T, C]``, features ``pooled`` ``[B, V, d]``, ``B`` samples
    that carry ``domain``, or None at test, where every row is a target, and
    a dict of losses and monitors, which may be empty.

    Args:
        in_channels (int, optional): Width ``C`` of the backbone's tokens;
            None for a neck that takes no tokens.
        num_frames (int, optional): Time steps ``T`` of a view; None for a
            neck that takes any number.
        out_channels (int): Width ``d`` of a feature.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: Optional[int],
        num_frames: Optional[int],
        out_channels: int,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = in_channels
        self.num_frames = num_frames
        self.out_channels = out_channels

    def check_tokens(self, x: Tensor) -> None:
        """Refuse what are no tokens ``[B, V, T, C]`` of the expected shape.

        Raises:
            ValueError: Names both shapes and the remedy.
        """
        expected = self.num_frames or 'any', self.in_channels
        if x.ndim != 4 or not (
            self.num_frames in (None, x.shape[2])
            and self.in_channels == x.shape[3]
        ):
            raise ValueError(
                f'{type(self).__name__} expects tokens [B, V, T, C] with '
                f'T, C = {expected}, got {tuple(x.shape)}. Set '
                'neck.num_frames and neck.in_channels to what the backbone '
                'returns.'
            )

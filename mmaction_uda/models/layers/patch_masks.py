from typing import Optional

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...choices import check_choice
from ..utils import build_part


def greedy_masks(scores: Tensor, num_masks: int, visible: int) -> Tensor:
    """Masks that share the patches out by their rank.

    Sorted by falling score, the ``i``-th mask sees the ranks ``i``,
    ``i + num_masks``, ..., the first ``visible`` of them: no two see the
    same patch.

    Args:
        scores (Tensor): ``[..., P]``.
        num_masks (int): ``k``.
        visible (int): Patches that each sees.

    Returns:
        Tensor: Bool ``[k, ..., P]``, True where a patch is seen.
    """
    if num_masks * visible > scores.size(-1):
        raise ValueError(
            f'{num_masks} masks cannot see {visible} of {scores.size(-1)} '
            'patches each without sharing one. Raise mask.ratio, or lower '
            'mask.num_masks.'
        )
    order = scores.argsort(-1, descending=True)
    masks = torch.zeros(
        num_masks, *scores.shape, dtype=torch.bool, device=scores.device
    )
    for number, mask in enumerate(masks):
        seen = order[..., number::num_masks][..., :visible]
        mask.scatter_(-1, seen, True)
    return masks


@MODELS.register_module()
class PatchMask(nn.Module):
    """Which patches of a clip a vision transformer sees in training (UNITE).

    Of every time step ``floor(ratio * P)`` patches are hidden. Several masks
    see different patches, see :func:`greedy_masks`: by the attention of a
    guide, or, without one, by chance.

    Source: UNITE (Reddy et al., CVPR 2024), stage 3.

    Args:
        ratio (float): Share of hidden patches, in [0, 1). Defaults to 0.8.
        num_masks (int): Masks of a clip. Defaults to 2.
        used (str): Masks that are learnt from: ``'all'`` (the paper), or
            ``'last'`` (the authors' code). Defaults to ``'all'``.
        guide (dict, optional): What scores the patches, such as
            :class:`ClassAttention`.
    """

    def __init__(
        self,
        ratio: float = 0.8,
        num_masks: int = 2,
        used: str = 'all',
        guide: Optional[dict] = None,
    ) -> None:
        super().__init__()
        check_choice('mask.used', used, ('all', 'last'))
        if not 0 <= ratio < 1:
            raise ValueError(f'mask.ratio must lie in [0, 1), got {ratio}')
        self.ratio = ratio
        self.num_masks = num_masks
        self.used = used
        self.guide = build_part(guide)

    def forward(self, clips: Tensor, patches: Tensor) -> Tensor:
        """Draw the masks of clips.

        Args:
            clips (Tensor): ``[n, T, C, H, W]``.
            patches (Tensor): Theirs, ``[n, t, P, d]``, see :meth:`Grid.cut`.

        Returns:
            Tensor: Bool ``[k, n, t, P]``, ``k`` masks that are learnt from.
        """
        if self.guide is None:
            scores = torch.rand(patches.shape[:-1], device=patches.device)
        else:
            scores = self.guide(clips, patches.shape[1:3])
        total = scores.size(-1)
        visible = total - int(self.ratio * total)
        masks = greedy_masks(scores, self.num_masks, visible)
        return masks if self.used == 'all' else masks[-1:]

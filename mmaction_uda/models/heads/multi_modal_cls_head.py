import torch
from mmaction.registry import MODELS
from torch import nn

from ..losses import at_least_float32
from .mlp_cls_head import MLPClsHead


@MODELS.register_module()
class MultiModalClsHead(MLPClsHead):
    """A classifier for every modality, on the views of that modality.

    Late fusion where :class:`MLPClsHead` would share one classifier: the
    axis of views is that of :class:`MultiModalNeck`, the views of the first
    modality first. Losses and scores are those of :class:`MLPClsHead`.

    Source: CleanAdapt (Dasgupta et al., arXiv 2311.18572), Section 3.

    Args:
        num_classes (int): Number of classes ``K``.
        in_channels (int): Width ``d`` of a feature.
        num_modalities (int): ``M``. Defaults to 2.
        seed (int): Draws the first classifier; each has the next seed.
            Defaults to 0.
        kwargs: Other arguments of :class:`MLPClsHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        num_modalities: int = 2,
        seed: int = 0,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.mlp = nn.ModuleList(
            MLPClsHead(num_classes, in_channels, seed=seed + i, **kwargs).mlp
            for i in range(num_modalities)
        )

    def forward(self, x: torch.Tensor, **kwargs) -> torch.Tensor:
        """Map features ``[B, M * V, d]`` to logits ``[B, M * V, K]``."""
        mlps = list(self.mlp.children())
        if x.shape[1] % len(mlps):
            raise ValueError(
                f'MultiModalClsHead has {len(mlps)} modalities, got '
                f'{x.shape[1]} views: set cls_head.num_modalities to that of '
                'the neck'
            )
        parts = zip(mlps, x.chunk(len(mlps), 1), strict=True)
        logits = torch.cat([mlp(part) for mlp, part in parts], 1)
        return at_least_float32(logits)

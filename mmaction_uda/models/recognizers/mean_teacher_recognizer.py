from copy import deepcopy
from itertools import chain
from typing import Tuple

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ..utils import Losses, Outputs, Samples, freeze
from .uda_recognizer import UDARecognizer


@MODELS.register_module()
class MeanTeacherRecognizer(UDARecognizer):
    """Hands to its losses what its own moving average says of the batch.

    The teacher is a copy of neck and classifier and sees the same tokens,
    without a gradient. It begins as they do and after every forward becomes
    ``(1 - momentum) * own + momentum * model``. It lies in checkpoints; what
    is tested is the model itself.

    Source: Co-STAR (Dadashzadeh et al., WACV 2026), whose code moves the
    teacher before the optimizer's step, too.

    Args:
        momentum (float): Defaults to 0.001.
        teacher_dropout (bool): Whether the dropout of the teacher is on in
            training, as in the authors' code. Defaults to True.
        args, kwargs: Those of :class:`UDARecognizer`.
    """

    couples_samples = True  # a step, not a batch, moves the teacher
    teacher: nn.ModuleDict

    def __init__(
        self,
        *args,
        momentum: float = 0.001,
        teacher_dropout: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.momentum = momentum
        self.teacher_dropout = teacher_dropout
        parts = dict(neck=self.neck, cls_head=self.cls_head)
        self.teacher = nn.ModuleDict(deepcopy(parts))
        freeze(self.teacher)

    def init_weights(self) -> None:
        """Fill the model, then the teacher."""
        super().init_weights()
        for name, part in self.teacher.items():
            part.load_state_dict(getattr(self, name).state_dict())

    def train(self, mode: bool = True) -> 'MeanTeacherRecognizer':
        """Choose the mode of the model and of its teacher."""
        super().train(mode)
        self.teacher.train(mode and self.teacher_dropout)
        return self

    def loss(self, inputs: Tensor, data_samples: Samples, **kwargs) -> Losses:
        """Losses of a batch; then the teacher moves."""
        losses = super().loss(inputs, data_samples, **kwargs)
        self.follow()
        return losses

    def outputs(
        self, inputs: Tensor, samples: Samples
    ) -> Tuple[Outputs, Losses]:
        """Those of the model, and ``averaged_logits``."""
        outputs, losses = super().outputs(inputs, samples)
        assert outputs.tokens is not None
        with torch.no_grad():
            neck = self.teacher['neck']
            _, feats, _ = self._encode(outputs.tokens, None, neck)
            logits = self.teacher['cls_head'](feats)
        return outputs._replace(averaged_logits=logits), losses

    @torch.no_grad()
    def follow(self) -> None:
        """Move the teacher's weights towards those of the model."""
        parts = self.neck.parameters(), self.cls_head.parameters()
        for own, new in zip(self.teacher.parameters(), chain(*parts)):
            own.lerp_(new, self.momentum)

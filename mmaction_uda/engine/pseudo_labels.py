"""Adaptation without source data, by confident pseudo-labels (CleanAdapt).

Source: Dasgupta et al., https://arxiv.org/abs/2311.18572, and its code.
"""

from typing import Optional

import torch
from mmaction.registry import HOOKS
from mmengine.hooks import EMAHook, Hook
from mmengine.model import is_model_wrapper
from torch import Tensor

from ..choices import check_choice
from ..models import UDARecognizer
from ..models.losses import label_losses, select_confident
from .predictions import predict, training_set_as_tested

KEY = 'pseudo_labels'  # in a checkpoint


@HOOKS.register_module()
class PseudoLabelHook(Hook):
    """Labels the target videos and selects those that an epoch learns from.

    Before every epoch one pass in eval mode over all target videos gives
    their losses against the pseudo-labels, :func:`label_losses`, and
    :func:`select_confident` keeps the confident ones of each class, as many
    as ``keep_ratio`` of the :class:`PseudoLabelSampler` says. The first pass
    gives the labels themselves, argmax of the logits averaged over views.

    Without a teacher these labels stay for ever, and the model makes the
    pass. With one (a :class:`TeacherHook` beside this), the teacher makes
    it: losses are those of the labels so far, classes its new predictions,
    which then are the labels of all videos. Labels lie in checkpoints.
    Processes share the pass; all hold the same result. Videos are read as
    at test (:func:`training_set_as_tested`).

    Args:
        teacher (bool): Defaults to False.
        batch_size (int): Videos of the pass at once. Defaults to 32.
        num_workers (int): Processes that read them. Defaults to 0.
    """

    def __init__(
        self, teacher: bool = False, batch_size: int = 32, num_workers: int = 0
    ) -> None:
        self.teacher = teacher
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.labels: Optional[Tensor] = None

    def before_train(self, runner) -> None:
        """Find the videos that are labelled."""
        self.videos = training_set_as_tested(runner.cfg)

    def before_train_epoch(self, runner) -> None:
        """Label and select the videos of this epoch."""
        sampler = runner.train_dataloader.sampler
        logits = self.predict(self._model(runner))
        predicted = logits.mean(1).argmax(-1)
        if self.labels is None:
            self.labels = predicted
        losses = label_losses(logits, self.labels)
        if self.teacher:
            self.labels = predicted
        kept = select_confident(losses, self.labels, sampler.keep_ratio)
        sampler.select(kept, self.labels[kept])
        hub, classes = runner.message_hub, len(self.labels.unique())
        hub.update_scalar('train/selected', len(kept))
        hub.update_scalar('train/pseudo_classes', classes)

    def predict(self, model: UDARecognizer) -> Tensor:
        """Logits ``[N, V, K]`` of all videos, on the host."""
        rows = range(len(self.videos))
        return predict(
            model, self.videos, rows, self.batch_size, self.num_workers
        )[1]

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Store the labels."""
        checkpoint[KEY] = self.labels

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Go on with the labels of an interrupted training."""
        if runner._resume:
            self.labels = checkpoint[KEY]

    def _model(self, runner) -> UDARecognizer:
        """What makes the pass: the teacher, or the model itself."""
        if self.teacher:
            for hook in runner.hooks:
                if isinstance(hook, EMAHook):
                    return hook.ema_model.module
            raise ValueError(
                'PseudoLabelHook(teacher=True) has no teacher: add '
                "dict(type='TeacherHook') to default_hooks"
            )
        model = runner.model
        return model.module if is_model_wrapper(model) else model


@HOOKS.register_module()
class TeacherLabelHook(Hook):
    """Labels and selects target videos by what a teacher says, once.

    The ``teacher`` of the :class:`PseudoLabelDataset` gives the labels; of
    each class that it names, those are learnt that it is most confident of,
    as many as ``keep_ratio`` of the :class:`PseudoLabelSampler` says. They
    are the same in every epoch.

    Args:
        order (str): ``'confident'``, or ``'listed'``: the first of every
            class in the order of the list, as DALL-V's code has it, which
            sorts confidences and not the videos. Defaults to
            ``'confident'``.
    """

    def __init__(self, order: str = 'confident') -> None:
        check_choice('order', order, ('confident', 'listed'))
        self.order = order

    def before_train(self, runner) -> None:
        """Label and select the videos of all epochs.

        Raises:
            ValueError: If there is no teacher.
        """
        sampler = runner.train_dataloader.sampler
        scores = runner.train_dataloader.dataset.teacher_scores
        if scores is None:
            raise ValueError(
                'TeacherLabelHook needs train_dataloader.dataset.teacher, a '
                'file of scores'
            )
        labels = scores.argmax(-1)
        losses = label_losses(scores[:, None], labels)
        if self.order == 'listed':
            losses = torch.arange(len(losses))
        kept = select_confident(losses, labels, sampler.keep_ratio)
        sampler.select(kept, labels[kept])

import hashlib
import os.path as osp
from typing import Dict

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch.nn import Module

from ..datasets import VideoScores, video_names
from ..faults import Faults
from ..models import UDARecognizer
from .predictions import predict, training_set_as_tested

SCORES = 'scores.safetensors'  # in a work directory


@HOOKS.register_module()
class ScoresHook(Hook):
    """Leaves what a model says of the target's training videos: a teacher.

    When the training ends, or there is none (:class:`NoTrainLoop`), one pass
    in eval mode over these videos writes their logits, averaged over views,
    to ``scores.safetensors`` in the work directory. A later stage reads it
    as ``train_dataloader.dataset.teacher``. Labels are not looked at.

    Args:
        batch_size (int): Defaults to 64.
    """

    def __init__(self, batch_size: int = 64) -> None:
        self.batch_size = batch_size

    def after_train(self, runner) -> None:
        """Score all target videos.

        Raises:
            Faults: If the training has no target.
        """
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        videos = training_set_as_tested(runner.cfg).target
        if videos is None:
            raise Faults(
                'ScoresHook scores target videos, but '
                'train_dataloader.dataset.target=None'
            )
        rows = range(len(videos))
        _, logits = predict(model, videos, rows, self.batch_size)
        if is_main_process():
            classes = videos.metainfo.get('classes')
            found = VideoScores(
                [*video_names(videos)],
                classes and [*classes],
                logits.mean(1),
                digests(model),
            )
            found.write(osp.join(runner.work_dir, SCORES))


def digests(model: UDARecognizer) -> Dict[str, str]:
    """SHA-256 of what scores depend on, of each part of a model."""
    parts = dict(neck=model.neck, classifier=model.cls_head)
    found = {name: _digest(part) for name, part in parts.items()}
    return dict(backbone=model.backbone.fingerprint, **found)


def _digest(part: Module) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(part.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()

import torch
from mmaction.registry import HOOKS
from mmengine.dataset import pseudo_collate
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch.utils.data import DataLoader

from ..models.utils import gt_labels
from .predictions import training_set_as_tested


@HOOKS.register_module()
class SourceStatisticsHook(Hook):
    """Leaves in the weights what an adaptation may know of the source.

    When the training on the source ends, one pass in eval mode over its
    videos fills the queue of the bottleneck head with the mean and the
    deviation of every class (:func:`class_points`). Every process makes the
    whole pass, so that all hold the same.

    Videos are read as at test (:func:`training_set_as_tested`).

    Args:
        batch_size (int): Defaults to 64.
    """

    def __init__(self, batch_size: int = 64) -> None:
        self.batch_size = batch_size

    @torch.no_grad()
    def after_train(self, runner) -> None:
        """Store the statistics of all source videos."""
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        loader = DataLoader(
            training_set_as_tested(runner.cfg),
            self.batch_size,
            collate_fn=pseudo_collate,
        )
        rows, labels = [], []
        model.eval()
        for batch in loader:
            batch = model.data_preprocessor(batch, True)  # stamps the domain
            outputs, _ = model.outputs(batch['inputs'], batch['data_samples'])
            found = model.ib_head.project(model.ib_head.rows_of(outputs))
            rows.append(found.flatten(0, 1))
            labels.append(
                gt_labels(batch['data_samples'], found.shape[1], found.device)
            )
        model.ib_head.remember(torch.cat(rows), torch.cat(labels))

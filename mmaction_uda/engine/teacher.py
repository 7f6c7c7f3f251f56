from typing import Optional

import torch
from mmaction.registry import HOOKS
from mmengine.dist import all_reduce_params
from mmengine.hooks import EMAHook


@HOOKS.register_module()
class TeacherHook(EMAHook):
    """A teacher, the moving average of the model, which is what is reported.

    It begins as the model; after every step its weights become
    ``(1 - momentum) * own + momentum * model``, its buffers are copied.
    Validation, checkpoints and the weights in the end are the teacher's.
    The accuracy of the model itself, the student, is logged beside it as
    ``student/...``.

    Args:
        momentum (float): Defaults to 0.01.
        kwargs: Other arguments of MMEngine's :class:`EMAHook`.
    """

    def __init__(self, momentum: float = 0.01, **kwargs) -> None:
        super().__init__(momentum=momentum, **kwargs)

    def before_train(self, runner) -> None:
        """Begin as the model, whose weights were loaded after the copy."""
        super().before_train(runner)
        if self.ema_model.steps == 0:
            self.ema_model.module.load_state_dict(self.src_model.state_dict())
            self.ema_model.steps.fill_(1)  # the first update averages, too

    def after_train_epoch(self, runner) -> None:
        """Average buffers over the processes, as those of the model are."""
        all_reduce_params(self.ema_model.module.buffers(), op='mean')

    def after_val_epoch(self, runner, metrics: Optional[dict] = None) -> None:
        """Give the student its weights back, and test it as well."""
        super().after_val_epoch(runner, metrics)
        loop = runner.val_loop
        with torch.no_grad():
            for batch in loop.dataloader:
                outputs = runner.model.val_step(batch)
                loop.evaluator.process(data_samples=outputs, data_batch=batch)
        found = loop.evaluator.evaluate(len(loop.dataloader.dataset))
        for name, value in found.items():
            runner.message_hub.update_scalar(f'val/student/{name}', value)

    def after_train(self, runner) -> None:
        """What is handed on is the teacher, as in checkpoints."""
        self._swap_ema_parameters()

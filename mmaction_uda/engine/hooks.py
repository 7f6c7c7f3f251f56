import json
import os
import os.path as osp
from contextlib import suppress
from typing import Dict, List, Optional, Sequence

import numpy as np
import torch
from mmaction.registry import HOOKS
from mmaction.structures import ActionDataSample
from mmengine.dist import collect_results, master_only
from mmengine.hooks import Hook, LoggerHook, RuntimeInfoHook
from mmengine.model import is_model_wrapper
from mmengine.runner import CheckpointLoader

from ..checkpoints import weights_of
from ..evaluation import PREDICTIONS
from .provenance import record_provenance
from .wishes import Start
from .work_dir import IDENTITY, WorkDir


@HOOKS.register_module()
class DeferredInfoHook(RuntimeInfoHook):
    """MMEngine's runtime information, its losses read when they are logged.

    MMEngine reads every loss in every step, and a GPU answers when it has
    done all it was given: nothing can be prepared meanwhile. Here the losses
    stay where they are until the logger reads their history, or the epoch
    ends, and come in one copy. The history is the same, but for its length:
    that of an epoch and of the log's window, so that checkpoints do not grow.

    The log writes scalars to one file, not to a second with its name.
    """

    def before_train(self, runner) -> None:
        """Nothing is to be read yet."""
        super().before_train(runner)
        self._steps: List[Dict[str, torch.Tensor]] = []
        self._loggers = [h for h in runner.hooks if isinstance(h, LoggerHook)]
        for logger in self._loggers:
            logger.json_log_path = None  # vis_data/scalars.json has all of it

    def before_train_epoch(self, runner) -> None:
        """Bound the histories that there are."""
        super().before_train_epoch(runner)
        window = runner.log_processor.window_size
        length = max(len(runner.train_dataloader), window)
        for history in runner.message_hub.log_scalars.values():
            history.max_length = length

    def after_train_iter(
        self,
        runner,
        batch_idx: int,
        data_batch=None,
        outputs: Optional[Dict[str, torch.Tensor]] = None,
    ) -> None:
        """Keep the losses of a step, or read those of all kept steps."""
        losses = (outputs or {}).items()
        self._steps.append({name: value.detach() for name, value in losses})
        if self.end_of_epoch(runner.train_dataloader, batch_idx) or any(
            self.every_n_inner_iters(batch_idx, logger.interval)
            for logger in self._loggers
        ):
            self._read(runner)

    def after_train_epoch(self, runner) -> None:
        """Tell the trackers how many iterations were trained."""
        runner.message_hub.update_info('iter', runner.iter)

    def _read(self, runner) -> None:
        scalars = [value for step in self._steps for value in step.values()]
        values = iter(torch.stack(scalars).tolist())
        for step in self._steps:
            super().after_train_iter(runner, 0, None, dict(zip(step, values)))
        self._steps.clear()


@HOOKS.register_module()
class PredictionsHook(Hook):
    """Keeps what each validation predicts of each test video.

    Each adds a line to ``vis_data/predictions.jsonl``, beside the accuracies:
    the ``epoch``, the ``seed`` of the training and, of the ``N`` videos in
    the order of their list, ``predicted`` classes and ``labels``, -1 for
    none. :func:`read_predictions` reads it.
    """

    def before_val_epoch(self, runner) -> None:
        """Nothing is predicted yet."""
        self._found: List[tuple] = []

    def after_val_iter(
        self,
        runner,
        batch_idx: int,
        data_batch=None,
        outputs: Sequence[ActionDataSample] = (),
    ) -> None:
        """Keep predicted class and label of the videos of a batch."""
        scores = torch.stack([s.pred_score for s in outputs]).cpu().numpy()
        # As AccMetric chooses, also where two classes score the same.
        predicted = np.argsort(scores, axis=1)[:, -1].tolist()
        labels = [int(s.get('gt_label', -1)) for s in outputs]
        self._found += zip(predicted, labels)

    def rows(self, size: int) -> Optional[List[tuple]]:
        """What all processes have found; None but in the first."""
        return collect_results(self._found, size, 'cpu')

    def after_val_epoch(
        self, runner, metrics: Optional[Dict[str, float]] = None
    ) -> None:
        """Write down what all processes have found."""
        rows = self.rows(len(runner.val_dataloader.dataset))
        if rows is None:  # the first process has them
            return
        predicted, labels = zip(*rows)
        line = dict(
            epoch=runner.epoch,
            seed=runner.seed,
            predicted=predicted,
            labels=labels,
        )
        folder = osp.join(runner.log_dir, 'vis_data')
        os.makedirs(folder, exist_ok=True)
        with open(osp.join(folder, PREDICTIONS), 'a') as file:
            file.write(json.dumps(line, separators=(',', ':')) + '\n')


class IdentityHook(Hook):
    """Writes down what a training depends on, in all that it leaves.

    Args:
        start (Start): How it begins, and its identity.
    """

    priority = 'VERY_HIGH'

    def __init__(self, start: Start) -> None:
        self.start = start

    @master_only
    def before_train(self, runner) -> None:
        """Take the directory over; what is not finished has no weights."""
        place = WorkDir(runner.cfg)
        logs = place.logs() if self.start.checkpoint else []
        with suppress(FileNotFoundError):
            os.remove(place.weights)
        place.write(self.start.identity, [*logs, runner.timestamp])
        record_provenance(runner.log_dir)

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """A copied checkpoint says it as well."""
        checkpoint['meta'][IDENTITY] = str(self.start.identity)


@HOOKS.register_module()
class StrictLoadHook(Hook):
    """Refuse a checkpoint that does not fit the model.

    MMEngine loads what fits and only logs the rest; a model would then be
    tested with random weights.
    """

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Compare keys and shapes with those of the model.

        Args:
            runner (Runner): Holds the model.
            checkpoint (dict): The loaded checkpoint.

        Raises:
            ValueError: Names the first differences.
        """
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        fitting_state(model, checkpoint)


def load_fitting(
    model: torch.nn.Module, checkpoint: str, device: str = 'cpu'
) -> None:
    """Give a model the weights of a checkpoint, all of them.

    The host loads what fits, and warns of the rest.

    Raises:
        ValueError: If they are those of another model, names differences.
    """
    found = CheckpointLoader.load_checkpoint(
        checkpoint, device, logger='silent'
    )
    model.load_state_dict(fitting_state(model, found))


def fitting_state(model: torch.nn.Module, checkpoint: dict) -> dict:
    """The weights of a checkpoint, all of which fit a model.

    Raises:
        ValueError: Names the first differences.
    """
    state = weights_of(checkpoint, 'this checkpoint')
    for name, module in model.named_modules():
        if hasattr(module, 'make_room'):  # e.g. a PredictionMemory
            module.make_room(state, f'{name}.')
    found = {key: tuple(value.shape) for key, value in state.items()}
    wanted = {k: tuple(v.shape) for k, v in model.state_dict().items()}
    differences = [
        f'{key}: {found.get(key, "missing")} in the checkpoint, '
        f'{wanted.get(key, "missing")} in the model'
        for key in {**wanted, **found}
        if wanted.get(key) != found.get(key)
    ]
    if differences:
        listed = '\n  '.join(differences[:5])
        raise ValueError(
            'this checkpoint belongs to another config; '
            f'{len(differences)} of its weights differ:\n  {listed}\n'
            'Use the config it was trained with (in its work_dir).'
        )
    return state

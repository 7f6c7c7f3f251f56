import math
import time
from datetime import timedelta
from typing import Dict, List, Optional

from mmengine.hooks import Hook

from ..evaluation import DEFAULT, choose, read_validations
from .header import WIDTH, test_lines, training_lines

NO_LABELS = (
    'The target has no labels: no accuracy is known. tools/infer.py labels '
    'videos.'
)
SILENCE = 60  # seconds of an epoch without a line, at most
LEGEND = (
    'losses are means over the epoch; accuracies are in percent: train, on '
    'training batches with\nlabels or pseudo-labels; target, on the videos of '
    'the validation'
)


class Columns:
    """Numbers under their names, in so many columns as the terminal has.

    Args:
        numbers (list[str]): Names of losses, and of what else a method has.
        max_epochs (int): Sets the width of the first column.
    """

    def __init__(self, numbers: List[str], max_epochs: int) -> None:
        self.numbers = numbers
        first = 2 * len(str(max_epochs)) + 1
        self.widths = dict(epoch=max(first, 5))
        rest = dict(lr=9, train=7, target=8, left=10)
        room = WIDTH - self.widths['epoch'] - sum(rest.values())
        for name in numbers:
            width = max(len(self.short(name)), 6) + 2
            if width <= room:
                self.widths[name] = width
                room -= width
        self.widths.update(rest)

    @staticmethod
    def short(name: str) -> str:
        """What stands above a column."""
        name = name.removeprefix('loss_')
        return name if len(name) <= 10 else f'{name[:9]}…'

    @property
    def head(self) -> str:
        """The names."""
        return ''.join(f'{self.short(n):>{w}}' for n, w in self.widths.items())

    def row(self, values: Dict[str, str]) -> str:
        """The numbers of an epoch."""
        return ''.join(
            f'{values.get(name, ""):>{width}}'
            for name, width in self.widths.items()
        )

    @property
    def left_out(self) -> List[str]:
        """Numbers that found no room."""
        return [name for name in self.numbers if name not in self.widths]


class TerminalHook(Hook):
    """Says what is trained, then one line an epoch, then what was found.

    All of it goes to the log, of which :mod:`mmaction_uda.console` lets the
    terminal see little else.
    """

    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self.values: Dict[str, str] = {}  # of an epoch that is not yet said
        self.columns: Optional[Columns] = None

    def before_train(self, runner) -> None:
        """Describe the training."""
        for line in training_lines(runner):
            runner.logger.info(line)
        self.start = self.spoke = time.time()
        self.first = runner.epoch

    def before_train_epoch(self, runner) -> None:
        """Say the last epoch, where it was not validated."""
        self._say(runner)

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        """Say that a long epoch goes on."""
        if time.time() - self.spoke >= SILENCE:
            steps = len(runner.train_dataloader)
            runner.logger.info(f'  step {batch_idx + 1} of {steps}')
            self.spoke = time.time()

    def after_train_epoch(self, runner) -> None:
        """Gather what an epoch has found."""
        scalars = {
            name.removeprefix('train/'): history
            for name, history in runner.message_hub.log_scalars.items()
            if name.startswith('train/')
        }
        if not scalars:  # an epoch without a step
            return
        steps = len(runner.train_dataloader)
        means = {
            name: history.mean(steps)
            for name, history in scalars.items()
            if name.startswith('loss') or name == 'top1_acc'
        }
        rate = scalars.get('base_lr') or scalars['lr']
        self.values = dict(
            epoch=f'{runner.epoch + 1}/{runner.max_epochs}',
            lr=f'{rate.current():.1e}',
        )
        if 'top1_acc' in means:
            self.values['train'] = f'{100 * means.pop("top1_acc"):.1f}'
        self.values |= {name: _number(mean) for name, mean in means.items()}
        if 'selected' in scalars:  # videos, by their pseudo-labels
            means['selected'] = scalars['selected'].current()
            self.values['selected'] = f'{means["selected"]:.0f}'
        self._place(runner, list(means))

    def after_val_epoch(
        self, runner, metrics: Optional[Dict[str, float]] = None
    ) -> None:
        """Say the epoch that was validated."""
        if not self.values:  # nothing was trained
            self.after_test_epoch(runner, metrics)
        elif metrics and 'acc/top1' in metrics:
            self.values['target'] = f'{100 * metrics["acc/top1"]:.1f}'
            self._say(runner)

    def after_train(self, runner) -> None:
        """Say the last epoch, and that no accuracy is known if none is."""
        self._say(runner)
        if runner.cfg.get('val_evaluator') == []:
            runner.logger.info(without_accuracy(runner.work_dir))

    def before_test(self, runner) -> None:
        """Describe the test."""
        for line in test_lines(runner):
            runner.logger.info(line)

    def after_test_epoch(
        self, runner, metrics: Optional[Dict[str, float]] = None
    ) -> None:
        """Say what was measured."""
        if runner.cfg.get('test_evaluator') == []:
            runner.logger.info(NO_LABELS)
        for name, value in (metrics or {}).items():
            if isinstance(value, (int, float)):
                runner.logger.info(f'{name}: {value:.4f}')

    def _place(self, runner, numbers: List[str]) -> None:
        """Head of the table, again where a loss sets in."""
        if self.columns is not None and self.columns.numbers == numbers:
            return
        if self.columns is None:
            runner.logger.info(f'\n{LEGEND}')
        self.columns = Columns(numbers, runner.max_epochs)
        if self.columns.left_out:
            names = ', '.join(self.columns.left_out)
            runner.logger.info(f'in the log alone: {names}')
        runner.logger.info(self.columns.head)

    def _say(self, runner) -> None:
        if self.columns is None or not self.values:
            return
        self.spoke, done = time.time(), runner.epoch - self.first
        spent = self.spoke - self.start
        left = spent / done * (runner.max_epochs - runner.epoch)
        self.values['left'] = str(timedelta(seconds=math.ceil(left)))
        runner.logger.info(self.columns.row(self.values))
        self.values = {}


def without_accuracy(work_dir: str) -> str:
    """What to say of a training whose target has no labels."""
    epoch = choose(read_validations(work_dir))
    chosen = (
        f' {DEFAULT} takes epoch {epoch} for the best, a choice without '
        'labels: docs/validators.md.'
        if epoch
        else ''
    )
    return f'{NO_LABELS}{chosen}'


def _number(value: float) -> str:
    """Four digits, as many behind the point as fit."""
    if not math.isfinite(value):
        return str(value)
    size = math.floor(math.log10(abs(value))) if value else 0
    if not -4 < size < 5:
        return f'{value:.0e}'
    return f'{value:.{max(0, 3 - max(size, 0))}f}'

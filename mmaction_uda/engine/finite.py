"""A training ends at the step whose numbers are not finite."""

from traceback import walk_tb
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

import torch
from mmengine.hooks import Hook, LoggerHook
from mmengine.model import is_model_wrapper
from torch import Tensor
from torch.nn import Module
from torch.nn.utils import get_total_norm

from ..checkpoints import finite_fault, not_finite
from ..faults import Faults
from ..models.data_preprocessor import bad_inputs, bad_samples

DIVERGED = (
    'Lower optim_wrapper.optimizer.lr, or clip gradients '
    '(optim_wrapper.clip_grad.max_norm=1).'
)

ENDS = 'The training ends here, and nothing of this epoch is saved.'


class Step(NamedTuple):
    """The numbers of one step, where they were computed."""

    number: int  # in its epoch, from 1
    losses: Dict[str, Tensor]
    size: Tensor  # of the weights behind it, their norm
    finite: Tensor  # whether the inputs of each sample are
    samples: Sequence


def is_read(hook: Hook, runner, batch_idx: int) -> bool:
    """Whether numbers of the steps so far are read after this one.

    On a CPU after every step. A GPU answers when it has done all that it was
    given: it is asked where the log asks it, and at the end of an epoch.
    """
    if next(runner.model.parameters()).device.type == 'cpu':
        return True
    return hook.end_of_epoch(runner.train_dataloader, batch_idx) or any(
        hook.every_n_inner_iters(batch_idx, logger.interval)
        for logger in runner.hooks
        if isinstance(logger, LoggerHook)
    )


class FiniteHook(Hook):
    """Looks at losses, inputs and weights of every step.

    Nothing is saved between a step and the time when it is looked at. The
    losses and gradients that AMP scales may overflow: then it takes no step,
    and the weights and unscaled losses, which are looked at, stay finite.

    Raises:
        Faults: Names epoch, step, losses, samples and weights.
    """

    priority = 'LOWEST'  # whatever changes weights or checkpoints has done so

    def before_train(self, runner) -> None:
        """Find what is to be looked at."""
        model = runner.model
        self.model = model.module if is_model_wrapper(model) else model
        self.weights = [p for p in self.model.parameters() if p.requires_grad]
        self.steps: List[Step] = []

    @torch.no_grad()
    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        """Keep the numbers of a step, or read those of all kept steps."""
        finite, samples = self._inputs()
        size = get_total_norm(self.weights, 1)  # no squares, which overflow
        losses = {k: v.detach() for k, v in (outputs or {}).items()}
        step = Step(batch_idx + 1, losses, size, finite, samples)
        self.steps.append(step)
        if is_read(self, runner, batch_idx):
            self._read(runner)
            self.steps.clear()

    def explain(self, runner, batch_idx: int, error: Exception) -> None:
        """Say so where a step fails because its numbers are not finite.

        Some functions of PyTorch refuse such numbers, without a name.

        Args:
            runner (Runner): Of the training.
            batch_idx (int): The step.
            error (Exception): What it raised.
        """
        self._read(runner)  # the steps before, from which they may come
        finite, samples = self._inputs()
        where, wrong = behind(error, self.model)
        if not finite.all():
            found = bad_inputs(bad_samples(finite, samples))
        elif wrong:
            found = f'{wrong}, from finite inputs. {DIVERGED}'
        else:
            return
        raise Faults(
            f'{_place(runner, batch_idx + 1)}: {where} fails ({error}): '
            f'{found} {ENDS}'
        ) from error

    def _inputs(self) -> Tuple[Tensor, Sequence]:
        """What :class:`UDADataPreprocessor` has seen, if it is that."""
        seen = getattr(self.model.data_preprocessor, 'seen', None)
        return seen or (torch.ones(0, dtype=torch.bool), [])

    def _read(self, runner) -> None:
        if not self.steps:
            return
        numbers = [[*s.losses.values(), s.size] for s in self.steps]
        flat = [number for step in numbers for number in step]
        inputs = torch.cat([s.finite for s in self.steps]).all()
        if (
            torch.stack([*flat, inputs.to(flat[0])]).isfinite().all()
            and inputs
        ):
            return
        for step in self.steps:
            found = '; '.join(self._faults(step))
            if found:
                place = _place(runner, step.number)
                raise Faults(f'{place}: {found} {ENDS}')

    def _faults(self, step: Step) -> Iterator[str]:
        """What is wrong with a step; the last text ends with the remedy."""
        bad = {k: v for k, v in step.losses.items() if not v.isfinite()}
        if len(bad) > 1:
            bad.pop('loss', None)  # their sum
        if bad:
            yield ', '.join(f'{k} is {v.item()}' for k, v in bad.items())
        samples = bad_samples(step.finite, step.samples)
        if samples:
            yield bad_inputs(samples)
        elif not step.size.isfinite():
            weights = [
                name
                for name, value in self.model.named_parameters()
                if not value.isfinite().all()
            ]
            more = f' and {len(weights) - 1} more' if weights[1:] else ''
            first = weights[0] if weights else 'together'
            yield f'NaN or Inf in the weights {first}{more}. {DIVERGED}'
        elif bad:
            yield f'inputs and weights are finite. {DIVERGED}'

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Save no numbers that are not finite."""
        _refuse(checkpoint, runner.epoch + 1)

    def after_train(self, runner) -> None:
        """Hand on no weights that are not finite."""
        _refuse(self.model.state_dict(), runner.epoch)


def _place(runner, step: int) -> str:
    steps = len(runner.train_dataloader)
    return f'epoch {runner.epoch + 1}, step {step} of {steps}'


def behind(error: Exception, model: Module) -> Tuple[str, str]:
    """Where an error was raised, and what is not finite there.

    Args:
        error (Exception): From a step.
        model (nn.Module): The model.

    Returns:
        tuple: Name of the innermost module; ``'NaN in NAME'`` of the first
        variable that is not finite, or ``''``.
    """
    names = {id(module): name for name, module in model.named_modules()}
    where, wrong = 'the step', ''
    for frame, _ in walk_tb(error.__traceback__):
        where = names.get(id(frame.f_locals.get('self'))) or where
        wrong = wrong or next(iter(not_finite(dict(frame.f_locals))), '')
    return where, wrong


def _refuse(state: dict, epoch: int) -> None:
    fault = finite_fault(state)
    if fault:
        raise Faults(
            f'epoch {epoch}: what is to be saved {fault}; it is not saved. '
            f'{DIVERGED}'
        )

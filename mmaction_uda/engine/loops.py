import random
from functools import cached_property
from typing import List, Protocol, runtime_checkable

import numpy as np
import torch
from mmaction.registry import LOOPS
from mmengine.dist import get_rank
from mmengine.hooks import CheckpointHook
from mmengine.runner import EpochBasedTrainLoop

from ..datasets import DomainPairDataset
from ..faults import Faults
from .finite import FiniteHook
from .interruption import InterruptionHook


@runtime_checkable
class Follower(Protocol):
    """A module that depends on how far the training is."""

    def set_progress(self, epoch: float, iteration: float) -> None:
        """Take the progress in [0, 1], in epochs and in iterations."""


@LOOPS.register_module()
class UDATrainLoop(EpochBasedTrainLoop):
    """Epochs over pairs of domains that a resume repeats bit for bit.

    What it adds to the epoch loop of MMEngine: it reseeds python, numpy and
    torch at the start of every epoch from (seed, epoch, rank), since
    checkpoints hold no random state; it publishes the progress in
    [0, 1], in epochs and in iterations, to every module of the model that
    is a :class:`Follower`; it ends at numbers that are not finite
    (:class:`FiniteHook`), and on signals where it can go on
    (:class:`InterruptionHook`).

    Several batches may be accumulated to one optimizer step
    (``optim_wrapper.accumulative_counts``) where that gives what one large
    batch gives: no module of the model says ``couples_samples = True``, and
    no step reaches into the next epoch. Batch norms inside a network see
    one batch at a time, as on several processes.

    Args:
        args, kwargs: See :class:`EpochBasedTrainLoop`.

    Raises:
        ValueError: If a domain is smaller than a batch, checkpoints would
            be written inside an epoch, or batches cannot be accumulated.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # The moments of weights whose gradients vanish fade into numbers too
        # small for a CPU, which computes with them many times slower.
        torch.set_flush_denormal(True)
        self._check_batches()
        self.finite, self.interruption = FiniteHook(), InterruptionHook()
        for own in (self.finite, self.interruption):
            self.runner.register_hook(own)
        for hook in self.runner.hooks:
            if isinstance(hook, CheckpointHook) and not hook.by_epoch:
                raise ValueError(
                    'UDATrainLoop resumes at the start of an epoch: a '
                    'checkpoint inside one would repeat its first part. Set '
                    'default_hooks.checkpoint.by_epoch=True.'
                )

    def _check_batches(self) -> None:
        dataset, batch = self.dataloader.dataset, self.dataloader.batch_size
        if isinstance(dataset, DomainPairDataset):
            dataset.check_batch(batch)
        if not len(self.dataloader):
            raise ValueError(
                'an epoch has no batch: batch_size='
                f'{batch} is larger than the epoch_length of '
                'the sampler. Lower the batch_size.'
            )

    @property
    def counts(self) -> int:
        """Batches of an optimizer step."""
        # MMEngine's wrappers have no other name for it.
        return getattr(self.runner.optim_wrapper, '_accumulative_counts', 1)

    def run(self) -> torch.nn.Module:
        """Train, unless batches are accumulated that cannot be.

        Raises:
            Faults: If numbers are not finite.
            Stopped: On a signal, with the exit code that says so.
        """
        if self.counts > 1:
            self._check_accumulation()
        with self.interruption.watching():
            self.runner.call_hook('before_train')
            if self.epoch:
                # A checkpoint is written before the validation of its epoch,
                # which a kill has perhaps cut off.
                self._validate()
            while self.epoch < self.max_epochs and not self.stop_training:
                self.run_epoch()
                self._validate()
            self.runner.call_hook('after_train')
        return self.runner.model

    def _validate(self) -> None:
        """Validate if this epoch is to be."""
        self._decide_current_val_interval()
        loop, last = self.runner.val_loop, self.epoch == self.max_epochs
        due = last or self.epoch % self.val_interval == 0
        if loop is not None and self.epoch >= self.val_begin and due:
            loop.run()

    def _check_accumulation(self) -> None:
        said = f'optim_wrapper.accumulative_counts={self.counts}'
        coupling = [
            f'{name.removeprefix("module.") or "model"} '
            f'({type(module).__name__})'
            for name, module in self.runner.model.named_modules()
            if getattr(module, 'couples_samples', False)
        ]
        if coupling:
            raise ValueError(
                f'{said}, but {", ".join(coupling)} couples the samples of a '
                'batch: its losses of small batches do not add up to that of '
                'a large one. Set accumulative_counts=1 and raise '
                'train_dataloader.batch_size or the number of processes, '
                'which gather their samples.'
            )
        batches = len(self.dataloader)
        if batches % self.counts:
            whole = batches - batches % self.counts
            raise ValueError(
                f'{said}, but an epoch has {batches} batches: a step would '
                'reach into the next epoch, and a resume would lose its first '
                'part. '
                + (
                    f'Set train_dataloader.num_batch_per_epoch={whole}.'
                    if whole
                    else f'Set accumulative_counts={batches}.'
                )
            )

    def run_epoch(self) -> None:
        """Reseed, then iterate one epoch."""
        seed = self.runner.seed
        # A resume may bring the seed of the interrupted training.
        self.dataloader.sampler.seed = seed
        key = np.random.SeedSequence([seed, self.epoch, get_rank()])
        draw = int(key.generate_state(1)[0])
        random.seed(draw)
        np.random.seed(draw)
        torch.manual_seed(draw)
        super().run_epoch()

    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Publish the progress, then iterate one batch."""
        epoch = self.epoch / self.max_epochs
        # The same for all batches of an optimizer step.
        iteration = self.iter // self.counts * self.counts / self.max_iters
        for module in self._followers:
            module.set_progress(epoch, iteration)
        try:
            super().run_iter(idx, data_batch)
        except Faults:
            raise
        except Exception as error:
            self.finite.explain(self.runner, idx, error)
            raise

    @cached_property
    def _followers(self) -> List[Follower]:
        """Modules that follow the progress."""
        modules = self.runner.model.modules()
        return [m for m in modules if isinstance(m, Follower)]


@LOOPS.register_module()
class NoTrainLoop(UDATrainLoop):
    """Epochs without a step, usually one, of a model that learns nothing.

    It is validated, logged, stored and tabulated as a trained one is: the
    row of a method without training, e.g. CLIP zero-shot.

    Args:
        args, kwargs: See :class:`UDATrainLoop`.

    Raises:
        Faults: If the model has something to learn.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        learnt = [
            name
            for name, weights in self.runner.model.named_parameters()
            if weights.requires_grad
        ]
        if learnt:
            raise Faults(
                f'train_cfg.type=NoTrainLoop, but the model has {len(learnt)} '
                f'weights to learn, first {learnt[0]}. Take UDATrainLoop.'
            )

    def run_epoch(self) -> None:
        """Let the hooks of an epoch do their work."""
        self.runner.call_hook('before_train_epoch')
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

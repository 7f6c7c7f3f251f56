import random

import numpy as np
import torch
from mmaction.registry import LOOPS
from mmengine.dist import get_rank
from mmengine.hooks import CheckpointHook
from mmengine.runner import EpochBasedTrainLoop

from ..datasets import DomainPairDataset


@LOOPS.register_module()
class UDATrainLoop(EpochBasedTrainLoop):
    """Epochs over pairs of domains that a resume repeats bit for bit.

    What it adds to the epoch loop of MMEngine: it reseeds python, numpy and
    torch at the start of every epoch from (seed, epoch, rank), since
    checkpoints hold no random state; and it publishes the progress in
    [0, 1], in epochs and in iterations, to every module of the model that
    has a method ``set_progress(epoch, iteration)``.

    Args:
        args, kwargs: See :class:`EpochBasedTrainLoop`.

    Raises:
        ValueError: If a domain is smaller than a batch, or checkpoints
            would be written inside an epoch.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # The moments of weights whose gradients vanish fade into numbers too
        # small for a CPU, which computes with them many times slower.
        torch.set_flush_denormal(True)
        self._check_batches()
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
        iteration = self.iter / self.max_iters
        for module in self.runner.model.modules():
            if hasattr(module, 'set_progress'):
                module.set_progress(epoch, iteration)
        super().run_iter(idx, data_batch)

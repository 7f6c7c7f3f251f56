"""Items as functions of a seed, whatever was drawn before."""

import random
from contextlib import contextmanager
from typing import Dict, List, Sequence, Tuple

import numpy as np
import torch
from mmengine.dataset import BaseDataset

DrawIndex = Tuple[int, int]  # (index of an item, seed of its draws)


@contextmanager
def draws_kept():
    """Let python, numpy and torch go on afterwards as if nothing was drawn."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def seed_draws(seed: int) -> None:
    """Seed python, numpy and torch: what a transform of any origin draws is
    then a function of the seed alone."""
    random.seed(seed)
    np.random.seed(seed)
    # Not torch.manual_seed, which would reseed the GPUs as well.
    torch.default_generator.manual_seed(seed)


@contextmanager
def draws_from(seed: int):
    """Let python, numpy and torch draw from ``seed``, then go on as before."""
    with draws_kept():
        seed_draws(seed)
        yield


def draw_items(dataset: BaseDataset, draws: Sequence[DrawIndex]) -> List[Dict]:
    """Items of a batch, each a function of its own draw.

    The random states are those of the last draw afterwards: to keep them
    takes longer than to draw an item, so :func:`draws_kept` is the caller's.

    Args:
        dataset (BaseDataset): One that has a method ``draw_items(draws)``
            does by itself what is faster done for all items at once, or
            returns None.
        draws (Sequence[DrawIndex]): Index and seed of every item.
    """
    if hasattr(dataset, 'draw_items'):
        items = dataset.draw_items(draws)
        if items is not None:
            return items
    items = []
    for index, seed in draws:
        seed_draws(seed)
        items.append(dataset[index])
    return items

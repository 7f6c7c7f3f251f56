"""Passes over whole data sets between epochs."""

from contextlib import ExitStack, contextmanager
from typing import Any, Iterator, List, Sequence, Tuple

import torch
from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.dist import all_reduce, get_dist_info
from torch import Tensor
from torch.nn import Module
from torch.utils.data import DataLoader, Dataset, Subset

from ..datasets.draws import draws_kept
from ..models import UDARecognizer
from ..models.layers import MultiheadDomainTransferableAttention
from ..processes import serve


def training_set_as_tested(cfg: Config):
    """The pair of the training, its videos read as those of the test.

    Args:
        cfg (Config): Names ``train_dataloader`` and ``test_dataloader``, or
            ``val_dataloader`` alone.
    """
    tested = (cfg.get('test_dataloader') or cfg.val_dataloader).dataset
    reading = {k: tested.get(k) for k in ('extraction', 'pipeline')}
    pair = {
        k: v for k, v in cfg.train_dataloader.dataset.items() if k != 'weak'
    }
    return DATASETS.build({**pair, **reading})


@torch.no_grad()
def predict(
    model: UDARecognizer,
    videos: Dataset,
    indices: Sequence[int],
    batch_size: int,
    num_workers: int = 0,
) -> Tuple[Tensor, Tensor]:
    """Features and logits of videos, in eval mode.

    Every video is read as a target, one view after the other. Processes share
    the pass, all hold the same. No random state is changed.

    Args:
        model (UDARecognizer): The model, not wrapped.
        videos (Dataset): A data set of videos, read as at test.
        indices (Sequence[int]): Of the ``N`` videos, in this order.
        batch_size (int): Videos at once.
        num_workers (int): Processes that read them. Defaults to 0.

    Returns:
        tuple: ``[N, V, d]`` and ``[N, V, K]``, in the memory of the host.
    """
    rank, world = get_dist_info()
    loader = DataLoader(
        Subset(videos, indices[rank::world]),
        batch_size,
        num_workers=num_workers,
        collate_fn=pseudo_collate,
        worker_init_fn=serve,
    )
    training = model.training
    model.eval()
    batches = []
    with draws_kept():  # a loader draws the seed of its workers
        for batch in loader:
            inputs = model.data_preprocessor(batch, False)['inputs']
            feats, _ = model.extract_feat(inputs, test_mode=True)
            batches.append((feats, model.cls_head(feats)))
    model.train(training)
    feats, logits = (
        gathered(torch.cat(rows), len(indices)) for rows in zip(*batches)
    )
    return feats, logits


@contextmanager
def frame_weights_kept(neck: Module) -> Iterator[List[Tensor]]:
    """Keep the weights that MDTA gives the frames a neck sees meanwhile.

    Args:
        neck (Module): One whose last attention may be MDTA.

    Yields:
        list: ``[B, V, T]`` of every batch; it stays empty without MDTA.
    """
    kept: List[Tensor] = []

    def keep(neck: Any, args: tuple) -> None:
        kept.append(neck.frame_weights(args[0]))

    parts = (m for m in neck.modules() if hasattr(m, 'frame_weights'))
    attentions = [neck, *parts]
    with ExitStack() as hooks:
        if isinstance(attentions[-1], MultiheadDomainTransferableAttention):
            hooks.callback(neck.register_forward_pre_hook(keep).remove)
        yield kept


def gathered(found: Tensor, size: int) -> Tensor:
    """Rows of all processes, of which each found every ``world``-th."""
    rank, world = get_dist_info()
    # Adding zeros changes no bit: every process gets the same.
    rows = found.new_zeros(size, *found.shape[1:])
    rows[rank::world] = found
    all_reduce(rows)
    return rows.cpu()

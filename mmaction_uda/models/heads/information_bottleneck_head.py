from typing import Annotated, Dict, Optional, Union

import torch
import torch.nn as nn
from mmaction.registry import MODELS
from mmengine.model import BaseModule

from ...choices import check_choice
from ..layers import Projector
from ..losses import (
    TargetLabels,
    at_least_float32,
    class_matches,
    class_points,
    information_bottleneck_loss,
)
from ..utils import Outputs, Samples, gather_rows, gt_labels, split_domains


@MODELS.register_module()
class InformationBottleneckHead(BaseModule):
    """Ties source and target features of the same class together.

    Pairs are formed by label, that of a target row being the classifier's
    prediction or a teacher's. Older source rows stay in a queue, a buffer in
    checkpoints; TransferAttn draws it in Fig. 2a, projector P and queue Q.
    On several processes rows are gathered: loss and queue are global.

    Departures from the authors' code (systems.md 1.6): their target queue
    is filled but never read, so there is none here; empty rows of the queue
    are zeros, not noise, with the label -1 that no row matches; any queue
    size will do, not only multiples of the batch.

    Args:
        in_channels (int): Width ``d`` of a feature.
        projector (dict, optional): Arguments of :class:`Projector`; None
            for none. Defaults to ``dict()``.
        queue_size (int | str): Source rows kept, by default 0;
            ``'classes'``: the two of each class that :meth:`remember` leaves.
        ib_placement (str): ``'block'`` takes the pooled output of the last
            block (paper, Fig. 2a), ``'pooled'`` the scaled feature that
            the other heads see (release). Defaults to ``'block'``.
        ib_pairs (str): ``'class'`` pairs rows of equal label, ``'batch'``
            the i-th source with the i-th target row. A queue goes with the
            former only. Defaults to ``'class'``.
        ib_normalize (str): ``'correlation'`` or ``'standardize'``, see
            :func:`correlation_factors`. Defaults to ``'correlation'``.
        target_labels (dict): Arguments of :class:`TargetLabels`.
        off_diagonal (float): Weight of these terms. Defaults to 0.005.
        loss_weight (float): Defaults to 0.001.
        num_classes (int, optional): Filled in by the recognizer.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    couples_samples = True  # no gradient accumulation
    queue: torch.Tensor  # [queue_size, D]
    queue_labels: torch.Tensor  # [queue_size]
    queue_pointer: torch.Tensor  # where the next row goes

    def __init__(
        self,
        in_channels: int,
        projector: Optional[Annotated[dict, Projector]] = dict(),
        queue_size: Union[int, str] = 0,
        ib_placement: str = 'block',
        ib_pairs: str = 'class',
        ib_normalize: str = 'correlation',
        target_labels: Annotated[dict, TargetLabels] = dict(),
        off_diagonal: float = 0.005,
        loss_weight: float = 0.001,
        num_classes: Optional[int] = None,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if isinstance(queue_size, str):
            check_choice('ib_head.queue_size', queue_size, ('classes',))
            queue_size = 2 * (num_classes or 0)
        check_choice('ib_placement', ib_placement, ('block', 'pooled'))
        check_choice('ib_pairs', ib_pairs, ('class', 'batch'))
        normalizations = 'correlation', 'standardize'
        check_choice('ib_normalize', ib_normalize, normalizations)
        if ib_pairs == 'batch' and queue_size:
            said = "ib_pairs='batch' cannot read a queue; set queue_size=0, "
            raise ValueError(f'{said}not {queue_size}')
        self.ib_placement, self.ib_pairs = ib_placement, ib_pairs
        self.ib_normalize = ib_normalize
        self.target_labels = TargetLabels(**target_labels)
        self.off_diagonal, self.loss_weight = off_diagonal, loss_weight
        self.projector: nn.Module = nn.Identity()
        width = in_channels
        if projector is not None:
            self.projector = built = Projector(in_channels, **projector)
            width = built.out_channels
        self.register_buffer('queue', torch.zeros(queue_size, width))
        labels = torch.full((queue_size,), -1, dtype=torch.long)
        self.register_buffer('queue_labels', labels)
        self.register_buffer('queue_pointer', torch.tensor(0))

    def loss(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Bottleneck loss, averaged over views.

        View after view: the queue that view ``v`` reads already holds the
        source rows of the views before it.

        Args:
            outputs (Outputs): ``pooled`` or ``feats`` by ``ib_placement``,
                ``logits`` for the pseudo-labels.
            data_samples (Samples): ``B`` samples, source with labels.

        Returns:
            dict: ``loss_ib`` and ``num_pairs``, of a view; where there are
            no target rows at all, the loss alone.
        """
        source, target = (
            # Gathered first: a batch norm in the projector sees all rows.
            self.project(gather_rows(rows))
            for rows in split_domains(self.rows_of(outputs), data_samples)
        )
        labelled, _ = split_domains(data_samples, data_samples)
        guesses = self.target_labels(outputs, data_samples)
        labels = gather_rows(gt_labels(labelled, 1, source.device))
        views = (x.unbind(1) for x in (source, target, gather_rows(guesses)))
        found = []
        for rows, target_rows, guessed in zip(*views):
            found.append(self._view_loss(rows, target_rows, labels, guessed))
            self._enqueue(rows.detach(), labels)
        loss, pairs = torch.stack(found).mean(0)
        losses = dict(loss_ib=self.loss_weight * loss)
        if len(target):
            losses['num_pairs'] = pairs.detach()
        return losses

    def rows_of(self, outputs: Outputs) -> torch.Tensor:
        """The features that are paired, ``[B, V, d]``."""
        block = self.ib_placement == 'block'
        return outputs.pooled if block else outputs.feats

    def project(self, rows: torch.Tensor) -> torch.Tensor:
        """Map rows ``[..., d]`` to ``[..., D]``, float32 at least."""
        return at_least_float32(self.projector(rows))

    @torch.no_grad()
    def remember(self, rows: torch.Tensor, labels: torch.Tensor) -> None:
        """Fill the queue with :func:`class_points` of source rows.

        An adaptation without source rows pairs target rows with these.

        Args:
            rows (torch.Tensor): Projected rows ``[N, D]``.
            labels (torch.Tensor): ``[N]``.
        """
        size, classes = len(self.queue), len(labels.unique())
        if size != 2 * classes or labels.max() >= classes:
            raise ValueError(
                "ib_head.queue_size must be 'classes', all of which occur: "
                f'got {size} rows and the labels {labels.unique().tolist()}'
            )
        self.queue.copy_(class_points(rows, labels, classes))
        self.queue_labels.copy_(torch.arange(size) // 2)

    def _view_loss(
        self,
        source: torch.Tensor,
        target: torch.Tensor,
        labels: torch.Tensor,
        pseudo_labels: torch.Tensor,
    ) -> torch.Tensor:
        """Loss of ``[S, D]``, ``[T, D]`` and the queue; number of pairs."""
        if self.ib_pairs == 'batch':
            matches = torch.eye(len(source), device=source.device).bool()
        else:
            source = torch.cat((source, self.queue.to(source.dtype)))
            matches = class_matches(
                torch.cat((labels, self.queue_labels)), pseudo_labels
            )
        loss = information_bottleneck_loss(
            source, target, matches, self.ib_normalize, self.off_diagonal
        )
        return torch.stack((loss, matches.sum().to(loss.dtype)))

    @torch.no_grad()
    def _enqueue(self, rows: torch.Tensor, labels: torch.Tensor) -> None:
        """Overwrite the oldest rows; of too many, keep the last."""
        size = len(self.queue)
        if not size:
            return
        rows, labels = rows[-size:], labels[-size:]
        steps = torch.arange(len(rows), device=rows.device)
        where = (self.queue_pointer + steps) % size
        self.queue[where] = rows.to(self.queue.dtype)
        self.queue_labels[where] = labels
        self.queue_pointer.copy_((self.queue_pointer + len(rows)) % size)

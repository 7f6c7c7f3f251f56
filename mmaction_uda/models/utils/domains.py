"""The one place that knows how domains lie in a batch: source first."""

from typing import Optional, Sequence, Tuple, Union

import torch
from mmaction.structures import ActionDataSample

DOMAINS = ('source', 'target')


class SampleTensors:
    """What losses read of the samples of a batch: tensors and a number.

    It stands for the list of samples: it has its length, its slices are of
    the same kind. Of a list, a compiler would look at every object in every
    step, and a GPU would be sent the labels by every head.

    Args:
        labels (torch.Tensor): ``[B]``, -1 for none.
        num_source (int): Number of source samples; they come first.
        teacher_scores (torch.Tensor, optional): ``[B, K]``, logits that a
            teacher gives the target samples, NaN of the source.
        student_scores (torch.Tensor, optional): Probabilities ``[T, K]``
            that the model itself gives the ``T`` target samples, by another
            view of them.
        indices (torch.Tensor, optional): ``[B]``, places of the target's
            samples in its list, -1 of the source.
    """

    def __init__(
        self,
        labels: torch.Tensor,
        num_source: int,
        teacher_scores: Optional[torch.Tensor] = None,
        student_scores: Optional[torch.Tensor] = None,
        indices: Optional[torch.Tensor] = None,
    ) -> None:
        self.labels = labels
        self.num_source = num_source
        self.teacher_scores = teacher_scores
        self.student_scores = student_scores
        self.indices = indices

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> 'SampleTensors':
        num_source = len(range(self.num_source)[rows])
        scores, indices = self.teacher_scores, self.indices
        return SampleTensors(
            self.labels[rows],
            num_source,
            None if scores is None else scores[rows],
            indices=None if indices is None else indices[rows],
        )


Samples = Union[SampleTensors, Sequence[ActionDataSample]]


def sample_tensors(
    data_samples: Samples, device: Optional[torch.device] = None
) -> SampleTensors:
    """Move what is read of samples to a device, all labels at once."""
    if isinstance(data_samples, SampleTensors):
        return data_samples
    num_source = sum(s.domain == 'source' for s in data_samples)
    return SampleTensors(
        _labels(data_samples, device),
        num_source,
        _teacher_scores(data_samples, device),
        indices=_indices(data_samples, device),
    )


def _indices(
    data_samples: Sequence[ActionDataSample], device: Optional[torch.device]
) -> Optional[torch.Tensor]:
    """``[B]``, -1 of the source; None if no sample knows its place."""
    found = [getattr(s, 'index', -1) for s in data_samples]
    if max(found, default=-1) < 0:
        return None
    return torch.tensor(found).to(device, non_blocking=True)


def _teacher_scores(
    data_samples: Sequence[ActionDataSample], device: Optional[torch.device]
) -> Optional[torch.Tensor]:
    """``[B, K]``, NaN where there are none; None if no sample has any."""
    found = [getattr(s, 'teacher_scores', None) for s in data_samples]
    given = [scores for scores in found if scores is not None]
    if not given:
        return None
    none = torch.full_like(given[0], torch.nan)
    rows = torch.stack([none if x is None else x for x in found])
    return rows.to(device, non_blocking=True)


def _labels(
    data_samples: Samples, device: Optional[torch.device]
) -> torch.Tensor:
    if isinstance(data_samples, SampleTensors):
        return data_samples.labels
    none = torch.full((1,), -1)
    found = [getattr(s, 'gt_label', none) for s in data_samples]
    labels = torch.cat([none[:0], *found])  # a domain may have no rows
    return labels.to(device, non_blocking=True)  # one copy for all


def num_source(data_samples: Samples) -> int:
    """Number of source samples of a batch; they come first."""
    return sample_tensors(data_samples).num_source


def target_mask(data_samples: Samples, device: torch.device) -> torch.Tensor:
    """Bool ``[B]``: which rows come from the target domain?"""
    rows = torch.arange(len(data_samples), device=device)
    return rows >= num_source(data_samples)


def target_views(
    data_samples: Optional[Samples], x: torch.Tensor
) -> Optional[torch.Tensor]:
    """Bool ``[B * V]``: which views of ``x [B, V, ...]`` are of the target?

    None for no samples: at test, where every row is a target.
    """
    if data_samples is None:
        return None
    return target_mask(data_samples, x.device).repeat_interleave(x.shape[1])


def split_domains(x, data_samples: Samples) -> Tuple:
    """Split rows (a tensor ``[B, ...]`` or samples) in source and target."""
    n = num_source(data_samples)
    return x[:n], x[n:]


def of_domain(x, data_samples: Samples, domain: str):
    """Rows of one domain.

    Args:
        x (torch.Tensor or Samples): ``[B, ...]``, source first.
        data_samples (Samples): ``B`` samples that carry ``domain``.
        domain (str): One of ``DOMAINS``.
    """
    return split_domains(x, data_samples)[DOMAINS.index(domain)]


def gt_labels(
    data_samples: Samples, num_views: int, device: torch.device
) -> torch.Tensor:
    """Labels ``[B * V]`` of the rows that ``x[B, V].flatten()`` gives."""
    return _labels(data_samples, device).repeat_interleave(num_views)

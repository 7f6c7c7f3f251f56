"""The one place that knows how domains lie in a batch: source first."""

from typing import Optional, Sequence, Tuple, Union

import torch
from mmaction.structures import ActionDataSample

from ...faults import Faults

DOMAINS = ('source', 'target')


class SampleTensors:
    """What losses read of the samples of a batch: a tensor and a number.

    It stands for the list of samples: it has its length, its slices are of
    the same kind. Of a list, a compiler would look at every object in every
    step, and a GPU would be sent the labels by every head.

    Args:
        labels (torch.Tensor): ``[B]``, -1 for none.
        num_source (int): Number of source samples; they come first.
        teacher_scores (torch.Tensor, optional): ``[B, K]``, probabilities
            that a teacher gives the classes; zeros where it says nothing.
        student_scores (torch.Tensor, optional): ``[target rows, K]``, those
            of the model itself, of another view of the target.
    """

    def __init__(
        self,
        labels: torch.Tensor,
        num_source: int,
        teacher_scores: Optional[torch.Tensor] = None,
        student_scores: Optional[torch.Tensor] = None,
    ) -> None:
        self.labels = labels
        self.num_source = num_source
        self.teacher_scores = teacher_scores
        self.student_scores = student_scores

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> 'SampleTensors':
        num_source = len(range(self.num_source)[rows])
        scores = self.teacher_scores
        scores = None if scores is None else scores[rows]
        return SampleTensors(self.labels[rows], num_source, scores)


Samples = Union[SampleTensors, Sequence[ActionDataSample]]


def sample_tensors(
    data_samples: Samples, device: Optional[torch.device] = None
) -> SampleTensors:
    """Move what is read of samples to a device, all labels at once."""
    if isinstance(data_samples, SampleTensors):
        return data_samples
    num_source = sum(s.domain == 'source' for s in data_samples)
    labels = _labels(data_samples, device)
    return SampleTensors(labels, num_source, _scores(data_samples, device))


def _scores(
    data_samples: Sequence[ActionDataSample], device: Optional[torch.device]
) -> Optional[torch.Tensor]:
    found = [getattr(s, 'teacher_scores', None) for s in data_samples]
    given = [scores for scores in found if scores is not None]
    if not given:
        return None
    for sample, scores in zip(data_samples, found):
        if scores is None and sample.domain == 'target':
            name = sample.get('img_key', 'a sample of the target')
            raise Faults(f'{name} carries no teacher_scores, others do')
    none = torch.zeros_like(given[0])
    rows = torch.stack([none if s is None else s for s in found])
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


def teacher_scores(data_samples: Samples) -> torch.Tensor:
    """What a teacher says of the target rows, probabilities ``[rows, K]``.

    Raises:
        Faults: If it says nothing.
    """
    samples = sample_tensors(data_samples)
    if samples.teacher_scores is None:
        raise Faults(
            'the samples of the target carry no teacher_scores [K], which '
            'this loss reads: add them to its items, and '
            "algorithm_keys=('teacher_scores',) to PackActionInputs"
        )
    return split_domains(samples.teacher_scores, samples)[1]


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

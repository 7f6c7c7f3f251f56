"""The one place that knows how domains lie in a batch: source first."""

from typing import List, Optional, Sequence, Tuple

import torch
from mmaction.structures import ActionDataSample

DOMAINS = ('source', 'target')


def num_source(data_samples: Sequence[ActionDataSample]) -> int:
    """Number of source samples of a batch; they come first."""
    return sum(s.domain == 'source' for s in data_samples)


def target_mask(
    data_samples: Sequence[ActionDataSample], device: torch.device
) -> torch.Tensor:
    """Bool ``[B]``: which rows come from the target domain?"""
    rows = torch.arange(len(data_samples), device=device)
    return rows >= num_source(data_samples)


def target_views(
    data_samples: Optional[Sequence[ActionDataSample]], x: torch.Tensor
) -> Optional[torch.Tensor]:
    """Bool ``[B * V]``: which views of ``x [B, V, ...]`` are of the target?

    None for no samples: at test, where every row is a target.
    """
    if data_samples is None:
        return None
    return target_mask(data_samples, x.device).repeat_interleave(x.shape[1])


def split_domains(x, data_samples: Sequence[ActionDataSample]) -> Tuple:
    """Split rows (a tensor ``[B, ...]`` or a list) in source and target."""
    n = num_source(data_samples)
    return x[:n], x[n:]


def gt_labels(
    data_samples: List[ActionDataSample], num_views: int, device: torch.device
) -> torch.Tensor:
    """Labels ``[B * V]`` of the rows that ``x[B, V].flatten()`` gives."""
    none = torch.empty(0, dtype=torch.long)  # a domain may have no rows
    labels = torch.cat([none, *(s.gt_label for s in data_samples)])
    labels = labels.to(device, non_blocking=True)  # one copy for all
    return labels.repeat_interleave(num_views)

"""Differentiable gathering, for losses that couple samples."""

import torch
import torch.distributed as dist
from mmengine.dist import get_world_size


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        x = x.contiguous()
        parts = [torch.empty_like(x) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, x)
        return torch.stack(parts, 1).flatten(0, 1)

    @staticmethod
    def backward(ctx, grad: torch.Tensor) -> torch.Tensor:
        grad = grad.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(grad)
        return grad[dist.get_rank() :: dist.get_world_size()]


def gather_rows(x: torch.Tensor) -> torch.Tensor:
    """Rows of all processes in global item order, differentiable.

    The sampler gives process ``r`` the items ``r, r + world, ...``, so the
    rows of the processes interleave. Backward sums the gradients of all
    processes: with DDP's mean over processes, a loss computed on gathered
    rows has the gradient of one process with the whole batch.

    Args:
        x (torch.Tensor): ``[B, ...]``, the same shape on every process.

    Returns:
        torch.Tensor: ``[B * world, ...]``; ``x`` itself on one process.
    """
    return x if get_world_size() == 1 else _Gather.apply(x)

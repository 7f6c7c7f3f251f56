"""A ReLU network on many rows whose gradients stay in the cache."""

from typing import Iterator, List, Sequence

import torch
import torch.nn as nn

from .masks import draw_seed, keep_mask, keep_share, random_bits

BLOCK = 2**18  # elements of the widest activation of a block


def blocked_mlp(
    x: torch.Tensor, layers: Sequence[nn.Linear], dropout: float
) -> torch.Tensor:
    """``Linear, ReLU, Dropout, ..., Linear`` over blocks of rows, on a CPU.

    Written layer by layer, each activation and gradient travels to the main
    memory and back for every ReLU and dropout. Here a block of rows goes
    through the whole network while it is in the cache. What an element of a
    hidden layer became tells backward both of its ReLU and of its dropout;
    the factor of the latter goes into the weights that follow.

    Args:
        x (torch.Tensor): ``[N, in]``.
        layers (Sequence[nn.Linear]): The linear maps, each with a bias.
        dropout (float): After each ReLU, in [0, 1).

    Returns:
        torch.Tensor: ``[N, out]``.
    """
    weights = [layer.weight for layer in layers]
    biases = [layer.bias for layer in layers]
    return _BlockedMLP.apply(x, dropout, *weights, *biases)


class _BlockedMLP(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dropout: float, *parameters) -> torch.Tensor:
        ctx.keep = keep_share(dropout)
        weights, biases = _halves(parameters)
        scaled = _undo_dropout(weights, ctx.keep)
        bits = random_bits(draw_seed())
        outs = [x.new_empty(len(x), len(w)) for w in weights]
        for rows in _blocks(x, weights):
            hidden = x[rows]
            for w, bias, out in zip(scaled, biases, outs):
                hidden = torch.addmm(bias, hidden, w.T, out=out[rows])
                if out is not outs[-1]:
                    hidden.relu_()
                    if dropout:
                        hidden.mul_(keep_mask(hidden, dropout, bits))
        ctx.save_for_backward(x, *weights, *outs[:-1])
        return outs[-1]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad: torch.Tensor):
        x, *saved = ctx.saved_tensors
        weights = saved[: len(saved) // 2 + 1]
        inputs = [x, *saved[len(weights) :]]
        scaled = _undo_dropout(weights, ctx.keep)
        grad_x = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        grad_weights = [torch.zeros_like(w) for w in weights]
        grad_biases = [w.new_zeros(len(w)) for w in weights]
        for rows in _blocks(x, weights):
            below = grad[rows]
            for n in reversed(range(len(weights))):
                grad_weights[n].addmm_(below.T, inputs[n][rows])
                grad_biases[n] += below.sum(0)
                if n:
                    below = torch.ops.aten.threshold_backward(
                        below.mm(scaled[n]), inputs[n][rows], 0
                    )
                elif grad_x is not None:
                    torch.mm(below, scaled[0], out=grad_x[rows])
        for grad_weight in grad_weights[1:]:
            grad_weight.div_(ctx.keep)
        return grad_x, None, *grad_weights, *grad_biases


def _halves(parameters: Sequence) -> Sequence:
    half = len(parameters) // 2
    return parameters[:half], parameters[half:]


def _undo_dropout(weights: Sequence, keep: float) -> List[torch.Tensor]:
    """The weights with the factor of the dropout before them."""
    return [weights[0], *(w / keep for w in weights[1:])]


def _blocks(x: torch.Tensor, weights: Sequence) -> Iterator[slice]:
    size = max(1, BLOCK // max(map(len, weights)))
    return (slice(i, i + size) for i in range(0, len(x), size))

import torch
import torch.nn as nn

from ...choices import check_choice
from ..kernels import blocked_mlp, eager_on_cpu


class Discriminator(nn.Sequential):
    """MLP with one logit: which domain does a vector come from?

    ``in -> hidden -> ... -> hidden -> 1`` with ReLU and dropout between,
    weights Xavier-normal, biases zero. No sigmoid: all losses take logits,
    so that a saturated discriminator keeps finite values and gradients.

    Args:
        in_channels (int): Width of the input.
        hidden_channels (int): Width of the hidden layers. Defaults to 1024.
        dropout (float): After each hidden layer. Defaults to 0.2.
        num_layers (int): Hidden layers. Defaults to 2.
        num_logits (int): 1, or 2 for one of each domain, source first,
            whose difference is the logit. Defaults to 1.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 1024,
        dropout: float = 0.2,
        num_layers: int = 2,
        num_logits: int = 1,
    ) -> None:
        check_choice('num_logits', num_logits, (1, 2))
        layers = []
        widths = [in_channels] + [hidden_channels] * num_layers
        for width, out in zip(widths[:-1], widths[1:]):
            layers += [nn.Linear(width, out), nn.ReLU(), nn.Dropout(dropout)]
        super().__init__(*layers, nn.Linear(widths[-1], num_logits))
        self.dropout = dropout
        for layer in self:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[..., in_channels]`` to logits ``[...]``."""
        if eager_on_cpu(x) and self.dropout < 1:
            logits = blocked_mlp(
                x.reshape(-1, x.shape[-1]),
                [layer for layer in self if isinstance(layer, nn.Linear)],
                self.dropout if self.training else 0.0,
            ).view(*x.shape[:-1], -1)
        else:
            logits = super().forward(x)
        if logits.shape[-1] == 1:
            return logits.squeeze(-1)
        # A softmax over two logits is a sigmoid of their difference.
        return logits[..., 1] - logits[..., 0]

import torch
import torch.nn as nn


class Discriminator(nn.Sequential):
    """MLP with one logit: which domain does a vector come from?

    ``in -> hidden -> hidden -> 1`` with ReLU and dropout between, weights
    Xavier-normal, biases zero. No sigmoid: all losses take logits, so that
    a saturated discriminator keeps finite values and gradients.

    Args:
        in_channels (int): Width of the input.
        hidden_channels (int): Width of both hidden layers. Defaults to 1024.
        dropout (float): After each hidden layer. Defaults to 0.2.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 1024,
        dropout: float = 0.2,
    ) -> None:
        super().__init__(
            nn.Linear(in_channels, hidden_channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_channels, hidden_channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_channels, 1),
        )
        for layer in self:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[..., in_channels]`` to logits ``[...]``."""
        return super().forward(x).squeeze(-1)

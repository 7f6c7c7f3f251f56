import torch
import torch.nn as nn


class LinearBank(nn.Module):
    """``P`` linear maps of one shape, evaluated by one batched product.

    Args:
        num_maps (int): ``P``.
        in_channels (int): Width of an input.
        out_channels (int): Width of an output.
    """

    def __init__(
        self, num_maps: int, in_channels: int, out_channels: int
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.empty(num_maps, in_channels, out_channels)
        )
        self.bias = nn.Parameter(torch.zeros(num_maps, 1, out_channels))
        # Xavier-normal of each map; torch's own would count P as a width.
        nn.init.normal_(
            self.weight, std=(2 / (in_channels + out_channels)) ** 0.5
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[P, N, in_channels]`` to ``[P, N, out_channels]``."""
        return torch.baddbmm(self.bias, x, self.weight)

    def extra_repr(self) -> str:
        """Show the shape in ``print(model)``."""
        return ', '.join(map(str, self.weight.shape))


class DiscriminatorBank(nn.Sequential):
    """``P`` networks like :class:`Discriminator`, no weight shared.

    Args:
        num_networks (int): ``P``.
        in_channels, hidden_channels, dropout, num_layers: Those of
            :class:`Discriminator`. Defaults to 1024, 0.2, 2; without a
            hidden layer each network is one linear map.
    """

    def __init__(
        self,
        num_networks: int,
        in_channels: int,
        hidden_channels: int = 1024,
        dropout: float = 0.2,
        num_layers: int = 2,
    ) -> None:
        layers = []
        widths = [in_channels] + [hidden_channels] * num_layers
        for width, out in zip(widths[:-1], widths[1:]):
            layers += [
                LinearBank(num_networks, width, out),
                nn.ReLU(),
                nn.Dropout(dropout),
            ]
        super().__init__(*layers, LinearBank(num_networks, widths[-1], 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[N, P, in_channels]`` to logits ``[N, P]``."""
        return super().forward(x.transpose(0, 1)).squeeze(-1).T

"""The recurrent halves of TranSVAE: posterior of a sequence, and prior.

Source: TranSVAE (Wei et al., NeurIPS 2023), Section 3.1, and its code, which
always takes the means where samples of the Gaussians are meant; so do we.
"""

from typing import List, Optional, Tuple

import torch
import torch.nn as nn

from ..losses import Gaussian


class GaussianMap(nn.Module):
    """Two linear maps to the mean and the log-variance of a Gaussian.

    Args:
        in_channels (int): Width of the input.
        out_channels (int): Dimensions ``D`` of the Gaussian.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.mean = nn.Linear(in_channels, out_channels)
        self.logvar = nn.Linear(in_channels, out_channels)

    def forward(self, x: torch.Tensor) -> Gaussian:
        """Map ``[..., C]`` to a Gaussian ``[..., D]``."""
        return Gaussian(self.mean(x), self.logvar(x))


class SequentialPosterior(nn.Module):
    """One static factor of a sequence and a dynamic one of every frame.

    A bidirectional LSTM; its last states give the static factor, a tanh RNN
    on its outputs the dynamic ones.

    Args:
        in_channels (int): Width ``C`` of a frame.
        hidden_channels (int): Of the RNN and of a direction of the LSTM.
        latent_channels (int): Dimensions ``D`` of either factor.
    """

    def __init__(
        self, in_channels: int, hidden_channels: int, latent_channels: int
    ) -> None:
        super().__init__()
        self.lstm = nn.LSTM(
            in_channels, hidden_channels, batch_first=True, bidirectional=True
        )
        self.rnn = nn.RNN(
            2 * hidden_channels, hidden_channels, batch_first=True
        )
        self.static = GaussianMap(2 * hidden_channels, latent_channels)
        self.dynamic = GaussianMap(hidden_channels, latent_channels)

    def forward(self, x: torch.Tensor) -> Tuple[Gaussian, Gaussian]:
        """Map ``[N, T, C]`` to the factors ``[N, D]`` and ``[N, T, D]``."""
        outputs, _ = self.lstm(x)
        return self._last(outputs), self.dynamic(self.rnn(outputs)[0])

    def static_factor(self, x: torch.Tensor) -> Gaussian:
        """Map ``[N, T, C]`` to the static factor ``[N, D]`` alone."""
        return self._last(self.lstm(x)[0])

    def _last(self, outputs: torch.Tensor) -> Gaussian:
        forward, backward = outputs.chunk(2, -1)
        return self.static(torch.cat((forward[:, -1], backward[:, 0]), -1))


class SequentialPrior(nn.Module):
    """Prior of the dynamic factors, the same for every sequence.

    Two stacked LSTM cells read the mean of the frame before, zeros first.

    Args:
        hidden_channels (int): Of the cells.
        latent_channels (int): Dimensions ``D`` of a factor.
    """

    def __init__(self, hidden_channels: int, latent_channels: int) -> None:
        super().__init__()
        self.cells = nn.ModuleList(
            nn.LSTMCell(width, hidden_channels)
            for width in (latent_channels, hidden_channels)
        )
        self.head = GaussianMap(hidden_channels, latent_channels)

    def forward(self, num_frames: int) -> Gaussian:
        """Priors ``[T, D]`` of ``T`` frames."""
        weight = self.head.mean.weight
        mean = weight.new_zeros(1, len(weight))
        states: List[Optional[Tuple[torch.Tensor, torch.Tensor]]]
        states, steps = [None, None], []
        for _ in range(num_frames):
            x = mean
            for i, cell in enumerate(self.cells):
                states[i] = hidden, _ = cell(x, states[i])
                x = hidden
            steps.append(self.head(x))
            mean = steps[-1].mean
        return Gaussian(*(torch.cat(parts) for parts in zip(*steps)))

"""MA2LT-D's discriminators in both forms, for bench_ma2ltd.py."""

import argparse
import time
from typing import Callable, Dict, List

import torch
import torch.nn as nn

from mmaction_uda.models.layers import Discriminator, DiscriminatorBank
from mmaction_uda.models.layers.discriminator_bank import LinearBank

NETWORKS, WIDTH = 51 + 45 + 31 + 1, 256


def separate(bank: DiscriminatorBank) -> nn.ModuleList:
    """The same networks, each a module of its own."""
    networks = [Discriminator(WIDTH) for _ in range(NETWORKS)]
    with torch.no_grad():
        for p, network in enumerate(networks):
            for layer, layers in zip(network, bank):
                if isinstance(layer, nn.Linear):
                    assert isinstance(layers, LinearBank)
                    layer.weight.copy_(layers.weight[p].T)
                    layer.bias.copy_(layers.bias[p, 0])
    return nn.ModuleList(networks)


def seconds(model: nn.Module, forward: Callable, x: torch.Tensor) -> float:
    """Time of one forward and backward."""
    model.zero_grad()
    start = time.perf_counter()
    forward(x).mean().backward()
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def run(args: argparse.Namespace) -> None:
    """Print both times and their ratio."""
    torch.set_num_threads(args.threads)
    bank = DiscriminatorBank(NETWORKS, WIDTH).to(args.device)
    networks = separate(bank).to(args.device)
    x = torch.randn(args.rows, NETWORKS, WIDTH, device=args.device)
    x.requires_grad_()  # the gradient goes on to the encoder

    def loop(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([n(r) for n, r in zip(networks, x.unbind(1))], 1)

    for model in (bank, networks):
        model.eval()
    with torch.no_grad():  # dropout off: the same function
        torch.testing.assert_close(bank(x), loop(x), rtol=1e-3, atol=1e-3)
    times: Dict[str, List[float]] = {'batched': [], 'one by one': []}
    for _ in range(args.repeats + 1):
        times['batched'].append(seconds(bank.train(), bank, x))
        times['one by one'].append(seconds(networks.train(), loop, x))
    best = {name: min(values[1:]) for name, values in times.items()}
    for name, value in best.items():
        print(f'{name:12}{1000 * value:10.1f} ms')
    print(f'{"ratio":12}{best["one by one"] / best["batched"]:10.2f}')

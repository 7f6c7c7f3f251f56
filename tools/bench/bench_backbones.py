"""Tokens, width, parameters and seconds of every backbone we know to read.

Prints the table of docs/backbones.md. Random weights: they change no time.
"""

import logging
import os.path as osp
import sys
import time

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from _zoo import ZOO
from cli import make_parser, positive, told


def measure(name: str, repeats: int) -> str:
    """A row of the table."""
    import torch

    from mmaction_uda.models.backbones import FrozenBackbone

    backbone, frames, kwargs = ZOO[name]
    torch.manual_seed(0)
    net = FrozenBackbone(dict(backbone), seed=0, **kwargs)
    clip = torch.randn(1, 1, 3, frames, 112, 112)
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        tokens = net(clip)
        seconds.append(time.perf_counter() - start)
    millions = sum(p.numel() for p in net.net.parameters()) / 1e6
    return (
        f'| {name} | {frames} | {tokens.size(2)} | {tokens.size(3)} | '
        f'{millions:.2f} | {min(seconds[1:]):.2f} |'
    )


def main() -> None:
    """Print the table."""
    parser = make_parser(
        __doc__, "python tools/bench/bench_backbones.py ShiftNet 'X3D-M'"
    )
    parser.add_argument(
        'names',
        nargs='*',
        metavar='NAME',
        help=f'by default all: {", ".join(ZOO)}',
    )
    parser.add_argument(
        '--repeats', type=positive, default=5, help='the fastest counts'
    )
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in ZOO]
    if unknown:
        parser.error(f'there is no {", ".join(unknown)}')
    with told(args.debug):
        from mmengine.registry import init_default_scope

        import mmaction_uda  # noqa: F401 fills the registries

        logging.disable(logging.INFO)  # TANet lists its weights
        init_default_scope('mmaction')
        print('| backbone | frames | tokens | width | parameters, M | s |')
        print('|---|---|---|---|---|---|')
        for name in args.names or ZOO:
            print(measure(name, args.repeats), flush=True)


if __name__ == '__main__':
    main()

"""All that benchmark.py measures, and in what sizes."""

import argparse
import tempfile

import torch
from _features import bench_reading
from _measure import Machine
from _parts import (
    FRAMES,
    TOKENS,
    WIDTH,
    bench_attention,
    bench_bottleneck,
    bench_mdta,
    bench_step,
)
from mmengine.registry import init_default_scope


def bench_loader(quick: bool) -> dict:
    """Samples per second of a store and of a file for each frame."""
    args = argparse.Namespace(
        videos=16 if quick else 64, frames=128, repeats=2 if quick else 5
    )
    with tempfile.TemporaryDirectory() as folder:
        figures = bench_reading(folder, args)
    print('loader, samples per second:', figures)
    return figures


def run_all(machine: Machine, quick: bool, amp: bool) -> None:
    """The paper's shape, then the growth; quick sweeps take a quarter."""
    tokens = TOKENS // 4 if quick else TOKENS
    for batch in (32,) if quick else (8, 16, 32, 64):
        bench_step(machine, batch, amp)
    bench_mdta(machine, 128, FRAMES, WIDTH, forward=True)
    for frames in (16, 53, 128, 512, 2048):
        bench_attention(machine, max(1, TOKENS // frames), frames)
    for frames in (16, 512, 2048):
        bench_mdta(machine, max(1, tokens // frames), frames, WIDTH)
    for width in (256, 1024):
        bench_mdta(machine, tokens // FRAMES, FRAMES, width)
    for queue, classes in (
        (0, 12),
        (512, 12),
        (4096, 12),
        (512, 2),
        (512, 100),
        (65536, 600),
    ):
        # The loop of a long queue takes 20 s.
        listed = queue <= (512 if quick else 4096)
        bench_bottleneck(machine, queue, classes, listed)


def run(args: argparse.Namespace) -> dict:
    """Print the table; all figures."""
    torch.set_num_threads(args.threads)
    init_default_scope('mmaction')
    device = args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    machine = Machine(device, args.repeats or (1 if args.quick else 3))
    loader = bench_loader(args.quick)
    run_all(machine, args.quick, args.amp)
    machine.print_table()
    return dict(machine.report(), loader=loader)

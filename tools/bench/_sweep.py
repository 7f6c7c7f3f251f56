"""All that benchmark.py measures, and in what sizes."""

import argparse
import tempfile
from functools import partial
from typing import Callable, Dict

import torch
from _disk import bench_disk
from _features import bench_making, bench_reading
from _growth import measure
from _measure import Machine
from _parts import (
    FRAMES,
    TOKENS,
    WIDTH,
    bench_bottleneck,
    bench_mdta,
    bench_step,
)
from _small import bench_small
from mmengine.registry import init_default_scope


def bench_features(bench: Callable, args: argparse.Namespace) -> dict:
    """Videos per second, one of the tables of bench_features.py."""
    sizes = argparse.Namespace(
        config=args.config,
        videos=16 if args.quick else 64,
        frames=128,
        size=64,
        repeats=2 if args.quick else 5,
    )
    with tempfile.TemporaryDirectory() as folder:
        return bench(folder, sizes)


def bench_store(args: argparse.Namespace) -> dict:
    """Samples per second of a store that is not in memory."""
    with tempfile.TemporaryDirectory() as folder:
        return bench_disk(folder, 0.5 if args.quick else 4)


def bench_growth(args: argparse.Namespace) -> dict:
    """CPU seconds of start-up and validation on lists of many lines."""
    lines = (10**3, 10**4) if args.quick else (10**4, 10**5)
    return {str(number): measure(number) for number in lines}


def bench_steps(args: argparse.Namespace) -> dict:
    """The parts of a step, against their direct forms."""
    device = args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    machine = Machine(device, args.repeats or (1 if args.quick else 3))
    run_all(machine, args.quick, args.amp)
    machine.print_table()
    return machine.report()


PARTS: Dict[str, Callable[[argparse.Namespace], dict]] = dict(
    loader=partial(bench_features, bench_reading),
    disk=bench_store,
    extraction=partial(bench_features, bench_making),
    small=lambda args: bench_small(args.config),
    growth=bench_growth,
    steps=bench_steps,
)


def run_all(machine: Machine, quick: bool, amp: bool) -> None:
    """The paper's shape, then the growth; quick sweeps take a quarter."""
    tokens = TOKENS // 4 if quick else TOKENS
    for batch in (32,) if quick else (8, 16, 32, 64):
        bench_step(machine, batch, amp)
    bench_mdta(machine, 128, FRAMES, WIDTH, forward=True)
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
    """Print all tables; all figures."""
    torch.set_num_threads(args.threads)
    init_default_scope('mmaction')
    figures = {}
    for name in args.parts or PARTS:
        figures[name] = PARTS[name](args)
        if name != 'steps':  # which have a table
            print(f'{name}: {figures[name]}', flush=True)
    return figures

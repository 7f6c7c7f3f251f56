"""What the command lines of tools share; no tool itself.

It imports nothing slow: help is quick. What is wrong with what a user gives is
told in lines ``error: …``, and the exit code is 2; ``--debug`` shows where.
"""

import argparse
import multiprocessing
import os
import os.path as osp
import signal
import sys
import warnings
from contextlib import contextmanager
from typing import Callable, Iterator, Sequence

SHOWN = 20  # faults
WHOLE = 'what is stored is whole'
# Before libraries read it: threads that wait for others leave their cores to
# them. On busy cores it is several times as fast, on idle ones as fast or
# somewhat slower (docs/scale.md).
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
ENDING = (signal.SIGTERM, signal.SIGUSR1)  # what schedulers send


class Parser(argparse.ArgumentParser):
    """A parser that answers a shell which completes a command line."""

    def parse_args(self, *args, **kwargs):  # type: ignore[override]
        """Parse, or answer and end."""
        if '_ARGCOMPLETE' in os.environ:
            from _completion import complete

            complete(self)
        return super().parse_args(*args, **kwargs)


def make_parser(doc: str, example: str) -> argparse.ArgumentParser:
    """A parser of a tool.

    Args:
        doc (str): What the tool does.
        example (str): A command line.
    """
    parser = Parser(
        description=doc,
        epilog=f'example: {example}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--debug',
        action='store_true',
        help='show where an error was found, and the whole log',
    )
    return parser


def config_parser(
    doc: str, example: str, several: bool = False
) -> argparse.ArgumentParser:
    """A parser of a tool that reads a config, or several."""
    parser = make_parser(doc, example)
    parser.add_argument(
        'configs' if several else 'config',
        nargs='+' if several else None,
        help='a file, a shipped experiment (transferattn_demo), or '
        'METHOD@SETTING[@SCHEDULE]',
    )
    add_cfg_options(parser)
    return parser


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """``--cfg-options``, for :func:`parsed`."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action='extend',
        type=_key_value,
        default=[],
        metavar='key=value',
        help='change settings of the config',
    )


def _key_value(text: str) -> str:
    key, sign, _ = text.partition('=')
    if not (key and sign):
        raise argparse.ArgumentTypeError(f'{text}: give key=value')
    return text


def parsed(options: Sequence[str]) -> dict:
    """``key=value …``, read."""
    from mmaction_uda.config.options import read_options

    return read_options(options)


def positive(text: str) -> int:
    """A number of things."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f'{text!r} is no number above 0')
    return int(text)


def number(text: str) -> float:
    """An amount above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float('inf'):
        raise argparse.ArgumentTypeError(f'{text!r} is no number above 0')
    return value


def add_overwrite(parser) -> None:
    """``--overwrite``, for a parser or a group of one."""
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='train anew where another training lies, which is removed',
    )


def new_file(path: str) -> str:
    """A file that can be written when all is done."""
    folder = osp.dirname(path) or '.'
    if not osp.isdir(folder):
        raise argparse.ArgumentTypeError(f'there is no folder {folder!r}')
    return path


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Options of tools that several processes can run."""
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument(
        '--launcher',
        default='none',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        help='what started this process beside others',
    )
    parser.add_argument(
        '--local_rank',
        '--local-rank',
        type=int,
        default=0,
        help=argparse.SUPPRESS,
    )


@contextmanager
def _watching() -> Iterator[None]:
    """End at once on a signal: what is written has no name before it is whole.

    A training that has begun ends where it can go on.
    """
    tool = os.getpid()

    def end(number: int, _) -> None:
        if os.getpid() == tool:  # and no worker that it has forked
            for worker in multiprocessing.active_children():
                worker.kill()
            name = signal.Signals(number).name
            os.write(2, f'ended by {name}: {WHOLE}\n'.encode())
        os._exit(128 + number)

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _each_once() -> Callable[..., None]:
    """Prints a warning, wherever it is given again, once."""
    printed = set()

    def show(message: Warning, *_, **__) -> None:
        text = str(message)
        if text not in printed:
            printed.add(text)
            print(f'warning: {text}', file=sys.stderr)

    return show


@contextmanager
def told(debug: bool) -> Iterator[None]:
    """End with what is wrong in plain lines, without a traceback."""
    if not debug:
        warnings.showwarning = _each_once()
    try:
        with _watching():
            yield
    except (ValueError, OSError, ImportError) as error:
        if debug:
            raise
        faults = [*getattr(error, 'faults', [str(error)])]
        if len(faults) > SHOWN:
            faults[SHOWN:] = [f'and {len(faults) - SHOWN} more']
        for fault in faults:
            print(f'error: {fault}', file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f'ended by Ctrl-C: {WHOLE}', file=sys.stderr)
        sys.exit(128 + signal.SIGINT)


def hush(args: argparse.Namespace) -> None:
    """Let the terminal see what matters, or with ``--debug`` all."""
    from mmaction_uda.console import quiet

    if not args.debug:
        quiet()


def load(args: argparse.Namespace):
    """Read the config of a command line, with its options."""
    from mmaction_uda.config import load_config

    hush(args)
    args.options = parsed(args.cfg_options)
    return load_config(args.config, args.options)


def load_run(args: argparse.Namespace):
    """The same for a tool with :func:`add_run_options`."""
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = load(args)
    cfg.launcher = args.launcher
    if cfg.launcher == 'pytorch' and 'RANK' not in os.environ:
        raise ValueError(
            '--launcher pytorch is for processes that torchrun has started. '
            'Use tools/dist_train.sh or tools/dist_test.sh, or leave it out.'
        )
    folder = f'work_dirs/{config_name(args.config)}'
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or folder
    return cfg


def config_name(config: str) -> str:
    """What a config is called: its file, without folder and ending."""
    return osp.splitext(osp.basename(config))[0]


@contextmanager
def launched(cfg) -> Iterator[None]:
    """Let the processes of a launcher know each other; they share work.

    They part in order when the work is done: Gloo's threads can abort a
    process that exits without. After an error they are left to the launcher,
    since NCCL could wait here for a process that no longer answers.
    """
    import torch.distributed as dist
    from mmengine.dist import init_dist

    from mmaction_uda.faults import Stopped  # and init_dist without CUDA

    if cfg.launcher != 'none':
        init_dist(cfg.launcher, **cfg.env_cfg.dist_cfg)
    part = dist.destroy_process_group if dist.is_initialized() else int
    try:
        yield
    except Stopped:  # all of them
        part()
        raise
    part()


if __name__ == '__main__':
    sys.exit(__doc__)

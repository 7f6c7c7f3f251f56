"""Command lines that tools share. Imports nothing slow, so that help is quick.

What is wrong with what a user gives is told in lines ``error: …``, and the
exit code is 2; ``--debug`` shows where it was found.
"""

import argparse
import os
import os.path as osp
import sys
from contextlib import contextmanager
from typing import Iterator

SHOWN = 20  # faults


class ParseOptions(argparse.Action):
    """``key=value …``, as MMEngine reads them."""

    def __call__(self, parser, namespace, values, option_string=None):
        """Parse the options."""
        for text in values:
            if not text.partition('=')[1] or text.startswith('='):
                parser.error(f'{option_string} {text}: give key=value')
        from mmengine.config import DictAction

        action = DictAction(self.option_strings, self.dest, nargs='+')
        action(parser, namespace, values, option_string)


def config_parser(doc: str, example: str) -> argparse.ArgumentParser:
    """A parser of a tool that reads a config.

    Args:
        doc (str): What the tool does.
        example (str): A command line.
    """
    parser = argparse.ArgumentParser(
        description=doc,
        epilog=f'example: {example}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'config',
        help='a file, a shipped experiment (transferattn_demo), or '
        'METHOD@SETTING[@SCHEDULE]',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=ParseOptions,
        default={},
        metavar='key=value',
        help='change settings of the config',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show where an error was found'
    )
    return parser


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
def told(debug: bool) -> Iterator[None]:
    """End with what is wrong in plain lines, without a traceback."""
    try:
        yield
    except (ValueError, OSError, ImportError) as error:
        if debug:
            raise
        faults = getattr(error, 'faults', [str(error)])
        lines = [f'error: {fault}' for fault in faults[:SHOWN]]
        if len(faults) > SHOWN:
            lines.append(f'error: and {len(faults) - SHOWN} more')
        sys.exit(_fail('\n'.join(lines)))


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


def load(args: argparse.Namespace):
    """Read the config of a command line, with its options."""
    import gc

    from mmaction_uda.config import load_config

    gc.freeze()  # MMEngine collects garbage for every data set it builds
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = load_config(args.config, args.cfg_options)
    cfg.launcher = args.launcher
    if cfg.launcher == 'pytorch' and 'RANK' not in os.environ:
        raise ValueError(
            '--launcher pytorch is for processes that torchrun has started. '
            'Use tools/dist_train.sh or tools/dist_test.sh, or leave it out.'
        )
    name = osp.splitext(osp.basename(args.config))[0]
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'work_dirs/{name}'
    return cfg


@contextmanager
def launched(cfg) -> Iterator[None]:
    """Let the processes of a launcher know each other; they share work.

    They part in order when the work is done: Gloo's threads can abort a
    process that exits without. After an error they are left to the launcher,
    since NCCL could wait here for a process that no longer answers.
    """
    import torch.distributed as dist
    from mmengine.dist import init_dist

    if cfg.launcher != 'none':
        init_dist(cfg.launcher, **cfg.env_cfg.dist_cfg)
    yield
    if dist.is_initialized():
        dist.destroy_process_group()

"""What a small training costs beside its steps, for benchmark.py."""

import os
import os.path as osp
import subprocess
import sys
import tempfile
from resource import RUSAGE_CHILDREN, getrusage
from typing import Dict

TOOLS = osp.dirname(osp.dirname(osp.abspath(__file__)))


def cpu_of(tool: str, *args: str) -> float:
    """CPU seconds of one of our tools, an interpreter of its own.

    Raises:
        RuntimeError: If it fails; with what it said.
    """
    before = getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, osp.join(TOOLS, tool), *args],
        env=dict(os.environ, OMP_NUM_THREADS='1'),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f'{tool} failed:\n{done.stdout[-2000:]}')
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def bench_small(config: str) -> Dict[str, float]:
    """CPU seconds of start-up, and of a training whose data are there.

    The training comes three times: to make the data, with one epoch, and
    with three, so that two epochs are the difference.
    """
    with tempfile.TemporaryDirectory() as folder:

        def train(epochs: int, name: str) -> float:
            return cpu_of(
                'train.py',
                *(config, '--work-dir', osp.join(folder, name)),
                *('--cfg-options', f'train_cfg.max_epochs={epochs}'),
                f'train_cfg.val_interval={epochs}',
            )

        figures = dict(start_up_s=cpu_of('print_config.py', config))
        train(1, 'data')
        figures['one_epoch_s'] = train(1, 'one')
        figures['two_more_s'] = train(3, 'three') - figures['one_epoch_s']
    return figures

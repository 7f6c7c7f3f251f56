"""What a training takes of the machine, written down epoch by epoch.

A config imports this module and has the hook.
"""

import gc
import json
import os
from pathlib import Path

from mmaction.registry import HOOKS
from mmengine.hooks import Hook

PAGE = os.sysconf('SC_PAGE_SIZE')


@HOOKS.register_module()
class WatchHook(Hook):
    """Adds a line to a file in the work directory.

    Args:
        interval (int): Every so many epochs.
    """

    priority = 'LOWEST'

    def __init__(self, interval: int = 20) -> None:
        self.interval = interval

    def before_train_epoch(self, runner) -> None:
        """After the checkpoint and the validation of the epoch before."""
        if runner.epoch % self.interval:
            return
        gc.collect()
        folder = Path(runner.work_dir)
        checkpoint = folder / f'epoch_{runner.epoch}.pth'
        pages = int(Path('/proc/self/statm').read_text().split()[1])
        line = dict(
            epoch=runner.epoch,
            memory=pages * PAGE,
            handles=len(os.listdir('/proc/self/fd')),
            threads=len(os.listdir('/proc/self/task')),
            checkpoint=checkpoint.stat().st_size if runner.epoch else 0,
            files=len([*folder.rglob('*')]),
        )
        with open(folder / 'watch.jsonl', 'a') as file:
            file.write(json.dumps(line) + '\n')

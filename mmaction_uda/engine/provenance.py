"""What made a training: its command, its versions, the state of the code."""

import json
import os
import os.path as osp
import platform
import shlex
import subprocess
import sys
from typing import Any, Dict, Optional

import mmaction
import mmengine
import numpy
import torch

from ..evaluation import log_files
from ..version import __version__

FILE = 'made_by.json'  # beside the scalars of a start


def provenance() -> Dict[str, Any]:
    """Of this process.

    Returns:
        dict: ``command`` as it can be typed, ``versions`` by package, ``git``
        (see :func:`git_state`).
    """
    tool, *args = sys.argv
    if osp.isabs(tool):
        tool = osp.relpath(tool)
    command = shlex.join(['python', tool, *args])
    return dict(command=command, versions=versions(), git=git_state())


def versions() -> Dict[str, str]:
    """Of what numbers depend on, by package."""
    return dict(
        Python=platform.python_version(),
        torch=torch.__version__,
        numpy=numpy.__version__,
        mmengine=mmengine.__version__,
        mmaction2=mmaction.__version__,
        mmaction_uda=__version__,
    )


def git_state() -> Optional[str]:
    """Commit of this package, ``-dirty`` behind it if files differ from it.

    None where it was installed, or git is not there.
    """
    root = osp.dirname(osp.dirname(osp.dirname(osp.abspath(__file__))))
    if not osp.exists(osp.join(root, '.git')):
        return None
    call = [
        'git',
        '-C',
        root,
        'describe',
        '--always',
        '--dirty',
        '--abbrev=12',
    ]
    try:
        done = subprocess.run(
            [*call, '--exclude=*'], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def record_provenance(log_dir: str) -> None:
    """Write that of this process beside what the training will log."""
    folder = osp.join(log_dir, 'vis_data')
    os.makedirs(folder, exist_ok=True)
    with open(osp.join(folder, FILE), 'w', encoding='utf-8') as file:
        json.dump(provenance(), file)


def read_provenance(work_dir: str) -> Dict[str, Any]:
    """That of the last start of a training.

    Returns:
        dict: As of :func:`provenance`; all None where nobody wrote it down.
    """
    found = dict.fromkeys(('command', 'versions', 'git'))
    files = log_files(work_dir, FILE)
    if files:
        with open(files[-1], encoding='utf-8') as file:
            found.update(json.load(file))
    return found

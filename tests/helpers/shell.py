"""What a shell would start: bash reads commands, stand-ins note them."""

import os
import subprocess
from pathlib import Path
from shutil import which
from typing import List, NamedTuple, Sequence, Tuple

# Programs that a page names are noted and not run; those of the system are.
NOTED = (
    'cut',  # of a file that only the reader has
    'jupyter',
    'make',
    'mim',
    'mmaction-uda',
    'pip',
    'python',
    'register-python-argcomplete',
    'srun',
    'tensorboard',
    'torchrun',
)
RUN = ('bash', 'dirname', 'grep', 'mkdir')
STAND_IN = '#!/bin/sh\nprintf "%s\\0" "$#" "${0##*/}" "$@" >> "$NOTED"\n'


class Call(NamedTuple):
    """A program that bash would start."""

    program: str
    args: Tuple[str, ...]


def calls(text: str, folder: Path) -> Tuple[List[Call], str]:
    """What commands start in a folder, scripts of ours looked into.

    Returns:
        tuple: The calls, and what bash has to say, if anything is wrong.
    """
    found = folder / '.venv/bin'
    if not found.is_dir():
        found.mkdir(parents=True)
        (found / 'activate').touch()
        for name in NOTED:
            (found / name).write_text(STAND_IN)
            (found / name).chmod(0o755)
        for name in RUN:
            (found / name).symlink_to(str(which(name)))
    notes = folder / '.noted'
    notes.write_bytes(b'')
    done = subprocess.run(
        ['bash', '-euc', text],
        cwd=folder,
        env=dict(os.environ, PATH=str(found), NOTED=str(notes)),
        capture_output=True,
        text=True,
    )
    wrong = done.stderr.strip()
    return _read(notes.read_text()), wrong or 'fails' * bool(done.returncode)


def _read(notes: str) -> List[Call]:
    fields = notes.split('\0')[:-1]
    found: List[Call] = []
    while fields:
        end = 2 + int(fields[0])
        found.append(Call(fields[1], tuple(fields[2:end])))
        del fields[:end]
    return found


def commands(console: str) -> List[Tuple[str, str]]:
    """Commands of a console, ``$ …``, and what each has printed."""
    found: List[List[str]] = []
    for line in console.splitlines():
        if line.startswith('$ '):
            found.append([line[2:], ''])
        elif found[-1][0].endswith('\\'):
            found[-1][0] += f'\n{line}'
        else:
            found[-1][1] += f'{line}\n'
    return [(command, printed) for command, printed in found]


def joined(args: Sequence[str]) -> str:
    """A call in one line, to name it."""
    return ' '.join(args)

"""Folders of videos as a user has them."""

from pathlib import Path
from typing import Dict, Iterable

from mmaction_uda.datasets.rendered.video import write_mp4
from mmaction_uda.own_data import NewTask, Wanted, make_task

from .data import moving_square


def write_clip(path: Path, seed: int, frames: int = 8) -> None:
    """A short mp4, of other bytes for every seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mp4(moving_square(seed, frames), str(path), 20)


def write_clips(root: Path, names: Iterable[str], first: int = 0) -> None:
    """Clips under these names."""
    for seed, name in enumerate(names, first):
        write_clip(root / name, seed)


def two_domains(root: Path, number: int = 4, **more: list) -> None:
    """``cam`` and ``drone``, so many clips of each of two classes."""
    for seed, domain in enumerate(('cam', 'drone')):
        names = [
            f'{label}/{chr(97 + i)}.mp4'
            for label in ('run', 'walk')
            for i in range(number)
        ]
        write_clips(root / domain, [*names, *more.get(domain, [])], 100 * seed)


def made(**wanted) -> NewTask:
    """The task of ``cam`` and ``drone`` below the working directory."""
    return make_task(Wanted(**{'source': 'cam', 'target': 'drone', **wanted}))


def lists(name: str) -> Dict[str, list]:
    """Lines of the lists of a task that is written."""
    files = Path('data', name).glob('*_t*.txt')
    return {f.stem: f.read_text('utf-8').splitlines() for f in files}

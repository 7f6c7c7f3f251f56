"""Domains and their videos."""

import os.path as osp
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Dict, List, Optional


@dataclass
class Video:
    """A video of a domain.

    Args:
        name (str): Its path below the folder of the domain, or as a list
            names it.
        label (str, optional): Name of its class; None where it has none.
        group (str): What it must not be separated from, by the split.
        split (str): ``'train'`` or ``'test'``.
    """

    name: str
    label: Optional[str]
    group: str = ''
    split: str = 'train'


@dataclass
class Domain:
    """Videos of one kind, labelled or not.

    Args:
        role (str): ``'source'`` or ``'target'``.
        root (str): The folder that names begin in.
        videos (list[Video]): In order of their names.
        numbers (dict): Labels in numbers by names of classes, of a list.
        left_out (list[str]): Videos that no list has, and why.
        notes (list[str]): What else was found.
    """

    role: str
    root: str
    videos: List[Video]
    numbers: Dict[str, int] = field(default_factory=dict)
    left_out: List[str] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)

    @property
    def classes(self) -> Dict[str, int]:
        """Number of videos of every class."""
        found: Dict[str, int] = defaultdict(int)
        for video in self.videos:
            if video.label is not None:
                found[video.label] += 1
        return dict(found)

    def file(self, video: Video) -> str:
        """Where a video lies."""
        return osp.join(self.root, video.name)

    def leave_out(self, faults: Dict[str, str]) -> None:
        """Take videos out, ``{name: why}``."""
        self.videos = [v for v in self.videos if v.name not in faults]
        for name, why in faults.items():
            path = osp.join(self.root, name)
            shown = path if path.isprintable() else ascii(path)
            self.left_out.append(f'{shown}: {why}')

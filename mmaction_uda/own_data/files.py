"""What is written of a task of one's own, and the commands that use it."""

import os
import os.path as osp
from dataclasses import dataclass
from typing import Dict, List, Mapping

from ..config.names import CONFIGS
from ..faults import Faults
from ..files import written_aside
from .cautions import Part
from .domains import Domain
from .looking import Facts
from .naming import MADE, check_free, places, told_where
from .sheet import write_sheet

# From so many target videos on a step is one of many: the papers' schedule.
# The one for small data was measured with 30 to 480 of them.
MANY = 800
LARGEST_BATCH, STEPS = 32, 3  # steps of the smaller domain, at least
CONFIG = """{made}{source} to {target}. {folder}/README.md is its data sheet.
_base_ = {base!r}
from mmaction_uda.config import pair_of_lists

_classes = {classes!r}
_roots = dict(source={source_root!r}, target={target_root!r})
_pair = pair_of_lists({folder!r}, _classes, batch_size={batch}{more}, **_roots)
globals().update(_pair)
"""


@dataclass(frozen=True)
class NewTask:
    """Two domains that are sorted out and split.

    Args:
        source (Domain): Labelled.
        target (Domain): Labelled or not.
        classes (list[str]): In order of the labels.
        facts (Mapping): Of every video, by file.
        notes (list[str]): What was found on the way.
    """

    source: Domain
    target: Domain
    classes: List[str]
    facts: Mapping[str, Facts]
    notes: List[str]

    @property
    def labelled(self) -> bool:
        """Whether the target has labels."""
        return bool(self.target.classes)

    @property
    def parts(self) -> Dict[str, Part]:
        """The lists by their names."""
        found = {}
        for domain in (self.source, self.target):
            for split, long in dict(train='training', test='test').items():
                videos = [
                    (domain.file(v), v.label)
                    for v in domain.videos
                    if v.split == split
                ]
                name = f'{domain.role}_{split}'
                if videos or name != 'target_test':
                    found[name] = Part(f'{domain.role}, {long}', videos)
        return found

    @property
    def batch_size(self) -> int:
        """Pairs of a step: some steps in an epoch, few pairs of few videos."""
        sizes = [
            len(self.parts[name].videos)
            for name in ('source_train', 'target_train')
        ]
        return max(2, min(LARGEST_BATCH, min(sizes) // STEPS))

    @property
    def is_small(self) -> bool:
        """Whether the schedule is that for small data."""
        return len(self.parts['target_train'].videos) < MANY

    def check(self) -> None:
        """Refuse a task that cannot be trained, or not be tested.

        Raises:
            Faults: Names the domain, and why.
        """
        faults, parts = [], self.parts
        for domain in (self.source, self.target):
            if len(parts[f'{domain.role}_train'].videos) < 2:
                faults.append(
                    f'{domain.role}: fewer than two videos are left to train '
                    'on.'
                )
            tested = domain.role == 'source' or self.labelled
            if tested and not parts.get(f'{domain.role}_test', ([], []))[1]:
                faults.append(
                    f'{domain.role}: no video is left to test on. A class '
                    'needs two, of two groups.'
                )
        if faults:
            raise Faults(*faults, *self.source.left_out, *self.target.left_out)

    def write(self, name: str, backbone: str, overwrite: bool) -> str:
        """Write lists, data sheet and config, all below the working directory.

        Args:
            name (str): Of the task.
            backbone (str): A layer of configs.
            overwrite (bool): Replace those of a task of this name.

        Returns:
            str: The config.

        Raises:
            Faults: For a name that is taken or no name, before anything is
                written.
            OSError: Where nothing can be written.
        """
        folder, config = places(name)
        check_free(name, backbone, overwrite)
        with told_where():
            os.makedirs(folder, exist_ok=True)
            os.makedirs(osp.dirname(config), exist_ok=True)
            for part in ('source_train', 'source_test', 'target_train'):
                self._write_list(folder, part)
            if self.labelled:
                self._write_list(folder, 'target_test')
            title = f'{name}: {self.source.root} to {self.target.root}'
            parts = [*self.parts.values()]
            write_sheet(
                folder, title, parts, self.classes, self.facts, self.notes
            )
            _write(config, self._config(folder, config))
        return config

    def _write_list(self, folder: str, name: str) -> None:
        role, _, split = name.partition('_')
        domain = self.source if role == 'source' else self.target
        labels = {label: n for n, label in enumerate(self.classes)}
        lines = (
            f'{v.name} {labels.get(v.label or "", -1)}\n'
            for v in domain.videos
            if v.split == split
        )
        _write(osp.join(folder, f'{name}.txt'), ''.join(lines))

    def _config(self, folder: str, config: str) -> str:
        shared = 'one_view.py' if self.is_small else 'tokens.py'
        base = osp.join(CONFIGS, '_base_', shared)
        above = osp.join(osp.dirname(config), '..', shared)
        if osp.exists(above) and osp.samefile(above, base):
            base = f'../{shared}'
        return CONFIG.format(
            made=MADE,
            source=self.source.root,
            target=self.target.root,
            folder=folder,
            base=base,
            classes=self.classes,
            source_root=self.source.root,
            target_root=self.target.root,
            batch=self.batch_size,
            more='' if self.labelled else ', target_labels=False',
        )


def _write(path: str, text: str) -> None:
    with written_aside(path) as file:
        file.write(text.encode())

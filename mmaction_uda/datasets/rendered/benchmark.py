import fcntl
import json
import multiprocessing
import os
import os.path as osp
from functools import partial
from itertools import product
from typing import Any, Dict, Optional

import cv2
from mmaction.registry import TASK_UTILS

from ...files import is_there, parsed, unreadable, written_aside
from ...processes import end_with
from ...progress import Progress
from .actions import CLASSES
from .style import DOMAINS
from .video import Video, render_video

# To be raised with every change of the pixels.
VERSION = 1


@TASK_UTILS.register_module()
class RenderedBenchmark:
    """A data set for video domain adaptation that renders itself.

    Figures perform eight actions that single frames do not tell apart, in a
    clean ``source`` domain and in a ``target`` domain with other colours,
    texture, view, tempo and quality. The videos of a split go to
    ``root/{source,target}/{train,test}`` and are listed in
    ``root/{source,target}_{train,test}.txt`` for ``VideoDataset``.

    Args:
        root (str): The directory of the benchmark.
        seed (int): Seed of everything drawn. Defaults to 0.
        severity (float): How far the target is from the source; 0 makes it
            look like the source. Defaults to 1.0.
        distractors (float): The part of each video's frames, in [0, 1), that
            do not show the action. Defaults to 0.0.
        num_train (int): Training videos per class and domain. Defaults to
            60.
        num_test (int): Test videos per class and domain. Defaults to 30.
        size (int): Edge of a frame in px, even. Defaults to 64.
        num_frames (int): Frames of a video. Defaults to 32.
        num_processes (int, optional): Number of rendering processes, which
            the pixels do not depend on. Defaults to None, one per core.
    """

    def __init__(
        self,
        root: str,
        seed: int = 0,
        severity: float = 1.0,
        distractors: float = 0.0,
        num_train: int = 60,
        num_test: int = 30,
        size: int = 64,
        num_frames: int = 32,
        num_processes: Optional[int] = None,
    ) -> None:
        if severity < 0:
            raise ValueError(f'severity must be at least 0, not {severity}')
        if not 0 <= distractors < 1:
            raise ValueError(
                f'distractors must lie in [0, 1), not {distractors}'
            )
        if size % 2:
            raise ValueError(f'size must be even, not {size}')
        self.root = root
        self.arguments: Dict[str, Any] = dict(
            version=VERSION,
            seed=seed,
            severity=float(severity),
            distractors=float(distractors),
            num_train=num_train,
            num_test=num_test,
            size=size,
            num_frames=num_frames,
        )
        self.num_processes = num_processes or len(os.sched_getaffinity(0))

    def prepare(self) -> None:
        """Render what is not there."""
        if self._is_ready():  # maybe on a disk that cannot be written
            return
        os.makedirs(self.root, exist_ok=True)
        # Of several processes at one root, the first renders and the others
        # wait; a killed one lets go of its lock.
        with open(osp.join(self.root, '.lock'), 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._is_ready():
                self._render()

    def _is_ready(self) -> bool:
        """Whether the root holds this very benchmark."""
        path = osp.join(self.root, 'benchmark.json')
        if not is_there(path):
            return False
        found = self._read(path)
        for name, value in self.arguments.items():
            if found.get(name) != value:
                raise ValueError(
                    f'{path} says {name}={found.get(name)!r}, but '
                    f'{name}={value!r} is asked for. Choose another root, or '
                    f'delete {self.root} to render it anew.'
                )
        return True

    def _read(self, path: str) -> dict:
        try:
            with open(path) as file:
                return dict(parsed(file.read()))
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, TypeError) as error:
            raise ValueError(
                f'{path!r} is damaged ({error}). Delete {self.root!r} to '
                'render it anew.'
            ) from error

    def _render(self) -> None:
        """Write videos, then lists, then the file that says all is there."""
        counts = dict(
            train=self.arguments['num_train'], test=self.arguments['num_test']
        )
        videos = []
        for domain, split in product(DOMAINS, counts):
            os.makedirs(osp.join(self.root, domain, split), exist_ok=True)
            part = [
                Video(domain, split, label, number)
                for label in range(len(CLASSES))
                for number in range(counts[split])
            ]
            videos += part
            self._write(
                f'{domain}_{split}.txt',
                ''.join(f'{video.path} {video.label}\n' for video in part),
            )
        names = ('seed', 'severity', 'distractors', 'size', 'num_frames')
        render_one = partial(
            render_video,
            root=self.root,
            **{name: self.arguments[name] for name in names},
        )
        # Forked, as spawned processes would import all packages first.
        with multiprocessing.get_context('fork').Pool(
            self.num_processes, _begin, (os.getpid(),)
        ) as pool:
            done = pool.imap_unordered(render_one, videos, chunksize=8)
            with Progress() as bars:
                name = f'rendering {self.root}'
                for _ in bars.track(done, len(videos), description=name):
                    pass
        self._write('benchmark.json', json.dumps(self.arguments, indent=4))

    def _write(self, name: str, text: str) -> None:
        """Write a text file of the root in one step."""
        with written_aside(osp.join(self.root, name), 'w') as file:
            file.write(text)


def _begin(parent: int) -> None:
    """Be one of the processes that render."""
    end_with(parent)
    cv2.setNumThreads(0)

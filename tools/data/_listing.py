"""What the list builders share: videos by name, counts, whole lists.

Only the standard library, so that lists can be built where nothing is
installed, and at once.
"""

import os
import os.path as osp
import re
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import (
    Callable,
    ContextManager,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
)

ENDING = re.compile(r'\.(avi|mp4|mkv|webm)$', re.IGNORECASE)
# Each rule that data sets are sanitised by deletes some of these.
SANITISED = str.maketrans('', '', '(),&!#+')
SHOWN = 5  # missing videos on the screen


def plain_name(path: str) -> str:
    """Name of a video without folder, ending and sanitised characters."""
    return ENDING.sub('', osp.basename(path)).translate(SANITISED)


def read_fields(file: str, source: str) -> List[List[str]]:
    """Fields of every line that is not empty.

    Args:
        file (str): The file.
        source (str): Where to get it from.
    """
    if not osp.isfile(file):
        raise ValueError(f'{file!r} is not there. Take it from {source}.')
    with open(file, encoding='utf-8') as lines:
        return [line.split() for line in lines if line.strip()]


def check_counts(
    source: str,
    found: Mapping[str, int],
    expected: Mapping[str, int],
    advice: str,
) -> None:
    """End with an error where a class has too few or too many videos.

    Args:
        source (str): The file or folder that was counted, and what in it.
        found (Mapping): Videos of each class.
        expected (Mapping): Videos each class should have.
        advice (str): What to do about it.
    """
    wrong = [
        f'  {name}: found {found.get(name, 0)}, expected {number}'
        for name, number in expected.items()
        if found.get(name, 0) != number
    ]
    if wrong:
        raise ValueError(
            '\n'.join([f'Wrong counts in {source}:', *wrong, advice])
        )


@contextmanager
def all_faults() -> Iterator[Callable[[], ContextManager[None]]]:
    """Tell what is wrong with several lists at once, at the end.

    Yields:
        callable: A context in which a ValueError is kept for later.
    """
    faults: List[str] = []

    @contextmanager
    def gathered() -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            faults.append(str(error))

    yield gathered
    if faults:
        raise ValueError('\n'.join(faults))


class VideoFolder:
    """The videos below a folder, in class folders or flat.

    Args:
        root (str): The folder; links inside are followed.
    """

    def __init__(self, root: str) -> None:
        if not osp.isdir(root):
            raise ValueError(f'The folder of videos {root!r} is not there.')
        self.root = root
        self.files = defaultdict(list)
        for folder, _, names in sorted(os.walk(root, followlinks=True)):
            for name in sorted(names):
                if ENDING.search(name) and not name.startswith('.'):
                    file = osp.relpath(osp.join(folder, name), root)
                    self.files[plain_name(name)].append(file)

    def find(self, name: str) -> Optional[str]:
        """Path of a video, relative to the folder, or None."""
        files = self.files.get(plain_name(name), [])
        if len(files) > 1 and all(map(_class_folder, files)):
            # A name may stand in several classes.
            mine = [
                f for f in files if _class_folder(f) == _class_folder(name)
            ]
            files = mine or files
        if len(files) > 1:
            raise ValueError(
                f'{len(files)} files in {self.root!r} match {name!r}: '
                f'{", ".join(files)}. Keep one of them.'
            )
        return files[0] if files else None


def _class_folder(path: str) -> str:
    return osp.basename(osp.dirname(path)).replace(' ', '_')


@dataclass
class VideoList:
    """One list to be written.

    Args:
        name (str): Name of the file, without ending.
        videos (VideoFolder): Where its videos are.
        labels (dict): Label of every video by its official name, in order.
        published (dict): Videos of each class in the list of the papers;
            the order of the classes is that of the labels. Empty where
            their numbers are not known.
    """

    name: str
    videos: VideoFolder
    labels: Dict[str, int]
    published: Dict[str, int]

    def __post_init__(self) -> None:
        self.missing: List[str] = []
        self.files: Dict[str, int] = {}
        for name, label in self.labels.items():
            file = self.videos.find(name)
            if file is None or file in self.files:  # of another name
                self.missing.append(name)
            else:
                self.files[file] = label

    def write(self, folder: str) -> None:
        """Write the list, one line ``path label`` per video."""
        file = osp.join(folder, f'{self.name}.txt')
        write_lines(file, [f'{f} {n}' for f, n in self.files.items()])

    def note_missing(self, folder: str) -> Optional[str]:
        """List the missing videos in a file; say which, if there are any."""
        file = osp.join(folder, f'missing_{self.name}.txt')
        if not self.missing:
            if osp.exists(file):
                os.remove(file)
            return None
        write_lines(file, self.missing)
        first = ', '.join(self.missing[:SHOWN])
        return (
            f'{self.name}: {len(self.missing)} of {len(self.labels)} videos '
            f'are not in {self.videos.root!r}, first {first}; all of them '
            f'are in {file}.'
        )

    def summary(self) -> str:
        """How many videos were found, and how many were published."""
        whole = f'{self.name}.txt: {len(self.files)} of {len(self.labels)}'
        if not self.published:
            return f'{whole} videos'
        found = Counter(self.files.values())
        classes = ', '.join(
            f'{name} {found[label]}/{number}'
            for label, (name, number) in enumerate(self.published.items())
        )
        return (
            f'{whole} videos; found/published: all {len(self.files)}/'
            f'{sum(self.published.values())}, {classes}'
        )


def write_lines(file: str, lines: List[str]) -> None:
    """Write a text file that appears only when it is complete."""
    aside = f'{file}.{os.getpid()}.tmp'
    with open(aside, 'w', encoding='utf-8') as out:
        out.writelines(f'{line}\n' for line in lines)
    os.replace(aside, file)


def write_lists(
    folder: str, lists: List[VideoList], allow_missing: bool
) -> None:
    """Write all lists, or none where videos are missing.

    Args:
        folder (str): Where the lists go.
        lists (list[VideoList]): The lists.
        allow_missing (bool): Write what is there.
    """
    os.makedirs(folder, exist_ok=True)
    gaps = [gap for part in lists if (gap := part.note_missing(folder))]
    if gaps and not allow_missing:
        raise ValueError(
            '\n'.join(gaps) + '\nNo list was written. Unpack what is '
            'missing, or give --allow-missing for lists of what is there.'
        )
    for part in lists:
        part.write(folder)
        print(part.summary())
    for gap in gaps:
        print(gap)

"""What tools/infer.py is given, and the files that it writes."""

import argparse
import json
import os
import os.path as osp
from typing import Dict, List, Sequence

FORMATS = ('json', 'jsonl')


def named(args: argparse.Namespace) -> Dict[str, int]:
    """The videos of a command line, -1 or the label that a list gives each.

    Folders are walked, links followed. All that is no file of a video is
    told before anything else is done.
    """
    from mmaction_uda.datasets.containers import kind_of
    from mmaction_uda.faults import Faults, gathered
    from mmaction_uda.files import is_there
    from mmaction_uda.lists import read_list
    from mmaction_uda.own_data.reading import root_of

    found: Dict[str, int] = {}
    faults: List[str] = []
    for place in args.videos:
        with gathered(faults):
            videos = [place]
            if is_there(place) and kind_of(place) == 'folder':
                videos = _below(place)
            found.update(dict.fromkeys(videos, -1))
    for file in args.list:
        with gathered(faults):
            lines = read_list(file)
            root = root_of('list', file, lines)
            for line in lines:
                video = osp.normpath(osp.join(root, line.name))
                found[video] = max(found.get(video, -1), line.label)
    for video in found:
        with gathered(faults):
            if not is_there(video):
                faults.append(f'no such file: {video}')
            elif (kind := kind_of(video)) is not None:
                faults.append(f'{video} is a {kind}, no file of a video')
    if not (found or faults):
        faults.append('give videos, folders of them, or --list FILE')
    if faults:
        raise Faults(*faults)
    return found


def _below(folder: str) -> List[str]:
    from mmaction_uda.own_data.reading import ENDING, files_below

    names = [n for n in files_below(folder) if ENDING.search(n)]
    if not names:
        raise ValueError(
            f'{folder} is a folder without a video in it, or in those in it. '
            'Videos end in .avi, .mp4, .mkv, .webm, .mov, …'
        )
    return [osp.join(folder, name) for name in names]


class Scores:
    """Scores by video, in one object, written when all are known.

    Args:
        path (str): The file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: Dict[str, Dict[str, float]] = {}

    def add(self, video: str, scores: Dict[str, float]) -> None:
        """Scores of a video by class."""
        self.found[video] = scores

    def close(self, videos: Sequence[str]) -> None:
        """Write those of videos, in their order."""
        from mmaction_uda.files import written_aside

        ordered = {v: self.found[v] for v in videos if v in self.found}
        with written_aside(self.path, 'w') as file:
            json.dump(ordered, file, indent=1)


class ScoreLines:
    """The same a line a video, each written when it is known.

    What a kill leaves is gone on with: :attr:`found` has the videos of the
    file, whose last line may be cut. It is refused if another model wrote it.

    Args:
        path (str): The file.
        model (str): Tells models apart.
    """

    def __init__(self, path: str, model: str) -> None:
        self.model = model
        self.found: Dict[str, int] = {}  # predicted class
        whole = 0
        if osp.exists(path):
            whole = self._read(path)
        self._file = open(path, 'a', encoding='utf-8')
        os.truncate(path, whole)

    def _read(self, path: str) -> int:
        """Take over what is there; returns the bytes of whole lines."""
        from mmaction_uda.files import parsed

        whole = 0
        with open(path, 'rb') as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b'\n'):
                    break
                try:
                    row = dict(parsed(line))
                    video, scores = row['video'], list(row['scores'].values())
                    same = row['model'] == self.model
                except (ValueError, LookupError, TypeError, AttributeError):
                    raise ValueError(
                        f'{path!r}, line {number} is none that this tool has '
                        'written. Name another file, or remove this one.'
                    ) from None
                if not same:
                    raise ValueError(
                        f'{path!r} has scores of another checkpoint or '
                        'config. Name another file, or remove this one.'
                    )
                self.found[video] = scores.index(max(scores))
                whole += len(line)
        return whole

    def add(self, video: str, scores: Dict[str, float]) -> None:
        """Scores of a video by class."""
        row = dict(
            video=video,
            label=max(scores, key=scores.__getitem__),
            scores=scores,
            model=self.model,
        )
        self._file.write(json.dumps(row) + '\n')
        self._file.flush()

    def close(self, videos: Sequence[str]) -> None:
        """All is written."""
        self._file.close()

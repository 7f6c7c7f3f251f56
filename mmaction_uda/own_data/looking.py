"""What is in the files of videos: sizes, lengths, faults, pictures."""

from functools import partial
from multiprocessing.pool import ThreadPool
from typing import (
    Callable,
    Dict,
    List,
    NamedTuple,
    Optional,
    Sequence,
    TypeVar,
    Union,
)

import cv2
import numpy as np

from ..datasets.features.sources import Source
from ..datasets.video_file import VideoFile
from ..faults import one_line
from ..progress import Progress

THREADS = 4
THUMBNAIL = 144  # px, of the longer side
T = TypeVar('T')


class Facts(NamedTuple):
    """What a video is.

    Args:
        frames (int): Number of frames.
        fps (float): Frames a second, 0 where the file does not say.
        width (int): Of the frames, as they are shown, in px.
        height (int): Likewise.
        digest (str): Of its bytes.
    """

    frames: int
    fps: float
    width: int
    height: int
    digest: str

    @property
    def seconds(self) -> Optional[float]:
        """Its length, if that is known."""
        return self.frames / self.fps if self.fps else None


def look(path: str) -> Union[Facts, str]:
    """Facts of a video, or why it cannot be read.

    All frames are decoded, one after the other, as the extraction does.
    """
    try:
        key = Source(path, {}).key()
        if key is None:
            return 'it is not there'
        video = VideoFile(path)
        (first,) = video.read([0])
        for number in range(1, len(video)):
            video.read([number])
        video.close()
    except Exception as error:  # decoders raise types of their own
        return one_line(error)
    height, width = first.shape[:2]
    return Facts(len(video), video.fps, width, height, key.digest)


def look_at(paths: Sequence[str], name: str) -> Dict[str, Union[Facts, str]]:
    """:func:`look` at files, several at a time; ``name`` stands at the bar."""
    files = list(dict.fromkeys(paths))
    return dict(zip(files, _all(look, files, name)))


def thumbnail(path: str) -> np.ndarray:
    """The frame in the middle, small, ``[H, W, 3]``, RGB."""
    video = VideoFile(path)
    (frame,) = video.read([len(video) // 2])
    video.close()
    scale = THUMBNAIL / max(frame.shape[:2])
    size = [max(1, round(scale * side)) for side in frame.shape[1::-1]]
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def _all(work: Callable[[str], T], items: Sequence[str], name: str) -> List[T]:
    found: List[T] = []
    with Progress() as progress, ThreadPool(THREADS) as pool:
        bar = progress.add_task(name, total=len(items))
        for one in pool.imap(partial(work), items, chunksize=4):
            found.append(one)
            progress.update(bar, completed=len(found))
    return found

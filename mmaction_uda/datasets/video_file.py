"""Frames of one file, whose kind is known before a decoder sees it."""

import os
import stat
from contextlib import contextmanager
from itertools import dropwhile, islice
from typing import (
    BinaryIO,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

import av
import numpy as np
from av import VideoFrame, VideoStream
from av.container import InputContainer
from av.video.reformatter import VideoReformatter

MAX_PIXELS = 2**26  # of a frame; 8K video has half of that
SKIP = 8  # frames that are decoded in vain rather than sought over
PLACEHOLDER = 19  # bytes; DivX and XviD write one for a frame that lies in
# the packet before it, and FFmpeg does not decode a packet up to this size
_KINDS = (
    (stat.S_ISDIR, 'folder'),
    (stat.S_ISFIFO, 'named pipe'),
    (stat.S_ISSOCK, 'socket'),
    (stat.S_ISCHR, 'device'),
    (stat.S_ISBLK, 'device'),
)
_MP4_BOXES = (b'ftyp', b'moov', b'mdat', b'free', b'skip', b'wide', b'pnot')
# FFmpeg's name of a container, and what its files begin with.
_BEGINNINGS = (
    ('matroska', b'\x1a\x45\xdf\xa3'),
    ('flv', b'FLV'),
    ('asf', b'\x30\x26\xb2\x75\x8e\x66\xcf\x11'),
    ('ogg', b'OggS'),
    ('mpeg', b'\x00\x00\x01\xba'),
    ('mpegvideo', b'\x00\x00\x01\xb3'),
)
RE_ENCODE = 're-encode it: ffmpeg -i IN -c:v libx264 OUT.mp4'
_DECODING = ('_frames', '_colours')  # what no other process can use


def kind_of(path: str) -> Optional[str]:
    """What lies there in place of a file, which is not opened.

    Returns:
        str, optional: ``'folder'``, ``'named pipe'``, ``'socket'`` or
        ``'device'``; None for a file.

    Raises:
        OSError: If nothing is there, or it may not be looked at.
    """
    mode = os.stat(path).st_mode
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), None)


def check_video(path: str) -> str:
    """Refuse what is no file of a video, before any decoder opens it.

    FFmpeg takes texts for playlists, and opens the files and addresses that
    they name; so the kind of a file is found from its first bytes.

    Returns:
        str: FFmpeg's name of its container.

    Raises:
        ValueError: For what is no regular file, or no container of videos.
    """
    kind = kind_of(path)
    if kind is not None:
        raise ValueError(f'it is a {kind}, no file of a video')
    with open(path, 'rb') as file:
        head = file.read(512)
    found = _container(head)
    if found is None:
        begins = f'it begins with {head[:16]!r}' if head else 'it is empty'
        raise ValueError(
            f'{begins}, and is no MP4, MOV, MKV, WebM, AVI, MPEG, TS, FLV, '
            'WMV or Ogg file. Of a playlist give the videos that it names; '
            f'another video, {RE_ENCODE}'
        )
    return found


def _container(head: bytes) -> Optional[str]:
    if head[4:8] in _MP4_BOXES:
        return 'mov'
    if head[:4] == b'RIFF' and head[8:11] == b'AVI':
        return 'avi'
    for first, length in ((0, 188), (4, 192)):  # packets, with a time or not
        if head[first::length][:2] == b'GG':
            return 'mpegts'
    for name, beginning in _BEGINNINGS:
        if head.startswith(beginning):
            return name
    return None


@contextmanager
def _told(part: str) -> Iterator[None]:
    """Say of a fault of FFmpeg or ours where in the video it is."""
    try:
        yield
    except av.FFmpegError as error:
        raise ValueError(
            f'{part} cannot be decoded ({error.strerror}): {RE_ENCODE}'
        ) from error
    except ValueError as error:
        raise ValueError(f'{part}: {error}; {RE_ENCODE}') from error


class _Packet(NamedTuple):
    """What is known of a frame before it is decoded."""

    time: Optional[int]  # when it is shown
    is_key: bool
    is_hidden: bool  # decoded for others alone
    is_small: bool  # stands for a frame of the packet before it


class VideoFile:
    """Frames of a video by their number, one at a time in memory.

    To count them, packets alone are read; where DivX or XviD packed two
    frames into one, as in UCF101, they are decoded. Frames in ascending order
    are decoded once; a distant one is sought from the key frame before it, if
    the packets say when it is shown. No other file is opened. A copy in
    another process opens it again.

    Args:
        path (str): The file.

    Raises:
        ValueError: If it is no video that can be read, says why.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._format = check_video(path)
        self._opened: Optional[Tuple[BinaryIO, InputContainer]] = None
        self._size: Optional[Tuple[int, int]] = None  # of its first frame
        self._at = -1  # number of the last frame
        self._image = np.empty(0, np.uint8)  # that frame
        with _told('its header'):
            self._index()

    def __len__(self) -> int:
        return len(self._times)

    def __getstate__(self) -> dict:
        state = {**self.__dict__, '_opened': None, '_image': None}
        return {k: v for k, v in state.items() if k not in _DECODING}

    def read(self, numbers: Sequence[int]) -> List[np.ndarray]:
        """Frames by their numbers.

        Args:
            numbers (Sequence[int]): In ``[0, len(self))``.

        Returns:
            list[np.ndarray]: ``[H, W, 3]`` each, RGB, uint8.

        Raises:
            ValueError: If one cannot be decoded.
        """
        return [self._frame(int(number)) for number in numbers]

    def close(self) -> None:
        """Close the file until a frame is asked for."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened[1].close()
            opened[0].close()

    def _open(self) -> Tuple[InputContainer, VideoStream]:
        self.close()
        file = open(self.path, 'rb')
        options = dict(protocol_whitelist='none')  # none opens another file
        container = av.open(file, 'r', self._format, options)
        self._opened = file, container
        if not container.streams.video:
            raise ValueError('there are no pictures in it')
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise ValueError('FFmpeg has no decoder of its codec')
        # As many videos as there are cores are decoded at once.
        stream.codec_context.thread_count = 1
        return container, stream

    def _index(self) -> None:
        """Find when each frame is shown, and which are key frames."""
        container, stream = self._open()
        self.width, self.height = stream.width, stream.height
        if not 0 < self.width * self.height <= MAX_PIXELS:
            raise ValueError(
                f'frames of {self.width} x {self.height} px, of which at '
                f'most {MAX_PIXELS} are read'
            )
        self.fps = float(stream.average_rate or 0)
        codec = stream.codec.name
        packets = [
            _Packet(
                packet.pts,
                packet.is_keyframe,
                packet.is_discard,
                packet.size <= PLACEHOLDER,
            )
            for packet in container.demux(stream)
            if packet.size
        ]
        self.close()
        if self._format == 'mov' and len(packets) < stream.frames:
            raise ValueError(
                f'the file is cut: {len(packets)} of {stream.frames} frames '
                'are in it'
            )
        # A decoder has nothing to begin with before the first key frame.
        begun = dropwhile(lambda packet: not packet.is_key, packets)
        packets = [packet for packet in begun if not packet.is_hidden]
        if not packets:
            raise ValueError('there is no frame in it')
        if codec == 'mpeg4' and any(p.is_small for p in packets):
            packets = self._decoded()
        times = [p.time for p in packets if p.time is not None]
        self._timed = len(set(times)) == len(packets)
        self._times = np.sort(times) if self._timed else np.empty(len(packets))
        keys = [p.time for p in packets if p.is_key and p.time is not None]
        self._keys = np.searchsorted(self._times, np.sort(keys))

    def _decoded(self) -> List[_Packet]:
        """One entry for each frame where packets do not tell them apart."""
        container, stream = self._open()
        count = sum(1 for _ in container.decode(stream))
        self.close()
        return [_Packet(None, False, False, False)] * count

    def _frame(self, number: int) -> np.ndarray:
        if number == self._at and self._opened:
            return self._image
        with _told(f'frame {number} of {len(self)}'):
            frame = self._timed_frame(number) if self._timed else None
            if frame is None:
                frame = self._counted_frame(number)
            self._image, self._at = self._picture(frame), number
        return self._image

    def _begin(self) -> None:
        container, stream = self._open()
        self._frames = container.decode(stream)
        self._colours = VideoReformatter()
        self._at = -1

    def _timed_frame(self, number: int) -> Optional[VideoFrame]:
        """A frame by its time; None, and no other, if that fails."""
        if not self._opened or number < self._at:
            self._begin()
        before = np.searchsorted(self._keys, number, 'right')
        key = self._keys[before - 1] if before else 0
        if self._opened and key > self._at + SKIP:
            container = self._opened[1]
            stream = container.streams.video[0]
            container.seek(int(self._times[key]), stream=stream)
            self._frames = container.decode(stream)
        for frame in self._frames:
            if frame.pts is None or frame.pts > self._times[number]:
                break
            if frame.pts == self._times[number]:
                return frame
        self._timed = False
        self._begin()
        return None

    def _counted_frame(self, number: int) -> VideoFrame:
        if not self._opened or number < self._at:
            self._begin()
        coming = islice(self._frames, number - self._at - 1, None)
        frame = next(coming, None)
        if frame is None:
            raise ValueError('the file ends before it')
        return frame

    def _picture(self, frame: VideoFrame) -> np.ndarray:
        size = frame.width, frame.height
        self._size = self._size or size
        if size != self._size:
            raise ValueError(f'it is {size} px, the first one {self._size} px')
        image = self._colours.reformat(frame, format='rgb24').to_ndarray()
        turns = frame.rotation // 90 % 4  # as the camera was held
        return np.ascontiguousarray(np.rot90(image, turns))

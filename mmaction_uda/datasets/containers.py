"""What a file is, before a decoder sees it."""

import os
import stat
from typing import Optional

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

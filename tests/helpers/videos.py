"""Video files of any codec and size, and what only looks like one."""

import os
import socket
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

ROTATED = np.array([0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30], '>i4')


def write_video(
    path, frames: np.ndarray, codec: str = 'libx264', times=None, **options
) -> None:
    """Encode frames ``[T, H, W, 3]``, RGB, in the container of the ending.

    Args:
        path (str): The file.
        frames (np.ndarray): The frames.
        codec (str): Of FFmpeg.
        times (Sequence[int], optional): When each is shown, in 1/1000 s; by
            default 25 a second.
        options: Of the codec; ``pix_fmt`` is ``yuv420p``; ``movflags`` of
            the container.
    """
    height, width = frames.shape[1:3]
    pix_fmt = options.pop('pix_fmt', 'yuv420p')
    flags = {k: options.pop(k) for k in ('movflags',) if k in options}
    with av.open(str(path), 'w', options=flags) as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, frame in enumerate(frames):
            array = np.ascontiguousarray(frame)
            picture = av.VideoFrame.from_ndarray(array, format='rgb24')
            if times is not None:
                picture.pts = times[number]
                picture.time_base = Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def pack_frames(source, target) -> None:
    """Copy an AVI of MPEG-4, as DivX and XviD wrote it: packed.

    A frame that is shown before the one it needs lies in the packet of that
    one, and a few bytes in its place; as in UCF101 such packets also end the
    file.
    """
    begin = b'\0\0\1\xb6'  # of a frame; 2 bits of what kind follow
    empty = begin + b'\x50\x4f'  # not coded
    packed = []
    with av.open(str(source)) as old, av.open(str(target), 'w') as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        for packet in old.demux(stream):
            data = bytes(packet)
            if not packed:  # says how it is written
                data = data.replace(begin, b'\0\0\1\xb2DivX503b1p' + begin, 1)
            if data and data[data.index(begin) + 4] >> 6 == 2:
                packed[-1] += data
                data = empty
            packed.append(data or empty)
        for number, data in enumerate([*packed, empty]):
            packet = av.Packet(data)
            packet.stream, packet.time_base = copy, stream.time_base
            packet.pts = packet.dts = number
            packet.is_keyframe = not number
            new.mux(packet)


def write_film(path, num_frames: int, height: int, width: int) -> None:
    """A long film of few bytes: a square on its way over noise."""
    noise = np.random.default_rng(0).integers(0, 64, (height, width, 3))
    frames = np.repeat(noise[None].astype(np.uint8), 16, 0)
    for t, frame in enumerate(frames):
        frame[8:24, 2 * t : 2 * t + 16] = 200
    options = dict(preset='ultrafast', crf='30')
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=25, options=options)
        stream.width, stream.height = width, height
        stream.pix_fmt = 'yuv420p'
        for t in range(num_frames):
            picture = av.VideoFrame.from_ndarray(frames[t % 16], 'rgb24')
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def rotate(path) -> None:
    """Let the header of an mp4 say that the camera was held upright."""
    data = bytearray(Path(path).read_bytes())
    matrix = data.index(b'tkhd') + 4 + 40
    data[matrix : matrix + 36] = ROTATED.tobytes()
    Path(path).write_bytes(data)


def write_sound(path) -> None:
    """An mp4 without pictures."""
    with av.open(str(path), 'w', format='mp4') as container:
        stream = container.add_stream('aac', rate=8000, layout='mono')
        silence = np.zeros((1, 8000), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, 'fltp', 'mono')
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def write_no_videos(folder: Path, address: str) -> dict:
    """Things named ``*.mp4`` that are none, and what to say of each.

    Args:
        folder (Path): Where they go.
        address (str): What playlists name.
    """
    write_video(folder / 'whole.mp4', np.zeros((9, 32, 32, 3), np.uint8))
    whole = (folder / 'whole.mp4').read_bytes()
    texts = dict(
        m3u8=f'#EXTM3U\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n',
        concat="ffconcat version 1.0\nfile 'whole.mp4'\n",
        sdp=f'v=0\no=- 0 0 IN IP4 127.0.0.1\nu={address}\n',
        dash=f'<?xml version="1.0"?><MPD><BaseURL>{address}</BaseURL></MPD>',
        page='<html>404 not found</html>',
    )
    said = {f'{name}.mp4': 'it begins with' for name in texts}
    for name, text in texts.items():
        (folder / f'{name}.mp4').write_text(text)
    (folder / 'empty.mp4').touch()
    (folder / 'half.mp4').write_bytes(whole[: len(whole) // 2])
    (folder / 'image.mp4').write_bytes(b'\x89PNG\r\n\x1a\n' + bytes(99))
    write_sound(folder / 'sound.mp4')
    os.mkfifo(folder / 'pipe.mp4')
    (folder / 'folder.mp4').mkdir()
    (folder / 'device.mp4').symlink_to('/dev/zero')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / 'socket.mp4'))
    return said | {
        'empty.mp4': 'it is empty',
        'half.mp4': 'its header',
        'image.mp4': 'PNG',
        'sound.mp4': 'no pictures',
        'pipe.mp4': 'named pipe',
        'folder.mp4': 'folder',
        'device.mp4': 'device',
        'socket.mp4': 'socket',
    }

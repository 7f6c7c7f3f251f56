"""Every kind of file that is called a video: read, or refused by name.

Through tools/infer.py and through the extraction of a list; none hangs, ends
in a traceback, or is taken for what it is not.
"""

import json
import os
import shutil
import socket
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.data import moving_square
from helpers.forked import run
from helpers.runs import make_runner
from helpers.videos import rotate, write_sound, write_video

FRAMES = moving_square(3, 20)
LIST = Path('data/demo/seed0_distractors0/target_train.txt')
INFER = ('infer.py', 'config.py', 'model.pth')
LIMIT = 120  # seconds


def encoded(frames=FRAMES, **options):
    """A kind that is written so."""
    return lambda path: write_video(path, frames, **options)


def as_upright(path: Path) -> None:
    write_video(path, FRAMES)
    rotate(path)


def as_matroska(path: Path) -> None:
    write_video(path.with_suffix('.mkv'), FRAMES)
    path.with_suffix('.mkv').rename(path)


def as_link(path: Path) -> None:
    write_video(path.with_suffix('.avi'), FRAMES, 'mpeg4')
    path.symlink_to(path.with_suffix('.avi').name)


UNEVEN = np.cumsum(np.arange(20) % 7 * 13 + 20).tolist()
READ = {  # by their names; the demo's net takes multiples of 16 px
    'one frame.mp4': encoded(FRAMES[:1]),
    'two_frames.mp4': encoded(FRAMES[:2]),
    'grey.mp4': encoded(pix_fmt='gray'),
    'ten_bits.mp4': encoded(pix_fmt='yuv420p10le'),
    'all_colours.mp4': encoded(pix_fmt='yuv444p'),
    'width_80.mp4': encoded(np.pad(FRAMES, [(0, 0), (0, 0), (8, 8), (0, 0)])),
    'uneven.mp4': encoded(times=UNEVEN),
    'late.mp4': encoded(times=[9000 + 40 * i for i in range(20)]),
    'xvid.mp4': encoded(codec='mpeg4'),
    'index_first.mp4': encoded(movflags='faststart'),
    'in_fragments.mp4': encoded(movflags='frag_keyframe+empty_moov'),
    'no_sound.avi': encoded(codec='mjpeg', pix_fmt='yuvj420p'),
    'upright.mp4': as_upright,
    'matroska.mp4': as_matroska,
    'link.mp4': as_link,
    "it's.mp4": encoded(),
    'two\nlines.mp4': encoded(),
    'видео_動画_é.mp4': encoded(),
}


def cut(share: float, **options):
    def write(path: Path) -> None:
        write_video(path, FRAMES, **options)
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])

    return write


def changed(old: bytes, new: bytes, **options):
    """A whole file but for these bytes."""

    def write(path: Path) -> None:
        write_video(path, FRAMES, **options)
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return write


def holding(content: bytes):
    return lambda path: path.write_bytes(content)


def without_frames(path: Path) -> None:
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        container.start_encoding()


def in_a_circle(path: Path) -> None:
    path.symlink_to(path.name)


def folder_in_itself(path: Path) -> None:
    path.mkdir()
    (path / 'inner').symlink_to('..')


def as_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


BOX = struct.pack('>I4sQ', 1, b'moov', 1 << 60)  # of an exabyte
MP4 = b'\0\0\0\x18ftypisom\0\0\2\0isomiso2mp41'
FILES = dict(  # told from their content
    empty=holding(b''),
    one_byte=holding(b'\0'),
    zeros=holding(bytes(1 << 16)),
    noise=holding(np.random.default_rng(0).bytes(1 << 16)),
    text=holding(b'no video\n'),
    page=holding(b'<!DOCTYPE html><html>404</html>'),
    program=holding(b'#!/bin/sh\ntouch executed\n'),
    playlist=holding(b'#EXTM3U\n#EXTINF:1,\n/etc/passwd\n'),
    image=holding(b'\x89PNG\r\n\x1a\n' + bytes(99)),
    archive=holding(b'PK\3\4' + bytes(99)),
    cut=cut(0.5),
    cut_early=cut(0.02),
    cut_behind_its_index=cut(0.7, movflags='faststart'),
    no_index=changed(b'moov', b'none'),
    no_track=changed(b'trak', b'none'),
    no_samples=changed(b'stsz', b'none', movflags='faststart'),
    huge_index=holding(MP4 + BOX + bytes(99)),
    no_frames=without_frames,
    sound=write_sound,
)
OTHERS = dict(  # told from what they are
    pipe=os.mkfifo,
    folder=Path.mkdir,
    folder_in_itself=folder_in_itself,
    socket=as_socket,
    device=lambda path: path.symlink_to('/dev/zero'),
    circle=in_a_circle,
    dangling=lambda path: path.symlink_to('nothing'),
    long_name=lambda path: None,
)


def place(name: str) -> Path:
    """Where a bad video goes."""
    return Path(f'{"n" * 300 if name == "long_name" else name}.mp4')


@pytest.fixture
def folder(make_config, tmp_path) -> Path:
    cfg = make_config('source_only_demo')
    cfg.dump('config.py')
    make_runner(cfg).save_checkpoint(
        '.', 'model.pth', save_optimizer=False, save_param_scheduler=False
    )
    return tmp_path


def errors(folder: Path, code: int) -> str:
    """What a tool said, whose errors are lines."""
    said = (folder / 'tool.log').read_text()
    assert code == 2, said
    assert 'Traceback' not in said and 'Error:' not in said, said
    return said.partition('error: ')[2]


def test_videos_of_any_kind(folder, record_property):
    for name, write in READ.items():
        write(Path(name))
    code = run(folder, *INFER, *READ, '--out', 'scores.json', limit=LIMIT)
    assert code == 0, (folder / 'tool.log').read_text()
    found = json.loads(Path('scores.json').read_text())
    assert [*found] == [*READ]
    for scores in found.values():
        assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    record_property('tried: kinds of videos', len(READ))


def test_files_that_are_no_videos(folder, record_property):
    """Each in a line of its own; a good one among them gets its label."""
    for name, write in FILES.items():
        write(place(name))
    write_video('good.mp4', FRAMES)
    names = [str(place(name)) for name in FILES]
    code = run(folder, *INFER, *names, 'good.mp4', limit=LIMIT)
    said = errors(folder, code)
    lines = [line.strip() for line in said.splitlines()]
    starts = [line.partition(': ')[0] for line in lines]
    assert [name for name in names if starts.count(name) != 1] == [], said
    assert len((folder / 'tool.log').read_text().split('good.mp4 ')) == 2
    assert not Path('executed').exists()
    record_property('tried: kinds of videos', len(FILES))


def test_what_is_no_file(folder, record_property):
    for name, write in OTHERS.items():
        write(place(name))
    names = [str(place(name)) for name in OTHERS]
    said = errors(folder, run(folder, *INFER, *names, limit=LIMIT))
    assert [name for name in names if name not in said] == [], said
    assert len(said.splitlines()) == len(names)
    record_property('tried: kinds of videos', len(OTHERS))


@pytest.mark.full
@pytest.mark.parametrize('kinds', [FILES, OTHERS], ids=['files', 'others'])
def test_in_a_list(folder, kinds, record_property):
    """All are named before anything is extracted or trained."""
    root = LIST.parent
    first, *lines = LIST.read_text().splitlines()
    with LIST.open('w') as file:
        for line, write in zip(lines, kinds.values()):
            video = root / line.split()[0]
            video.unlink()
            write(video)
        file.write('\n'.join([first, *lines]))
    shutil.rmtree(root / 'features')
    code = run(folder, 'train.py', 'config.py', limit=LIMIT)
    said = errors(folder, code)
    named = [line.split()[0] for line in lines[: len(kinds)]]
    # Of those that are missing or no files, the first ones alone.
    shown = [name for name in named if name in said]
    assert len(shown) >= (len(named) if kinds is FILES else 4), said
    assert not list(folder.rglob('*.pth'))[1:]
    record_property('tried: kinds of videos', len(kinds))

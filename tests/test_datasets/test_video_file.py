"""Files are read as decord reads them, and what is no video is named."""

import pickle
import socket

import av
import decord
import numpy as np
import pytest
from helpers.data import moving_square
from helpers.videos import pack_frames, rotate, write_no_videos, write_video

from mmaction_uda.datasets.video_file import VideoFile, check_video

FRAMES = moving_square(0, 30)
READ = dict(  # file, codec and its options, size
    plain=('a.mp4', 'libx264', {}, (48, 64)),
    keys=('a.mp4', 'libx264', dict(g='6', bf='2'), (48, 64)),
    odd=('a.mp4', 'libx264', dict(pix_fmt='yuv444p'), (31, 33)),
    width_66=('a.mp4', 'libx264', {}, (48, 66)),
    hevc=('a.mp4', 'libx265', {}, (48, 64)),
    xvid=('a.avi', 'mpeg4', dict(bf='2'), (48, 64)),
    jpeg=('a.avi', 'mjpeg', dict(pix_fmt='yuvj420p'), (48, 64)),
    vp9=('a.webm', 'libvpx-vp9', {}, (48, 64)),
    grey=('a.mkv', 'libx264', dict(pix_fmt='gray'), (48, 64)),
    mpeg=('a.mpg', 'mpeg2video', {}, (48, 64)),
    windows=('a.wmv', 'wmv2', {}, (48, 64)),
    flash=('a.flv', 'flv1', {}, (48, 64)),
)


def frames_of(size) -> np.ndarray:
    height, width = size
    padded = np.pad(FRAMES, ((0, 0), (0, 0), (0, 8), (0, 0)), 'edge')
    return padded[:, :height, :width]


def all_of(path) -> np.ndarray:
    video = VideoFile(str(path))
    return np.stack(video.read(range(len(video))))


def by_decord(path) -> np.ndarray:
    reader = decord.VideoReader(str(path), num_threads=1)
    return reader.get_batch(range(len(reader))).asnumpy()


def test_frames_that_are_packed_are_all_of_them(tmp_path):
    """Decord counts packets, and gives the last frame more than once."""
    plain, packed = str(tmp_path / 'plain.avi'), str(tmp_path / 'packed.avi')
    write_video(plain, FRAMES, 'mpeg4', bf='1')
    pack_frames(plain, packed)
    found = all_of(packed)
    assert np.array_equal(found, all_of(plain))
    by_packets = by_decord(packed)
    assert len(by_packets) == 32 and len(found) == 30
    assert np.array_equal(found, by_packets[:30])
    numbers = [29, 3, 3, 17, 0, 28, 29, 11]
    assert np.array_equal(VideoFile(packed).read(numbers), found[numbers])


@pytest.mark.parametrize('name', READ)
def test_frames_are_those_of_decord(name, tmp_path):
    file, codec, options, size = READ[name]
    write_video(tmp_path / file, frames_of(size), codec, **options)
    found = all_of(tmp_path / file)
    assert found.shape == (30, *size, 3)
    assert np.array_equal(found, by_decord(tmp_path / file))
    # In any order, also in another process.
    numbers = [29, 3, 3, 17, 0, 28, 29, 11]
    video = VideoFile(str(tmp_path / file))
    for reader in (video, pickle.loads(pickle.dumps(video))):
        assert np.array_equal(reader.read(numbers), found[numbers])


@pytest.mark.parametrize('times', ['late', 'uneven'])
def test_times_do_not_matter(times, tmp_path):
    shown = np.arange(30) * 40 + 5000
    if times == 'uneven':
        shown = np.cumsum(np.arange(30) % 7 * 13 + 20)
    write_video(tmp_path / 'a.mp4', FRAMES, times=shown.tolist())
    found = all_of(tmp_path / 'a.mp4')
    assert len(found) == 30
    assert np.array_equal(found, by_decord(tmp_path / 'a.mp4'))


def test_a_film_of_a_camera_held_upright(tmp_path):
    write_video(tmp_path / 'a.mp4', FRAMES[:, :40])
    flat = all_of(tmp_path / 'a.mp4')
    rotate(tmp_path / 'a.mp4')
    found = all_of(tmp_path / 'a.mp4')
    assert np.array_equal(found, np.rot90(flat, 3, (1, 2)))
    assert np.array_equal(found, by_decord(tmp_path / 'a.mp4'))


@pytest.mark.parametrize(
    'codec, width', [('libsvtav1', 64), ('libx264', 72), ('libx264', 48)]
)
def test_what_decord_does_not_read(codec, width, tmp_path):
    frames = frames_of((48, 72))[:, :, :width]
    blurred = frames // 32 * 32  # kind to encoders
    write_video(tmp_path / 'a.mp4', blurred, codec, crf='10')
    found = all_of(tmp_path / 'a.mp4').astype(int)
    assert found.shape == (30, 48, width, 3)
    assert np.abs(found - blurred).mean() < 12
    with pytest.raises(decord.DECORDError):
        by_decord(tmp_path / 'a.mp4')


def test_what_is_no_video(tmp_path, monkeypatch):
    """Each is named; no address and no other file is opened."""
    monkeypatch.chdir(tmp_path)
    with socket.socket() as server:
        server.bind(('localhost', 0))
        server.listen()
        server.setblocking(False)
        address = f'http://localhost:{server.getsockname()[1]}/x.ts'
        said = write_no_videos(tmp_path, address)
        for name, part in said.items():
            with pytest.raises(ValueError, match=part):
                VideoFile(name)
        with pytest.raises(BlockingIOError):
            server.accept()
    with pytest.raises(FileNotFoundError):
        VideoFile('none.mp4')


@pytest.mark.parametrize('cut', [0.5, 0.9])
def test_data_behind_a_whole_header_are_cut(cut, tmp_path):
    """Whose index comes first promises frames that are not there."""
    file = tmp_path / 'a.mp4'
    write_video(file, FRAMES, movflags='faststart')
    file.write_bytes(file.read_bytes()[: int(cut * file.stat().st_size)])
    with pytest.raises(ValueError, match=r'is cut: \d+ of 30 .*encode it: ff'):
        VideoFile(str(file))


def test_data_in_the_middle_are_damaged(tmp_path):
    file = tmp_path / 'a.mp4'
    write_video(file, FRAMES)
    with av.open(str(file)) as container:
        places = [packet.pos for packet in container.demux() if packet.size]
    data = bytearray(file.read_bytes())
    data[places[20] : places[20] + 4] = b'\xff' * 4  # the size of a unit
    file.write_bytes(data)
    video = VideoFile(str(file))
    assert len(video) == 30
    with pytest.raises(ValueError, match=r'frame \d+ of 30 .*encode it: ff'):
        video.read(range(30))


def test_the_container_is_known_by_its_first_bytes(tmp_path):
    write_video(tmp_path / 'a.mkv', FRAMES[:2])
    (tmp_path / 'a.mkv').rename(tmp_path / 'a.mp4')
    assert check_video(str(tmp_path / 'a.mp4')) == 'matroska'
    write_video(tmp_path / 'a.ts', FRAMES[:2], 'mpeg2video')
    assert check_video(str(tmp_path / 'a.ts')) == 'mpegts'
    assert len(all_of(tmp_path / 'a.ts')) == 2

"""Optical flow: sign, size, 8-bit code, and files that MMAction2 reads."""

import importlib.util
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.configs import ROOT
from helpers.runs import run_tool
from mmaction.registry import DATASETS, TRANSFORMS
from mmcv.transforms import Compose

from mmaction_uda.datasets.flow import compute_flow
from mmaction_uda.datasets.rendered.video import write_mp4


def moving_texture(step, num_frames=6, size=64, seed=0) -> np.ndarray:
    """Frames ``[T, size, size, 3]`` whose content moves by ``step`` (x, y)."""
    rng = np.random.default_rng(seed)
    wall = cv2.GaussianBlur(rng.random((160, 160, 3)), (0, 0), 1.5)
    wall = 255 * (wall - wall.min()) / (wall.max() - wall.min())
    frames = []
    for t in range(num_frames):
        x, y = 48 - t * step[0], 48 - t * step[1]
        frames.append(wall[y : y + size, x : x + size])
    return np.stack(frames).astype(np.uint8)


def inner(flow: np.ndarray) -> np.ndarray:
    """Median of each frame, away from the borders, ``[T, 2]``."""
    return np.median(flow[:, 12:-12, 12:-12], axis=(1, 2))


def results(frames, num_clips=1) -> dict:
    """What a decoder leaves."""
    return dict(
        imgs=list(frames),
        clip_len=len(frames) // num_clips,
        num_clips=num_clips,
        modality='RGB',
        img_shape=frames[0].shape[:2],
    )


def build(**kwargs):
    return TRANSFORMS.build(dict(type='ComputeFlow', **kwargs))


# -- values -----------------------------------------------------------------
@pytest.mark.parametrize('algorithm', ['dis', 'tvl1'])
@pytest.mark.parametrize('step', [(3, 0), (0, -2), (-2, 1)])
def test_known_translation(algorithm, step):
    """Right and down are positive; 8 px a frame are 127.5."""
    found = compute_flow(moving_texture(step), algorithm, bound=8)
    assert found.dtype == np.uint8 and found.shape == (6, 64, 64, 2)
    wanted = 127.5 + 127.5 * np.array(step) / 8
    assert np.abs(inner(found) - wanted).max() <= 2


def test_code_is_rounded_and_clipped():
    frames = moving_texture((3, 1))
    grey = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in frames]
    method = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    for bound in (20, 2):
        found = compute_flow(frames, bound=bound)
        for t in range(5):
            flow = method.calc(grey[t], grey[t + 1], None).astype(float)
            code = np.floor(127.5 + 127.5 * flow / bound + 0.5)
            error = np.abs(found[t] - np.clip(code, 0, 255))
            assert error.max() <= 1 and (error > 0).mean() < 1e-2  # halves
    assert (inner(found)[:, 0] == 255).all()  # 3 px, bound 2


def test_ends_of_a_clip():
    """The last frame repeats; what does not move is 128, 127.5 rounded."""
    found = compute_flow(moving_texture((2, 0)))
    assert np.array_equal(found[-1], found[-2])
    assert (found[0] != found[1]).any()
    assert (compute_flow(moving_texture((2, 0))[:1]) == 128).all()


def test_flow_stays_inside_a_clip():
    clips = moving_texture((2, 0)), moving_texture((-3, 0), seed=1)
    found = build(bound=8)(results(np.concatenate(clips), 2))['imgs']
    alone = [build(bound=8)(results(clip))['imgs'] for clip in clips]
    assert np.array_equal(found, np.concatenate(alone))
    means = inner(np.stack(found))[:, 0]
    assert (means[:6] > 150).all() and (means[6:] < 90).all()


def test_threads_change_nothing():
    frames = moving_texture((3, 1), num_frames=2, size=100)
    before = cv2.getNumThreads()
    try:
        found = []
        for number in (0, 1, 3):
            cv2.setNumThreads(number)
            found.append(compute_flow(frames))
    finally:
        cv2.setNumThreads(before)
    assert all(np.array_equal(found[0], other) for other in found)


# -- in a pipeline ----------------------------------------------------------
@pytest.mark.parametrize('keep_rgb', [False, True])
def test_shapes(keep_rgb):
    frames = np.concatenate([moving_texture((2, 0)), moving_texture((1, 0))])
    pipeline = Compose(
        [
            dict(type='ComputeFlow', keep_rgb=keep_rgb),
            dict(type='FormatShape', input_format='NCTHW'),
        ]
    )
    found = pipeline(results(frames, 2))
    channels = 5 if keep_rgb else 2
    assert found['imgs'].shape == (2, channels, 6, 64, 64)
    assert found['imgs'].dtype == np.uint8
    assert found['modality'] == ('RGB' if keep_rgb else 'Flow')
    flow = np.stack([compute_flow(frames[:6]), compute_flow(frames[6:])])
    assert np.array_equal(found['imgs'][:, -2:], flow.transpose(0, 4, 1, 2, 3))
    if keep_rgb:
        rgb = frames.reshape(2, 6, 64, 64, 3).transpose(0, 4, 1, 2, 3)
        assert np.array_equal(found['imgs'][:, :3], rgb)


def test_flow_of_a_flipped_video():
    """Behind Flip, x changes its sign and y does not."""
    flip = dict(type='Flip', flip_ratio=1.0)
    pipeline = Compose([flip, dict(type='ComputeFlow', bound=8)])
    found = np.stack(pipeline(results(moving_texture((3, 1))))['imgs'])
    wanted = 127.5 + 127.5 * np.array([-3, 1]) / 8
    assert np.abs(inner(found) - wanted).max() <= 2


def test_bad_input(monkeypatch):
    with pytest.raises(ValueError, match='bound must be > 0.*got 0'):
        build(bound=0)
    with pytest.raises(ValueError, match="algorithm.*'farneback'"):
        build(algorithm='farneback')
    two_channels = results(moving_texture((1, 0))[..., :2])
    with pytest.raises(ValueError, match='between the decoder'):
        build()(two_channels)
    odd = dict(results(moving_texture((1, 0))), clip_len=4)
    with pytest.raises(ValueError, match='got 6 frames'):
        build()(odd)
    monkeypatch.delattr(cv2, 'optflow')
    with pytest.raises(ImportError, match='opencv-contrib-python'):
        build(algorithm='tvl1')


# -- files ------------------------------------------------------------------
STEPS = {'to right': (3, 0), 'up': (0, -2)}


@pytest.fixture
def videos(tmp_path, monkeypatch) -> None:
    """Two videos whose motion is known, in one list with two bad ones."""
    monkeypatch.chdir(tmp_path)
    lines = []
    for label, (name, step) in enumerate(STEPS.items()):
        Path('videos/a').mkdir(parents=True, exist_ok=True)
        frames = moving_texture(step, num_frames=9)
        write_mp4(frames[..., ::-1], f'videos/a/{name}.mp4', 0)
        lines.append(f'a/{name}.mp4 {label}\n')
    Path('videos/broken.mp4').write_bytes(b'no video')
    lines[1:1] = ['broken.mp4 0\n', 'absent.mp4 1\n']
    Path('list.txt').write_text(''.join(lines))


def run(*args, fails=True) -> str:
    return run_tool(
        'data/extract_flow.py',
        *('list.txt', 'out', '--root', 'videos', '--bound', 8, *args),
        fails=fails,
    )


def read(modality: str, tmpl: str) -> list:
    """All frames of the videos, as MMAction2 reads them."""
    dataset = DATASETS.build(
        dict(
            type='RawframeDataset',
            ann_file='out/list.txt',
            data_prefix=dict(img='out'),
            filename_tmpl=tmpl,
            modality=modality,
            pipeline=[
                dict(type='SampleFrames', clip_len=9, num_clips=1),
                dict(type='RawFrameDecode'),
                dict(type='FormatShape', input_format='NCTHW'),
            ],
        )
    )
    return [dataset[i] for i in range(len(dataset))]


def decoded(name: str) -> list:
    """Frames of a video, as MMAction2 decodes them."""
    pipeline = Compose(
        [
            dict(type='VideoInit'),
            dict(type='AllFrames'),
            dict(type='VideoDecode'),
        ]
    )
    return pipeline(dict(filename=name, start_index=0, modality='RGB'))


def test_mmaction_reads_what_was_written(videos):
    output = run()
    faults = output.partition('cannot be read:')[2]
    assert 'broken.mp4: ' in faults and 'absent.mp4: ' in faults
    assert 'right' not in faults and 'Traceback' not in output
    listed = Path('out/list.txt').read_text()
    assert listed == 'a/to right 9 0\na/up 9 1\n'
    assert len(list(Path('out/a/up').glob('*.jpg'))) == 3 * 9

    rgb = read('RGB', 'img_{:05}.jpg')
    flow = read('Flow', 'flow_{}_{:05d}.jpg')
    for label, (name, step) in enumerate(STEPS.items()):
        video = decoded(f'videos/a/{name}.mp4')
        assert flow[label]['label'] == label
        found = flow[label]['imgs'][0].transpose(1, 2, 3, 0).astype(int)
        wanted = 127.5 + 127.5 * np.array(step) / 8
        assert np.abs(inner(found) - wanted).max() <= 3
        # What ComputeFlow gives, but for JPEG.
        same = build(bound=8)(dict(video))['imgs']
        assert np.abs(found - same).mean() < 2
        frames = rgb[label]['imgs'][0].transpose(1, 2, 3, 0).astype(int)
        assert np.abs(frames - np.stack(video['imgs'])).mean() < 6


def test_resuming(videos):
    """A finished folder stays as it is; one left half written does not."""
    run()
    kept = Path('out/a/to right/img_00001.jpg')
    before = kept.stat().st_mtime_ns
    Path('out/a/up').rename('out/a/up.writing')
    Path('out/a/up.writing/flow_x_00009.jpg').unlink()
    run('--processes', 2)
    assert kept.stat().st_mtime_ns == before
    assert len(list(Path('out/a/up').glob('*.jpg'))) == 3 * 9
    assert not Path('out/a/up.writing').exists()
    shutil.copy('videos/a/up.mp4', 'videos/a/to right.mp4')
    Path('videos/a/up.mp4').touch()
    output = run()
    assert output.count('changed since its flow was made') == 1
    right, up = Path('out/a/to right'), Path('out/a/up')
    for file in up.glob('*.jpg'):
        assert (right / file.name).read_bytes() == file.read_bytes()
    # Flow of other settings is another folder's.
    output = run('--algorithm', 'tvl1')
    assert "holds flow of {'algorithm': 'dis', 'bound': 8.0}" in output


def test_nothing_is_written_outside(videos):
    Path('out').mkdir()
    Path('out/link').symlink_to(Path('videos').resolve())
    names = ['../b.mp4', '/tmp/c.mp4', 'link/d.mp4', 'a/up.mp4']
    Path('list.txt').write_text(''.join(f'{name} 0\n' for name in names))
    output = run()
    for name in names[:3]:
        assert f'error: {name[:-4]!r} would be written to' in output
    assert [path.name for path in Path('out').iterdir()] == ['link']


def test_chunks_change_nothing(videos, monkeypatch):
    spec = importlib.util.spec_from_file_location(
        'extract_flow', ROOT / 'tools/data/extract_flow.py'
    )
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    name = 'videos/a/to right.mp4'
    wanted = compute_flow(decoded(name)['imgs'], bound=8)
    for chunk in (1, 4, 5, 8, 64):
        monkeypatch.setattr(tool, 'CHUNK', chunk)
        pairs = list(tool.read_flow(name, 'dis', 8))
        assert np.array_equal([flow for _, flow in pairs], wanted), chunk

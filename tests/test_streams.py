"""Long videos are read piece by piece, and give the same tokens."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.configs import REDUCTION
from helpers.data import moving_square
from helpers.videos import write_film, write_video
from mmaction.registry import MODELS
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

from mmaction_uda.datasets import InPieces, decoding
from mmaction_uda.models.backbones.tokens import fitting
from mmaction_uda.streams import Stream

PREPROCESSOR = dict(
    type='UDADataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCTHW',
)
PACK = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
SMALL = [
    dict(type='Resize', scale=(-1, 40)),
    dict(type='CenterCrop', crop_size=32),
]
STAM = dict(type='STAM', **REDUCTION['STAM'])
BACKBONES = dict(
    clips=dict(backbone=dict(type='ShiftNet'), max_frames=20),
    window=dict(backbone=dict(type='ShiftNet'), window=dict(size=8, before=3)),
    strides=dict(
        backbone=dict(type='ShiftNet'),
        window=dict(size=4, stride=3, before=2, pool='flatten'),
    ),
    kept=dict(
        backbone=dict(type='ShiftNet'),
        window=dict(size=8, stride=8, pool=None),
    ),
    images=dict(backbone=dict(type='EfficientNetLite0'), max_frames=8),
    two_stages=dict(
        backbone=STAM, window=dict(size=8, before=3), max_frames=16
    ),
    whole=dict(
        backbone=dict(
            type='TimeSformer',
            num_frames=45,
            img_size=32,
            patch_size=16,
            num_transformer_layers=1,
            attention_type='divided_space_time',
        )
    ),
)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmaction')


def pipeline(*middle: dict, init='VideoInit', decode='VideoDecode') -> list:
    return [
        dict(type=init),
        dict(type='AllFrames'),
        dict(type=decode),
        *middle,
        *PACK,
    ]


def read(transform, file) -> dict:
    return transform(
        dict(filename=str(file), label=3, start_index=0, modality='RGB')
    )


def rows(stream: Stream, size: int) -> torch.Tensor:
    starts = range(0, len(stream), size)
    return torch.cat([stream[i : i + size] for i in starts])


def test_rows_of_a_stream_are_computed_once():
    computed = []

    def compute(start, stop):
        computed.append((start, stop))
        return torch.arange(start, stop)

    stream = Stream(10, compute, 4)
    assert stream[1:3].tolist() == [1, 2]
    assert stream[2:9].tolist() == list(range(2, 9))
    assert stream[8:].tolist() == [8, 9]
    assert computed == [(0, 4), (4, 8), (8, 10)]
    assert stream.map(lambda x: -x, 3)[7:9].tolist() == [-7, -8]
    assert stream[:1].tolist() == [0] and computed[3:] == [(4, 8), (0, 4)]


@pytest.mark.parametrize('num_frames', [1, 9, 12])
@pytest.mark.parametrize(
    'middle',
    [
        [],
        SMALL,
        [*SMALL, dict(type='ComputeFlow', bound=8)],
        [dict(type='ComputeFlow', bound=8, keep_rgb=True)],
    ],
    ids=['plain', 'resized', 'flow', 'two streams'],
)
def test_pieces_are_what_the_host_reads(
    middle, num_frames, tmp_path, monkeypatch
):
    """A last piece of one frame as well, whose flow is that before it."""
    file = tmp_path / 'a.mp4'
    write_video(file, moving_square(1, num_frames))
    host = pipeline(*middle, init='DecordInit', decode='DecordDecode')
    expected = read(Compose(host), file)
    monkeypatch.setattr(decoding, 'PIECE', 4)
    pieces = InPieces(pipeline(*middle))
    item = read(pieces, file)
    assert torch.equal(item['inputs'], expected['inputs'])
    assert item['data_samples'].gt_label.item() == 3
    monkeypatch.setattr(decoding, 'WHOLE_BYTES', 0)
    stream = pickle.loads(pickle.dumps(read(pieces, file)['inputs']))
    assert isinstance(stream, Stream)
    frames = rows(stream, 5).transpose(0, 1)[None]
    assert torch.equal(frames, expected['inputs'])


def test_what_needs_all_frames_has_a_limit(tmp_path, monkeypatch):
    write_video(tmp_path / 'a.mp4', moving_square(1, 12))
    flipped = InPieces(pipeline(dict(type='Flip', flip_ratio=0)))
    expected = read(InPieces(pipeline()), tmp_path / 'a.mp4')['inputs']
    monkeypatch.setattr(decoding, 'WHOLE_BYTES', 0)
    assert torch.equal(read(flipped, tmp_path / 'a.mp4')['inputs'], expected)
    monkeypatch.setattr(decoding, 'CLIPS_BYTES', 2**16)
    with pytest.raises(ValueError, match='12 frames of 64 x 48 px .*max_fra'):
        read(flipped, tmp_path / 'a.mp4')


# -- backbones --------------------------------------------------------------
@pytest.mark.parametrize('sample', [None, dict(num_frames=5, num_views=2)])
@pytest.mark.parametrize('name', BACKBONES)
def test_tokens_are_those_of_a_whole_clip(name, sample):
    """Bit for bit, all of them or those that views are drawn from.

    But where one net saw a whole clip, its parts differ by rounding.
    """
    settings = dict(BACKBONES[name], seed=0, sample=sample)
    backbone = MODELS.build(dict(type='FrozenBackbone', **settings)).eval()
    frames = torch.from_numpy(moving_square(2, 45)[:, :32, :32])
    frames = frames.permute(0, 3, 1, 2)
    whole = frames.transpose(0, 1)[None]
    stream = Stream(45, lambda start, stop: frames[start:stop], 7)
    preprocessor = MODELS.build(PREPROCESSOR)
    tokens = [
        backbone(preprocessor(dict(inputs=x, data_samples=[]))['inputs'])
        for x in ([whole], [stream], [stream, stream])
    ]
    assert tokens[0].std() > 0
    close = dict(rtol=0, atol=1e-6 if name == 'clips' else 0)
    torch.testing.assert_close(tokens[1], tokens[0], **close)
    assert torch.equal(tokens[2], tokens[1].repeat(2, 1, 1, 1))


def test_only_windows_that_a_view_takes_are_read():
    seen = []

    def compute(start, stop):
        seen.extend(range(start, stop))
        return torch.zeros(stop - start, 3, 32, 32)

    backbone = MODELS.build(
        dict(
            type='FrozenBackbone',
            backbone=dict(type='ShiftNet'),
            seed=0,
            window=dict(size=4, before=1),
            sample=dict(num_frames=2, num_views=1),
            max_frames=4,
        )
    ).eval()
    assert backbone([Stream(1000, compute, 4)]).shape == (1, 1, 2, 128)
    assert len(seen) < 40 and max(seen) > 740


def test_a_net_of_whole_clips_has_a_limit(monkeypatch):
    settings = dict(BACKBONES['whole'], seed=0)
    backbone = MODELS.build(dict(type='FrozenBackbone', **settings))
    stream = Stream(45, lambda a, b: torch.zeros(b - a, 3, 32, 32), 7)
    monkeypatch.setattr(fitting, 'CLIP_BYTES', 44 * 3 * 32 * 32 * 4)
    with pytest.raises(ValueError, match='at most 44 frames of 32 x 32 px'):
        backbone([stream])


# -- memory -----------------------------------------------------------------
def peak_of(function) -> float:
    """How many MB of memory a call takes at most, beside what it found."""

    def status(name: str) -> int:
        lines = Path('/proc/self/status').read_text().splitlines()
        (line,) = [line for line in lines if line.startswith(name)]
        return int(line.split()[1])

    Path('/proc/self/clear_refs').write_text('5')
    before = status('VmRSS')
    function()
    return (status('VmHWM') - before) / 1024


def test_memory_does_not_grow_with_length(tmp_path):
    """Whole, the longer film is 173 MB of bytes and 691 MB of floats."""
    reading = dict(type='ShiftNet', widths=(4, 8))
    backbone = MODELS.build(
        dict(type='FrozenBackbone', backbone=reading, seed=0)
    )
    preprocessor = MODELS.build(PREPROCESSOR)
    pieces = InPieces(pipeline())

    def tokens(file) -> np.ndarray:
        video = read(pieces, file)['inputs']
        assert isinstance(video, Stream)
        batch = preprocessor(dict(inputs=[video], data_samples=[]))
        return backbone(batch['inputs'])

    peaks = []
    for number in (1200, 3000):
        file = tmp_path / f'{number}.mp4'
        write_film(file, number, 120, 160)
        peaks.append(peak_of(lambda file=file: tokens(file)))
    assert max(peaks) < 250
    assert peaks[1] - peaks[0] < 40

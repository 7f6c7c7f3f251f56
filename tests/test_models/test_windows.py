"""Sliding windows against loops, and frames that are encoded only once."""

from itertools import product
from math import ceil
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from mmaction_uda.models.backbones import STAM
from mmaction_uda.models.backbones.tokens import (
    SlidingWindow,
    VideoReader,
    reading_of,
)


def randn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def naive_window(video: Tensor, fill: Tensor, first: int, size: int):
    """``size`` frames from ``first`` on, ``fill`` outside of the video."""
    numbers = range(first, first + size)
    return torch.stack(
        [video[t] if 0 <= t < len(video) else fill for t in numbers]
    )


def naive_tokens(read, frames, fill, size, stride, before, pool) -> Tensor:
    videos = []
    for video in frames:
        tokens = []
        for k in range(ceil(len(video) / stride)):
            window = naive_window(video, fill, k * stride - before, size)
            out = read(window[None])[0]  # [t, c]
            if pool == 'mean':
                tokens.append(sum(out) / len(out))
            elif pool == 'flatten':
                flat = torch.empty(out.numel(), dtype=out.dtype)
                for i, row in enumerate(out):
                    for c, value in enumerate(row):
                        flat[len(out) * c + i] = value
                tokens.append(flat)
            else:
                tokens.extend(out)
        videos.append(torch.stack(tokens))
    return torch.stack(videos)


def reader_of(size: int):
    """Windows ``[b, size, 2, 3]`` to 3 tokens of 4 channels, ordered."""
    weight = randn(3, 4, size, 2, 3, seed=1)

    def read(windows: Tensor) -> Tensor:
        assert windows.shape[1:] == (size, 2, 3)
        return torch.tanh(torch.einsum('btij,kctij->bkc', windows, weight))

    return read


def close(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize('pool', ['mean', 'flatten', None])
@pytest.mark.parametrize('num_frames', [1, 5, 8])
def test_tokens_equal_a_loop(num_frames, pool):
    frames, fill = randn(2, num_frames, 2, 3), randn(2, 3, seed=2)
    for size, stride in product((1, 2, 5, 9), (1, 2, 3, 10)):
        for before in {0, size // 2, size - 1}:
            window = SlidingWindow(size, stride, before, pool)
            read = reader_of(size)
            naive = naive_tokens(
                read, frames, fill, size, stride, before, pool
            )
            tokens = window.tokens(read, frames, fill, 1000)
            assert close(tokens, naive), (size, stride, before)


def test_windows_are_no_copies():
    frames = randn(2, 8, 2, 3)
    windows = SlidingWindow(2, 2).cut(frames, randn(2, 3))
    assert windows.shape == (2, 4, 2, 3, 2)
    assert windows.data_ptr() == frames.data_ptr()


@pytest.mark.parametrize('max_frames', [1, 4, 5, 23, 24])
def test_chunks_change_nothing(max_frames):
    """Neither of the tokens, nor are they larger than allowed."""
    read = reader_of(4)
    frames, fill = randn(3, 6, 2, 3), randn(2, 3, seed=2)
    counts = []

    def counting(windows):
        counts.append(len(windows))
        return read(windows)

    window = SlidingWindow(4, before=2)
    chunked = window.tokens(counting, frames, fill, max_frames)
    assert close(chunked, window.tokens(read, frames, fill, 1000))
    assert sum(counts) == 18
    assert max(counts) == max(1, max_frames // 4)


def test_flatten_keeps_the_times_of_a_channel_together():
    """The order of the stored I3D features: token ``t * c + i``."""

    def read(windows):
        return torch.tensor([[[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]])

    tokens = SlidingWindow(1, pool='flatten').tokens(
        read, randn(1, 1, 2), randn(2), 1
    )
    assert tokens.tolist() == [[[1, 10, 100, 2, 20, 200]]]


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(size=0), 'size=0'),
        (dict(size=4, stride=0), 'stride=0'),
        (dict(size=4, before=4), 'before=4'),
        (dict(size=4, before=-1), 'before=-1'),
        (dict(size=4, pool='max'), 'window.pool.*max'),
    ],
)
def test_bad_windows_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        SlidingWindow(**kwargs)


# -- VideoReader ------------------------------------------------------------
@pytest.fixture(scope='module')
def stam() -> STAM:
    torch.manual_seed(0)
    net = STAM(
        num_frames=16,
        img_size=16,
        patch_size=8,
        embed_dims=8,
        depth=1,
        num_heads=2,
        temporal_depth=1,
        temporal_heads=2,
        temporal_hidden=8,
    )
    return net.double().eval()


class Counting(SimpleNamespace):
    """A net that counts the frames that it encodes."""

    def encode_frames(self, frames: Tensor) -> Tensor:
        self.encoded += len(frames)
        return self.net.encode_frames(frames)

    def mix_frames(self, codes: Tensor) -> Tensor:
        return self.net.mix_frames(codes)


@torch.no_grad()
@pytest.mark.parametrize('num_frames', [5, 40])
@pytest.mark.parametrize('stride, before', [(1, 7), (3, 0)])
@pytest.mark.parametrize('max_frames', [1, 7, 1000])
def test_frames_are_encoded_once(stam, num_frames, stride, before, max_frames):
    frames = randn(2, num_frames, 3, 16, 16)
    net = Counting(net=stam, training=False, encoded=0)
    window = SlidingWindow(16, stride, before)
    reading = reading_of(dict(type='STAM'))
    tokens = VideoReader(net, reading, window, max_frames)(frames)
    naive = naive_tokens(
        lambda x: stam(x.flatten(0, 1))[None],
        frames,
        torch.zeros_like(frames[0, 0]),
        *(16, stride, before, 'mean'),
    )
    assert close(tokens, naive)
    # Those of the videos, and what is outside of them.
    assert net.encoded == 2 * num_frames + 1
    if stride == 1 and num_frames == 40:
        assert naive.shape[:2].numel() * 16 >= 10 * net.encoded


@torch.no_grad()
def test_whole_clip_of_a_net_that_encodes_frames(stam):
    frames = randn(2, 16, 3, 16, 16)
    tokens = VideoReader(stam, reading_of(dict(type='STAM')), None, 7)(frames)
    assert close(tokens[:, 0], stam(frames.flatten(0, 1)))
    assert tokens.shape == (2, 1, 8)

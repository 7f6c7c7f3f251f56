import os
from copy import copy
from functools import lru_cache
from typing import Any, Dict, List, Sequence, Tuple, Union

import torch
from mmaction.datasets.transforms import (
    CenterCrop,
    FormatShape,
    PackActionInputs,
    Resize,
)
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from mmengine.dataset import Compose
from torch import Tensor

from ..streams import Stream
from .containers import check_video
from .flow import ComputeFlow
from .video_file import VideoFile

MIB = 2**20
PIECE = 32  # frames, fewer of large ones
PIECE_BYTES = 64 * MIB  # of decoded frames
WHOLE_BYTES = 64 * MIB  # of an item that is not streamed
CLIPS_BYTES = 1024 * MIB  # of decoded frames of an item that cannot be


@TRANSFORMS.register_module()
class VideoInit(BaseTransform):
    """Open a video file, of any length and codec that FFmpeg knows.

    Of a ``segment`` what follows sees a video of its frames alone: they are
    counted from ``start_index``.

    Required keys: ``filename``. Optional: ``segment`` (``(start, stop)``) and
    ``start_index``. Added: ``video_reader`` (a :class:`VideoFile`),
    ``total_frames``, ``avg_fps``; of a segment ``start_index``.
    """

    def transform(self, results: Dict) -> Dict:
        """Open one video.

        Raises:
            ValueError: If it cannot be read, or ends before its segment.
        """
        path, segment = results['filename'], results.get('segment')
        video = _long_video(path) if segment else VideoFile(path)
        start, stop = segment or (0, len(video))
        if stop > len(video):
            raise ValueError(
                f'it has {len(video)} frames, too few for the segment '
                f'{start} … {stop - 1}: is it another version of the video, '
                'or one of another frame rate?'
            )
        part = dict(start_index=start) if segment else {}
        part.update(total_frames=stop - start, avg_fps=video.fps)
        return dict(results, video_reader=video, **part)


def _long_video(path: str) -> VideoFile:
    """A video of many segments; its frames are counted once."""
    # A copy: what a decoder was opened for must not outlive a fork.
    own = os.stat(path)
    return copy(_counted(path, own.st_size, own.st_mtime_ns))


@lru_cache(maxsize=4)
def _counted(path: str, *version: int) -> VideoFile:
    return VideoFile(path)


@TRANSFORMS.register_module()
class VideoDecode(BaseTransform):
    """Decode the frames that were sampled, behind :class:`VideoInit`.

    Required keys: ``video_reader``, ``frame_inds``. Added: ``imgs`` (frames
    ``[H, W, 3]``, uint8, RGB), ``original_shape``, ``img_shape``.
    """

    def transform(self, results: Dict) -> Dict:
        """Decode frames of one video.

        Raises:
            ValueError: If one of them cannot be decoded.
        """
        video = results['video_reader']
        imgs = video.read(results['frame_inds'].ravel())
        shape = imgs[0].shape[:2]
        return dict(results, imgs=imgs, original_shape=shape, img_shape=shape)


# What is behind the decoder and looks at one frame, or at few behind it.
_BY_FRAME = (VideoDecode, Resize, CenterCrop, ComputeFlow, FormatShape)


@TRANSFORMS.register_module()
class InPieces(BaseTransform):
    """A pipeline that reads a whole video of any length, piece by piece.

    What it gives is what the transforms give one after the other; but of a
    long video ``inputs`` are a :class:`Stream` of frames ``[T, C, H, W]``,
    read where they are needed, in place of a clip ``[1, C, T, H, W]``.
    Transforms that need all frames at once, and several clips, are left as
    they are, within a limit.

    Required keys: ``filename``; those of the transforms otherwise.

    Args:
        transforms (Sequence[dict]): The pipeline, up to its packing.
    """

    def __init__(self, transforms: Sequence[Union[dict, Any]]) -> None:
        self.transforms = Compose(transforms).transforms
        names = [type(t).__name__ for t in self.transforms]
        ends = [i for i, name in enumerate(names) if name.endswith('Decode')]
        first = ends[0] if ends else len(names)
        self.sampling = self.transforms[:first]
        self.reading = self.transforms[first:]
        self.by_frame = (
            bool(ends)
            and isinstance(self.reading[0], VideoDecode)
            and all(type(t) in _BY_FRAME for t in self.reading[:-1])
            and type(self.reading[-1]) is PackActionInputs
            and getattr(self.reading[-2], 'input_format', '') == 'NCTHW'
        )

    def transform(self, results: Dict) -> Dict:
        """Read one video.

        Raises:
            ValueError: If it is no video, cannot be decoded, or is too long
                for transforms that need all of it.
        """
        if any(type(t).__name__.endswith('Init') for t in self.sampling):
            check_video(results['filename'])
        sampled = _through(self.sampling, results)
        if not (self.by_frame and sampled.get('num_clips') == 1):
            _check_size(sampled)
            return _through(self.reading, sampled)
        frames, packed = self._stream(sampled)
        length, size = len(frames), frames.size
        if length * frames[:size][0].numel() > WHOLE_BYTES:
            return dict(packed, inputs=frames)
        parts = [frames[i : i + size] for i in range(0, length, size)]
        return dict(packed, inputs=torch.cat(parts).transpose(0, 1)[None])

    def _stream(self, sampled: Dict) -> Tuple[Stream, Dict]:
        """Frames ``[C, H, W]``, and an item of the first of them."""
        video, length = sampled['video_reader'], len(sampled['frame_inds'])
        size = PIECE_BYTES // (3 * video.width * video.height)
        piece = _Piece(self.reading, sampled)
        frames = Stream(length, piece, max(1, min(size, PIECE)))
        return frames, piece.read(0, 1)


class _Piece:
    """Reads some of the frames that were sampled; can go elsewhere."""

    def __init__(self, transforms: List, sampled: Dict) -> None:
        self.transforms = transforms
        self.sampled = sampled
        self.more = max(getattr(t, 'frames_after', 0) for t in transforms)

    def __call__(self, start: int, stop: int) -> Tensor:
        # The last of the video may look at the one before it.
        last = start + 1 == len(self.sampled['frame_inds'])
        before = min(self.more, start) if last else 0
        clip = self.read(start - before, stop + self.more)['inputs']
        return clip[0].transpose(0, 1)[before : before + stop - start]

    def read(self, start: int, stop: int) -> Dict:
        numbers = self.sampled['frame_inds'][start:stop]
        piece = dict(frame_inds=numbers, clip_len=len(numbers))
        return _through(self.transforms, {**self.sampled, **piece})


def _through(transforms: List, results: Dict) -> Dict:
    for transform in transforms:
        results = transform(results)
    return results


def _check_size(sampled: Dict) -> None:
    """Refuse what would not fit into memory, where that can be told."""
    video = sampled.get('video_reader')
    if not isinstance(video, VideoFile):
        return
    count = len(sampled['frame_inds'])
    size = count * 3 * video.width * video.height
    if size > CLIPS_BYTES:
        raise ValueError(
            f'{count} frames of {video.width} x {video.height} px are '
            f'{size // MIB} MiB, at most {CLIPS_BYTES // MIB} are decoded at '
            'once: let the pipeline take fewer (max_frames, frame_interval), '
            'or only Resize, CenterCrop and ComputeFlow between VideoDecode '
            'and FormatShape(NCTHW), which go piece by piece'
        )

from typing import Dict, Optional, Sequence, TypeVar

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..motion import FrameSelector
from ..views import ViewSampler

Tokens = TypeVar('Tokens', np.ndarray, torch.Tensor)


@TRANSFORMS.register_module()
class AllFrames(BaseTransform):
    """Take all frames of a video as one clip, for a window to slide over.

    Required keys: ``total_frames``, ``start_index``. Added: ``frame_inds``,
    ``clip_len``, ``frame_interval``, ``num_clips``.

    Args:
        frame_interval (int): Every how many frames one is taken.
            Defaults to 1.
        max_frames (int, optional): Only so many frames, from the start.
    """

    def __init__(
        self, frame_interval: int = 1, max_frames: Optional[int] = None
    ) -> None:
        self.frame_interval = frame_interval
        self.max_frames = max_frames

    def transform(self, results: Dict) -> Dict:
        """Number the frames of one video."""
        frames = np.arange(0, results['total_frames'], self.frame_interval)
        frames = frames[: self.max_frames]
        return dict(
            results,
            frame_inds=frames + results['start_index'],
            clip_len=len(frames),
            frame_interval=self.frame_interval,
            num_clips=1,
        )


@TRANSFORMS.register_module()
class SegmentFrames(BaseTransform):
    """Take the centres of equal segments of a video as one clip (UDAVT).

    Frame ``floor((j + 1/2) N / S)`` for ``j = 0 ... S - 1``; a video shorter
    than ``S`` gives frames more than once.

    Required keys: ``total_frames``, ``start_index``. Added: ``frame_inds``,
    ``clip_len``, ``frame_interval``, ``num_clips``.

    Args:
        num_frames (int): ``S``. Defaults to 16.
    """

    def __init__(self, num_frames: int = 16) -> None:
        self.num_frames = num_frames

    def transform(self, results: Dict) -> Dict:
        """Number the frames of one video."""
        # Integers: floor((2 j + 1) N / 2 S) without rounding.
        odd = 2 * np.arange(self.num_frames) + 1
        frames = odd * results['total_frames'] // (2 * self.num_frames)
        return dict(
            results,
            frame_inds=frames + results['start_index'],
            clip_len=self.num_frames,
            frame_interval=1,
            num_clips=1,
        )


@TRANSFORMS.register_module()
class SampleFeature(ViewSampler, BaseTransform):
    """Draw views of a fixed number of frames from a video's stored tokens.

    Required keys: ``features`` (array or tensor ``[N, C]``). Added: ``imgs``
    (``[V, S, C]``, of the same kind, float32; the host's name for what the
    model takes).

    Args:
        num_frames, num_views, short_video: Those of :class:`ViewSampler`.
            Defaults to 53, 2, ``'release'``.
        test_mode (bool): Deterministic. Defaults to False.
    """

    def __init__(
        self,
        num_frames: int = 53,
        num_views: int = 2,
        short_video: str = 'release',
        test_mode: bool = False,
    ) -> None:
        super().__init__(num_frames, num_views, short_video)
        self.test_mode = test_mode

    def frame_indices(self, num_stored: int) -> np.ndarray:
        """Indices ``[V, S]`` into the stored frames."""
        return self.draw_indices([num_stored], [None])[0]

    def draw_indices(
        self, lengths: Sequence[int], seeds: Sequence[Optional[int]]
    ) -> np.ndarray:
        """The same of several videos, see :meth:`ViewSampler.indices`."""
        return self.indices(lengths, seeds, self.test_mode)

    def transform(self, results: Dict) -> Dict:
        """Sample the views of one video."""
        features = results['features']
        indices = self.frame_indices(len(features))
        results['imgs'] = take_rows(features, indices)
        return results


@TRANSFORMS.register_module()
class SelectFrames(FrameSelector, BaseTransform):
    """Leave out stored frames that hardly differ from the one before.

    Behind it, ``SampleFeature`` draws from those that stay. Ours, after the
    idea of motion tokens (docs/methods.md); for any method.

    Required and modified key: ``features`` (array or tensor ``[N, C]``).

    Args:
        threshold, keep_first: Those of :class:`FrameSelector`. Defaults to
            0.1, True.
    """

    def __init__(
        self, threshold: float = 0.1, keep_first: bool = True
    ) -> None:
        super().__init__(threshold, keep_first)

    def transform(self, results: Dict) -> Dict:
        """Select the frames of one video."""
        features = results['features']
        if isinstance(features, np.ndarray):  # perhaps of a file, read only
            kept = self.kept(torch.from_numpy(np.array(features, np.float32)))
            return dict(results, features=features.take(kept.numpy(), 0))
        kept = self.kept(features)
        return dict(results, features=features.index_select(0, kept))


def take_rows(features: Tokens, indices: np.ndarray) -> Tokens:
    """Rows of ``features [N, C]`` as float32 ``[*indices.shape, C]``.

    Those of a tensor are taken on its device, without waiting for it.
    """
    if isinstance(features, np.ndarray):
        taken = features.take(indices, 0)
        # PyTorch widens float16 ten times as fast as NumPy.
        return torch.from_numpy(taken).float().numpy()
    flat = torch.from_numpy(indices.flatten())
    if features.is_cuda:  # from other memory it copies while we wait
        flat = flat.pin_memory()
    flat = flat.to(features.device, non_blocking=True)
    rows = features.index_select(0, flat).float()
    return rows.unflatten(0, indices.shape)

"""Items of a batch of stored tokens, drawn all at once."""

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from mmaction.datasets import PackActionInputs
from mmaction.structures import ActionDataSample

from ..transforms import SampleFeature, take_rows
from .memory import DeviceTokens

KEPT = 2**14  # samples of videos
Draw = Tuple[int, Optional[int]]  # (index of a video, seed)


class BatchDrawing:
    """Draws the frames of a batch; from a device one kernel takes them.

    Args:
        tokens (DeviceTokens | MemoryTokens | FeatureStore): Tokens of all
            videos.
        sample (SampleFeature): Draws frames.
        pack (PackActionInputs): Makes the data sample.
        info (callable): The annotation of a video, by its index.
    """

    def __init__(
        self,
        tokens: Any,
        sample: SampleFeature,
        pack: PackActionInputs,
        info: Callable[[int], dict],
    ) -> None:
        self.tokens = tokens
        self.sample = sample
        self.pack = pack
        self.info = info
        self._made: Dict[int, Tuple[int, ActionDataSample]] = {}

    def items(self, draws: Sequence[Draw]) -> List[dict]:
        """Items of a batch.

        Args:
            draws (Sequence[tuple]): Index and seed of every item; for None
                it draws from NumPy's random state as it is.
        """
        indices, seeds = zip(*draws)
        rows, samples = zip(*map(self._packed, indices))
        return [
            dict(inputs=inputs, data_samples=_copy(sample))
            for inputs, sample in zip(self._views(rows, seeds), samples)
        ]

    def _views(
        self, rows: Sequence[int], seeds: Sequence[Optional[int]]
    ) -> Sequence[torch.Tensor]:
        """``[V, S, C]`` of every video."""
        if isinstance(self.tokens, DeviceTokens):
            lengths = [self.tokens.lengths[row] for row in rows]
            frames = self.sample.draw_indices(lengths, seeds)
            return self.tokens.take(rows, frames).unbind()
        videos = [self.tokens[row] for row in rows]
        frames = self.sample.draw_indices([*map(len, videos)], seeds)
        return [
            torch.as_tensor(take_rows(video, numbers))
            for video, numbers in zip(videos, frames)
        ]

    def _packed(self, index: int) -> Tuple[int, ActionDataSample]:
        """Row and sample of a video: the same in every epoch, kept."""
        if index not in self._made:
            if len(self._made) == KEPT:  # so that memory does not grow
                self._made.clear()
            info = self.info(index)
            item = self.pack(dict(info, imgs=np.empty(0)))
            self._made[index] = info['row'], item['data_samples']
        return self._made[index]


def batch_drawing(
    tokens: Any, transforms: Sequence[Any], info: Callable[[int], dict]
) -> Optional[BatchDrawing]:
    """None unless tokens are read, and frames drawn from them, no more."""
    known = [*map(type, transforms)] == [SampleFeature, PackActionInputs]
    if not known or tokens is None:
        return None
    sample, pack = transforms
    return BatchDrawing(tokens, sample, pack, info)


def _copy(sample: ActionDataSample) -> ActionDataSample:
    """One with the same fields, without a copy of what is in them."""
    fields = dict(sample.items())
    return type(sample)(metainfo=dict(sample.metainfo_items()), **fields)

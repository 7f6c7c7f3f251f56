"""Items of a batch whose tokens lie on a device, drawn all at once."""

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
from mmaction.datasets import PackActionInputs
from mmaction.structures import ActionDataSample

from ..transforms import SampleFeature
from .memory import DeviceTokens


class BatchDrawing:
    """Draws the frames of a batch, and takes them by one kernel.

    Args:
        tokens (DeviceTokens): Tokens of all videos.
        sample (SampleFeature): Draws frames.
        pack (PackActionInputs): Makes the data sample.
        info (callable): The annotation of a video, by its index.
    """

    def __init__(
        self,
        tokens: DeviceTokens,
        sample: SampleFeature,
        pack: PackActionInputs,
        info: Callable[[int], dict],
    ) -> None:
        self.tokens = tokens
        self.sample = sample
        self.pack = pack
        self.info = info
        self._made: Dict[int, Tuple[int, ActionDataSample]] = {}

    def items(self, draws: Sequence[Tuple[int, Optional[int]]]) -> List[dict]:
        """Items of a batch.

        Args:
            draws (Sequence[tuple]): Index and seed of every item; for None
                it draws from NumPy's random state as it is.
        """
        indices, seeds = zip(*draws)
        rows, samples = zip(*map(self._packed, indices))
        lengths = [self.tokens.lengths[row] for row in rows]
        frames = self.sample.draw_indices(lengths, seeds)
        views = self.tokens.take(rows, frames)
        return [
            dict(inputs=inputs, data_samples=_copy(sample))
            for inputs, sample in zip(views.unbind(), samples)
        ]

    def _packed(self, index: int) -> Tuple[int, ActionDataSample]:
        """Row and sample of a video: the same in every epoch, made once."""
        if index not in self._made:
            info = self.info(index)
            item = self.pack(dict(info, imgs=np.empty(0)))
            self._made[index] = info['row'], item['data_samples']
        return self._made[index]


def batch_drawing(
    tokens: Any, transforms: Sequence[Any], info: Callable[[int], dict]
) -> Optional[BatchDrawing]:
    """None unless tokens lie on a device, and frames are drawn, no more."""
    known = [*map(type, transforms)] == [SampleFeature, PackActionInputs]
    if not known or not isinstance(tokens, DeviceTokens):
        return None
    sample, pack = transforms
    return BatchDrawing(tokens, sample, pack, info)


def _copy(sample: ActionDataSample) -> ActionDataSample:
    """One with the same fields, without a copy of what is in them."""
    fields = dict(sample.items())
    return type(sample)(metainfo=dict(sample.metainfo_items()), **fields)

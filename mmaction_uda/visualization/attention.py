"""What MDTA weighs, of the video of a list whose weights move most."""

from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

import numpy as np
import torch

from ..datasets import FeatureDataset, SampleFeature, SelectFrames
from ..datasets.joined_dataset import part_at
from ..evaluation.alarms import UNIFORM
from ..evaluation.signals import frame_concentration
from .observation import Observation


@dataclass
class Attention:
    """The first view of a video, and what a model makes of it.

    Args:
        name (str): The video's file.
        label (str): Its class.
        predicted (str): The class that it is taken for.
        numbers (np.ndarray): ``[T]``, of the frames in the video, from 0.
        weights (np.ndarray): ``[T]``, they sum to 1.
        spreads (np.ndarray): ``[N]``, of all videos of its list, see
            :func:`frame_concentration`; its own is the largest.
        frames (np.ndarray, optional): ``[T, H, W, 3]``, uint8, RGB; None
            where they are not shown.
    """

    name: str
    label: str
    predicted: str
    numbers: np.ndarray
    weights: np.ndarray
    spreads: np.ndarray
    frames: Optional[np.ndarray] = None

    @property
    def is_flat(self) -> bool:
        """Whether the weights are all alike, in every video."""
        return bool(self.spreads.max() < UNIFORM)


def attentions(
    observed: Dict[str, Observation], frames: bool = True
) -> Dict[str, Attention]:
    """The test video of each domain whose frames MDTA weighs least alike.

    Args:
        observed (dict): Of :func:`observe`.
        frames (bool): Read the frames themselves. Defaults to True.

    Returns:
        dict: By domain; empty without MDTA.

    Raises:
        OSError: If a video cannot be read.
    """
    return {
        domain: _attention(seen, seen.frame_weights, frames)
        for domain, seen in observed.items()
        if seen.frame_weights is not None
    }


def attention_line(spreads: np.ndarray) -> str:
    """A sentence on the spreads of all videos of a list."""
    moving, total = int((spreads >= UNIFORM).sum()), len(spreads)
    if not moving:
        return (
            'MDTA is a plain mean of the frames here: the spread is below '
            f'{UNIFORM} in all {total} videos.'
        )
    return (
        f'The weights move in {moving} of {total} target test videos; the '
        f'median spread is {np.median(spreads):.2g}.'
    )


def clip_of(
    dataset: FeatureDataset, index: int
) -> Tuple[np.ndarray, np.ndarray]:
    """Frames of the first view of a video, and their numbers.

    Returns:
        tuple: ``[T, H, W, 3]``, uint8, RGB, and ``[T]``. Optical flow is
        shown by its speed: black where nothing moves.
    """
    dataset, index = part_at(dataset, index)
    info = dataset.get_data_info(index)
    video = dataset.videos[info['row']]['inputs']
    if isinstance(video, torch.Tensor):
        video = video[0].transpose(0, 1)  # [T, 3, H, W]
    numbers = _numbers(dataset, info, len(video))
    frames = torch.cat([video[int(i) : int(i) + 1] for i in numbers])
    if frames.shape[1] == 2:  # flow, around the grey that does not move
        speed = (frames.float() - 127.5).norm(dim=1, keepdim=True)
        frames = (speed * 2).clamp(max=255).byte().expand(-1, 3, -1, -1)
    return frames[:, :3].permute(0, 2, 3, 1).numpy(), numbers


def _attention(
    seen: Observation, weights: np.ndarray, frames: bool
) -> Attention:
    rows = torch.from_numpy(weights)
    spreads = np.array([frame_concentration(row)[0] for row in rows])
    index = int(spreads.argmax())
    dataset, number = part_at(seen.dataset, index)
    info = dataset.get_data_info(number)
    classes = seen.layers['classifier'].shape[1]
    names = dataset.metainfo.get('classes') or range(classes)
    if frames:
        shown, numbers = clip_of(dataset, number)
    else:
        shown, numbers = None, _numbers(dataset, info, len(info['features']))
    return Attention(
        info['filename'],
        str(names[info['label']]),
        str(names[seen.predicted[index]]),
        numbers,
        weights[index],
        spreads,
        shown,
    )


def _numbers(
    dataset: FeatureDataset, info: Dict[str, Any], length: int
) -> np.ndarray:
    """Of the frames of the first view in a video of ``length`` frames."""
    tokens = torch.from_numpy(np.array(info['features'], np.float32))
    numbers = np.arange(len(tokens))
    for step in dataset.pipeline.transforms:
        if isinstance(step, SelectFrames):
            numbers = numbers[step.kept(tokens[numbers]).numpy()]
        elif isinstance(step, SampleFeature):
            numbers = numbers[step.frame_indices(len(numbers))[0]]
    # A token stands for the frames at the same share of the video.
    return numbers * length // len(tokens)

"""Optical flow of decoded frames."""

from typing import Dict, List, Sequence

import cv2
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..choices import check_choice

ALGORITHMS = ('dis', 'tvl1')


def estimator(algorithm: str) -> cv2.DenseOpticalFlow:
    """Create what maps two grey frames to the flow between them.

    Args:
        algorithm (str): ``'dis'``, inverse search over patches (Kroeger et
            al., ECCV 2016) with OpenCV's preset MEDIUM, or ``'tvl1'`` (Zach
            et al., DAGM 2007), slower, what I3D's weights were trained on.

    Raises:
        ImportError: If the OpenCV that is installed has no TV-L1.
    """
    check_choice('algorithm', algorithm, ALGORITHMS)
    if algorithm == 'dis':
        preset = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM
        return cv2.DISOpticalFlow.create(preset)
    if not hasattr(cv2, 'optflow'):
        raise ImportError(
            "algorithm='tvl1' needs cv2.optflow, which this OpenCV "
            f'({cv2.__version__}) lacks: install opencv-contrib-python of '
            "the same version, or take algorithm='dis'"
        )
    return cv2.optflow.DualTVL1OpticalFlow.create()


def compute_flow(
    frames: Sequence[np.ndarray], algorithm: str = 'dis', bound: float = 20
) -> np.ndarray:
    """Flow from every frame of a clip to the next, as 8-bit images.

    Args:
        frames (Sequence[np.ndarray]): ``T`` frames ``[H, W, 3]``, uint8,
            RGB.
        algorithm (str): See :func:`estimator`. Defaults to ``'dis'``.
        bound (float): What becomes 0 and 255, in px a frame.
            Defaults to 20.

    Returns:
        np.ndarray: uint8 ``[T, H, W, 2]``, ``127.5 + 127.5 * flow / bound``
        rounded and clipped, to the right and downwards. The last frame has
        no next one and repeats the flow before it; a clip of one frame does
        not move.
    """
    flow = np.zeros((len(frames), *frames[0].shape[:2], 2), np.float32)
    method = estimator(algorithm)
    grey = [
        cv2.cvtColor(np.ascontiguousarray(f), cv2.COLOR_RGB2GRAY)
        for f in frames
    ]
    for i, (before, after) in enumerate(zip(grey, grey[1:])):
        # No flow to begin with, which OpenCV's stub forgets to allow.
        flow[i] = method.calc(before, after, None)  # type: ignore[call-overload]
    if len(frames) > 1:
        flow[-1] = flow[-2]
    scaled = np.rint(127.5 + 127.5 / bound * flow)
    return np.clip(scaled, 0, 255).astype(np.uint8)


@TRANSFORMS.register_module()
class ComputeFlow(BaseTransform):
    """Replace decoded RGB frames by the optical flow between them.

    Belongs behind whatever resizes, crops or flips: flow is in pixels of
    the frames that it gets, and a flipped flow image is not the flow of a
    flipped video. Flow stays inside a clip. Values are those of MMAction2's
    flow frames: 8 bit, ``bound`` px a frame at either end.

    Required keys: ``imgs`` (frames ``[H, W, 3]``, uint8, RGB), ``clip_len``.
    Modified: ``imgs`` (``[H, W, 2]``, or ``[H, W, 5]``), ``modality``
    (``'Flow'``, unless the frames are kept).

    Args:
        algorithm (str): ``'dis'`` or ``'tvl1'``, see :func:`estimator`.
            Defaults to ``'dis'``.
        bound (float): In px a frame; faster motion is clipped. Small frames
            need less. Defaults to 20.
        keep_rgb (bool): Keep the frames: flow becomes channels 3 and 4.
            Defaults to False.
    """

    frames_after = 1  # that the flow of a frame looks at

    def __init__(
        self, algorithm: str = 'dis', bound: float = 20, keep_rgb: bool = False
    ) -> None:
        estimator(algorithm)  # says at once what is missing
        if not bound > 0:
            raise ValueError(f'bound must be > 0 px a frame, got {bound}')
        self.algorithm = algorithm
        self.bound = bound
        self.keep_rgb = keep_rgb

    def transform(self, results: Dict) -> Dict:
        """Compute the flow of one video's clips."""
        frames = results['imgs']
        length = results['clip_len']
        if len(frames) % length or frames[0].shape[2:] != (3,):
            raise ValueError(
                'ComputeFlow needs RGB frames [H, W, 3], clip_len of every '
                f'clip: got {len(frames)} frames {frames[0].shape}, '
                f'clip_len={length}. It belongs between the decoder (or '
                'Resize, crops and Flip) and FormatShape.'
            )
        imgs: List[np.ndarray] = []
        for start in range(0, len(frames), length):
            clip = frames[start : start + length]
            flow = compute_flow(clip, self.algorithm, self.bound)
            if self.keep_rgb:
                flow = np.concatenate([np.stack(clip), flow], axis=-1)
            imgs.extend(flow)
        modality = results.get('modality', 'RGB') if self.keep_rgb else 'Flow'
        return dict(results, imgs=imgs, modality=modality)

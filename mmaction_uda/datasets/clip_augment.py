from typing import Callable, Dict, List

import mmcv
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

# Each takes a BGR image, the strength in [0, 1] and a sign, +1 or -1.
OPERATIONS: Dict[str, Callable] = dict(
    brightness=lambda x, m, s: mmcv.adjust_brightness(x, 1 + 0.9 * m * s),
    contrast=lambda x, m, s: mmcv.adjust_contrast(x, 1 + 0.9 * m * s),
    saturation=lambda x, m, s: mmcv.adjust_color(x, 1 + 0.9 * m * s),
    sharpness=lambda x, m, s: mmcv.adjust_sharpness(x, 1 + 0.9 * m * s),
    auto_contrast=lambda x, m, s: mmcv.auto_contrast(x),
    equalize=lambda x, m, s: mmcv.imequalize(x),
    invert=lambda x, m, s: mmcv.iminvert(x),
    posterize=lambda x, m, s: mmcv.posterize(x, 8 - int(4 * m)),
    solarize=lambda x, m, s: mmcv.solarize(x, 256 * (1 - m)),
    rotate=lambda x, m, s: mmcv.imrotate(x, 30 * m * s),
    shear_x=lambda x, m, s: mmcv.imshear(x, 0.3 * m * s, 'horizontal'),
    shear_y=lambda x, m, s: mmcv.imshear(x, 0.3 * m * s, 'vertical'),
    translate_x=lambda x, m, s: mmcv.imtranslate(
        x, 0.45 * m * s * x.shape[1], 'horizontal'
    ),
    translate_y=lambda x, m, s: mmcv.imtranslate(
        x, 0.45 * m * s * x.shape[0], 'vertical'
    ),
)


@TRANSFORMS.register_module()
class ClipRandAugment(BaseTransform):
    """RandAugment, the same operations on every frame of a video.

    ``num_layers`` times an operation is drawn, all of them equally likely,
    with replacement; it is done with probability ``prob``, with a sign
    drawn where it has one. What leaves the frame is lost; what enters is
    black.

    Source: Cubuk et al., https://arxiv.org/abs/1909.13719. Ranges at the
    largest magnitude: factors 1 +- 0.9, 30 degrees, shear 0.3, 45 % of the
    side, 4 bits, threshold 0.

    Required and modified key: ``imgs`` (frames ``[H, W, 3]``, uint8, RGB).

    Args:
        magnitude (int): Of 10. Defaults to 9.
        num_layers (int): Defaults to 3.
        prob (float): Defaults to 0.5.
    """

    def __init__(
        self, magnitude: int = 9, num_layers: int = 3, prob: float = 0.5
    ) -> None:
        if not 0 <= magnitude <= 10:
            raise ValueError(f'magnitude must lie in [0, 10], got {magnitude}')
        self.strength = magnitude / 10
        self.num_layers = num_layers
        self.prob = prob

    def _draw(self) -> List[tuple]:
        """Operations of one video, each with its sign."""
        names = np.random.choice(list(OPERATIONS), self.num_layers)
        done = np.random.random_sample(self.num_layers) < self.prob
        signs = np.random.choice((-1, 1), self.num_layers)
        return [(OPERATIONS[n], s) for n, d, s in zip(names, done, signs) if d]

    def transform(self, results: Dict) -> Dict:
        """Augment the frames of one video."""
        drawn = self._draw()
        return dict(
            results, imgs=[self._augment(f, drawn) for f in results['imgs']]
        )

    def _augment(self, frame: np.ndarray, drawn: List[tuple]) -> np.ndarray:
        image = np.ascontiguousarray(frame[..., ::-1])  # mmcv's order is BGR
        for operation, sign in drawn:
            image = operation(image, self.strength, sign).astype(np.uint8)
        return np.ascontiguousarray(image[..., ::-1])

"""Joints of a video, and the tokens that are made of them."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np


@dataclass
class Video:
    """Joints of a video.

    Args:
        name (str): What lists call it.
        label (str): Its class.
        split (str): ``'train'`` or ``'test'``.
        joints (np.ndarray): ``[N, J, D]``, frames, joints and axes, in any
            unit.
        names (tuple[str]): The ``J`` joints; empty where a file names none.
        view (str): The camera, which parts a data set into domains.
            Defaults to ``''``.
    """

    name: str
    label: str
    split: str
    joints: np.ndarray
    names: Tuple[str, ...] = ()
    view: str = ''

    def tokens(self) -> np.ndarray:
        """A token per frame, ``[N, 2 J D]``, float32, without unit.

        The first half are places, joint by joint ``[J, D]``: the mean of the
        joints of a frame is the origin, the root mean square distance of all
        joints of the video from it the unit of length, so that neither place
        nor size of the person, nor the unit of the file, changes a token.
        The second half are their velocities, half the difference between
        the frame behind and the one before, in units per frame.

        Raises:
            ValueError: For joints that have no such tokens.
        """
        joints = self._checked()
        places = joints - joints.mean(1, keepdims=True)
        unit = np.sqrt((places**2).sum(-1).mean())
        if not unit > 1e-6 * np.abs(joints).max():
            raise ValueError(
                f'{self.name!r}: all joints lie at one place. Take it out.'
            )
        places /= unit
        both = np.stack([places, np.gradient(places, axis=0)], 1)
        return both.reshape(len(joints), -1).astype(np.float32)

    def _checked(self) -> np.ndarray:
        joints = np.asarray(self.joints, np.float64)
        if joints.ndim != 3 or len(self.names) not in (0, joints.shape[1]):
            wrong = f'are {joints.shape}, not [N, {len(self.names)}, D]'
        elif len(joints) < 2:
            wrong = f'have {len(joints)} frames, not 2 or more'
        elif not np.isfinite(joints).all():
            frame, joint, _ = np.argwhere(~np.isfinite(joints))[0]
            value = joints[frame, joint].tolist()
            wrong = f'are {value} in frame {frame}, joint {joint}'
        else:
            return joints
        raise ValueError(
            f'{self.name!r}: its joints {wrong}. Correct it or take it out.'
        )

from dataclasses import dataclass
from typing import Tuple

import cv2
import numpy as np

# The columns of a pose: angles in radians. A limb's angle is taken from
# straight down and grows towards +x, a lower limb's from its upper limb;
# ``turn`` is how far the body is turned to the camera, 0 from the side (the
# figure then faces +x), 1 from the front.
JOINTS = (
    'lean',
    'shoulder_l',
    'elbow_l',
    'shoulder_r',
    'elbow_r',
    'hip_l',
    'knee_l',
    'hip_r',
    'knee_r',
    'turn',
)


@dataclass
class Body:
    """The build of a figure; lengths in body heights.

    Args:
        arm (float): Length of an upper arm, and of a forearm.
        leg (float): Length of a thigh, and of a shin.
        torso (float): Length of the torso.
        girth (float): Thickness of a limb.
        head (float): Radius of the head.
        shoulder (float): Half the width of the shoulders seen from the
            front.
    """

    arm: float
    leg: float
    torso: float
    girth: float
    head: float
    shoulder: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> 'Body':
        """Draw a body."""
        return cls(
            arm=rng.uniform(0.18, 0.23),
            leg=rng.uniform(0.21, 0.26),
            torso=rng.uniform(0.28, 0.34),
            girth=rng.uniform(0.055, 0.085),
            head=rng.uniform(0.07, 0.095),
            shoulder=rng.uniform(0.09, 0.13),
        )


def _along(start: np.ndarray, angle: np.ndarray, length: float) -> np.ndarray:
    """Points ``[T, 2]`` at a length from the starts, y pointing down."""
    step = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return start + length * step


def limbs(poses: np.ndarray, body: Body) -> Tuple[np.ndarray, np.ndarray]:
    """Forward kinematics of a figure whose lower foot stays on the ground.

    Args:
        poses (np.ndarray): Poses in the order of ``JOINTS``, ``[T, 10]``.
        body (Body): The build of the figure.

    Returns:
        Tuple[np.ndarray, np.ndarray]: The end points of the 11 limbs,
        ``[T, 11, 2, 2]`` (far side first, torso in the middle), and the
        centres of the head, ``[T, 2]``; in body heights, with the ground at
        y = 0 and y pointing down.
    """
    pose = dict(zip(JOINTS, poses.T))
    turn = pose['turn']
    hips = np.zeros((len(poses), 2))
    neck = _along(hips, np.pi - pose['lean'], body.torso)
    head = _along(neck, np.pi - pose['lean'], 1.2 * body.head)
    chains = {}
    for side, sign in (('l', -1), ('r', 1)):
        across = np.stack([sign * (0.25 + 0.75 * turn), 0 * turn], axis=-1)
        shoulder = neck + body.shoulder * across
        elbow = _along(shoulder, pose[f'shoulder_{side}'], body.arm)
        hand = _along(
            elbow, pose[f'shoulder_{side}'] + pose[f'elbow_{side}'], body.arm
        )
        hip = hips + 0.6 * body.shoulder * across
        knee = _along(hip, pose[f'hip_{side}'], body.leg)
        shin = pose[f'hip_{side}'] + pose[f'knee_{side}']
        ankle = _along(knee, shin, body.leg)
        # Seen from the front the toes point outwards.
        ahead = np.where(turn > 0.5, sign * np.pi / 2.5, np.pi / 2)
        toes = _along(ankle, shin + ahead, 0.09)
        chains[side] = [
            (shoulder, elbow),
            (elbow, hand),
            (hip, knee),
            (knee, ankle),
            (ankle, toes),
        ]
    pairs = chains['l'] + [(hips, neck)] + chains['r']
    ends = np.stack([np.stack(pair, axis=1) for pair in pairs], axis=1)
    ground = ends[..., 1].max(axis=(1, 2))
    ends[..., 1] -= ground[:, None, None]
    head[:, 1] -= ground
    return ends, head


def draw(
    canvas: np.ndarray,
    ends: np.ndarray,
    head: np.ndarray,
    girth: float,
    radius: float,
    inks: np.ndarray,
) -> None:
    """Draw one figure on a canvas in place.

    Args:
        canvas (np.ndarray): The picture, ``[H, W, 3]``, uint8.
        ends (np.ndarray): The end points of the limbs in px, ``[11, 2, 2]``.
        head (np.ndarray): The centre of the head in px, ``[2]``.
        girth (float): Thickness of a limb in px.
        radius (float): Radius of the head in px.
        inks (np.ndarray): The colours of far limbs, torso, near limbs and
            head, ``[4, 3]``.
    """
    colours = inks.tolist()
    points = np.rint(ends * 16).astype(int).tolist()
    for i, (start, end) in enumerate(points):
        torso = i == 5
        cv2.line(
            canvas,
            start,
            end,
            colours[(i > 4) + (i > 5)],
            max(1, round(girth * (2.0 if torso else 1.0))),
            cv2.LINE_AA,
            4,
        )
    cv2.circle(
        canvas,
        np.rint(head * 16).astype(int).tolist(),
        round(radius * 16),
        colours[3],
        -1,
        cv2.LINE_AA,
        4,
    )

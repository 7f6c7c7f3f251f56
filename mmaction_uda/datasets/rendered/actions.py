from typing import Callable, Dict, Tuple

import numpy as np

from .figure import JOINTS

# A cycle maps phases [T], of period 1, and an amplitude, about 1, to poses
# [T, 10]; a traversal maps time, in cycles, to the phase reached by then.
Cycle = Callable[[np.ndarray, float], np.ndarray]
Traversal = Callable[[np.ndarray], np.ndarray]


def _poses(**columns: np.ndarray) -> np.ndarray:
    """Stack named joints into poses, the others at rest."""
    rest = np.zeros_like(next(iter(columns.values())))
    return np.stack([columns.get(j, rest) for j in JOINTS], axis=-1)


def _arm_circle(phase: np.ndarray, amplitude: float) -> np.ndarray:
    """Both arms circle, mirror-wise: out, up, in and down before the body."""
    angle = 2 * np.pi * phase
    bend = 0.3 + 0.3 * amplitude * np.sin(angle)
    crouch = 0.12 * amplitude * (1 - np.cos(angle))
    return _poses(
        shoulder_l=-angle,
        elbow_l=-bend,
        shoulder_r=angle,
        elbow_r=bend,
        hip_l=-0.15 - crouch,
        knee_l=crouch,
        hip_r=0.15 + crouch,
        knee_r=-crouch,
        turn=np.ones_like(phase),
    )


def _reach_squat(phase: np.ndarray, amplitude: float) -> np.ndarray:
    """Arms rise and knees bend, the knees a quarter of a cycle later."""
    rise = 0.25 + 1.2 * amplitude * (1 - np.cos(2 * np.pi * phase))
    bend = 0.15 + 0.45 * amplitude * (1 - np.sin(2 * np.pi * phase))
    return _poses(
        shoulder_l=-rise,
        elbow_l=-0.2 + 0 * rise,
        shoulder_r=rise,
        elbow_r=0.2 + 0 * rise,
        hip_l=-bend,
        knee_l=1.3 * bend,
        hip_r=bend,
        knee_r=-1.3 * bend,
        turn=np.ones_like(phase),
    )


def _stride(phase: np.ndarray, amplitude: float) -> np.ndarray:
    """Walk on the spot seen from the side, arms against legs."""
    swing = np.sin(2 * np.pi * phase)
    speed = np.cos(2 * np.pi * phase)
    lift_l, lift_r = np.maximum(-speed, 0), np.maximum(speed, 0)
    return _poses(
        lean=0.08 + 0 * phase,
        shoulder_l=0.6 * amplitude * swing,
        elbow_l=0.5 + 0.3 * swing,
        shoulder_r=-0.6 * amplitude * swing,
        elbow_r=0.5 - 0.3 * swing,
        hip_l=amplitude * (-0.55 * swing + 0.35 * lift_l),
        knee_l=-0.1 - 1.1 * amplitude * lift_l,
        hip_r=amplitude * (0.55 * swing + 0.35 * lift_r),
        knee_r=-0.1 - 1.1 * amplitude * lift_r,
    )


def forward(time: np.ndarray) -> np.ndarray:
    """Run through the cycle."""
    return time


def backward(time: np.ndarray) -> np.ndarray:
    """Run through the cycle from its end to its beginning."""
    return -time


def to_and_fro(time: np.ndarray) -> np.ndarray:
    """Run through the cycle once forward, once backward, and so on."""
    return 1 - np.abs(1 - np.mod(time, 2))


# Actions of one cycle share every pose: only the motion tells them apart.
# A mirrored action stays the action that it is.
ACTIONS: Dict[str, Tuple[Cycle, Traversal]] = dict(
    circle_out=(_arm_circle, forward),
    circle_in=(_arm_circle, backward),
    circle_swing=(_arm_circle, to_and_fro),
    reach_squat=(_reach_squat, forward),
    squat_reach=(_reach_squat, backward),
    reach_swing=(_reach_squat, to_and_fro),
    walk=(_stride, forward),
    moonwalk=(_stride, backward),
)

CLASSES = tuple(ACTIONS)


def random_motion(rng: np.random.Generator) -> Cycle:
    """Draw a cycle in which every joint swings at random.

    Args:
        rng (np.random.Generator): Where the motion comes from.

    Returns:
        Cycle: The motion: each joint a sum of two harmonics.
    """
    reach = np.array([0.15, 1.5, 0.8, 1.5, 0.8, 0.5, 0.5, 0.5, 0.5, 0.0])
    centre = rng.uniform(-0.7, 0.7, len(JOINTS)) * reach
    swing = rng.uniform(0.1, 1.0, (2, len(JOINTS))) * reach
    swing *= np.array([[0.8], [0.3]])
    offset = rng.uniform(0, 2 * np.pi, (2, len(JOINTS)))
    centre[JOINTS.index('turn')] = rng.integers(2)

    def cycle(phase: np.ndarray, amplitude: float) -> np.ndarray:
        harmonics = np.array([1, 2])[None, :, None]
        angles = 2 * np.pi * harmonics * phase[:, None, None] + offset
        return centre + amplitude * (swing * np.sin(angles)).sum(axis=1)

    return cycle

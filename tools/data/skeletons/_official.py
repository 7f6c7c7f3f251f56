"""Readers of the official files of JHMDB, UTD-MHAD and Northwestern-UCLA."""

import json
import os
import os.path as osp
import re
from typing import Dict, Iterator, List, Sequence, Tuple

import numpy as np
from _listing import read_fields
from _video import Video

# What JHMDB and Kinect have in common. Of two letters the first is the side of
# the person (l, r), the second shoulder, elbow, wrist, hip, knee or ankle.
COMMON = tuple('head neck ls rs le re lw rw lh rh lk rk la ra'.split())
# By data set, in the order of its files.
JHMDB = 'neck belly head rs ls rh lh re le rk lk rw lw ra la'.split()
KINECT_ARMS = 'ls le lw lhand rs re rw rhand'.split()
KINECT_LEGS = 'lh lk la lfoot rh rk ra rfoot'.split()
UTD = ['head', 'neck', 'spine', 'hip', *KINECT_ARMS, *KINECT_LEGS]
NWUCLA = ('hip', 'spine', 'neck', 'head', *KINECT_ARMS, *KINECT_LEGS)

SPLITS = {'1': 'train', '2': 'test'}  # flags of JHMDB
# Actions of UTD-MHAD that are classes of JHMDB, too.
UTD_ACTIONS = {
    3: 'wave',
    4: 'clap',
    5: 'throw',
    18: 'push',
    20: 'catch',
    21: 'pick',
    22: 'run',
    23: 'walk',
    24: 'stand',
    25: 'sit',
}
NWUCLA_ACTIONS = {
    1: 'pick_one_hand',
    2: 'pick_two_hands',
    3: 'drop_trash',
    4: 'walk',
    5: 'sit',
    6: 'stand',
    8: 'don',
    9: 'doff',
    11: 'throw',
    12: 'carry',
}


def read_jhmdb(
    root: str, classes: Sequence[str], faults: List[str]
) -> Iterator[Video]:
    """Videos of split 1 of JHMDB: x to the right, y down, 14 joints.

    Lengths are heights of the frame at the scale of the puppet.

    Args:
        root (str): Holds ``joint_positions`` and ``splits``.
        classes (Sequence[str]): The classes that are read.
        faults (list[str]): What cannot be read goes here.
    """
    from mmaction_uda.faults import gathered

    order = [JHMDB.index(joint) for joint in COMMON]
    for label in classes:
        with gathered(faults):
            for name, split in _jhmdb_split(root, label).items():
                place = osp.join(root, 'joint_positions', label, name)
                file = osp.join(place, 'joint_positions.mat')
                with gathered(faults):
                    joints = _read_mat(file, 'pos_world', (2, 15))[:, order]
                    name = f'{label}/{name}'
                    yield Video(name, label, split, joints, COMMON)


def _jhmdb_split(root: str, label: str) -> Dict[str, str]:
    """Split of every video of a class."""
    file = osp.join(root, 'splits', f'{label}_test_split1.txt')
    fields = read_fields(file, "JHMDB's splits.zip")
    wrong = [' '.join(f) for f in fields if len(f) != 2 or f[1] not in SPLITS]
    if wrong:
        raise ValueError(
            f'{file!r}: {wrong[0]!r} is no video and 1 (training) or 2 '
            "(test). Take the file from JHMDB's splits.zip."
        )
    return {name.removesuffix('.avi'): SPLITS[flag] for name, flag in fields}


def read_utd(
    root: str, classes: Sequence[str], faults: List[str]
) -> Iterator[Video]:
    """Videos of UTD-MHAD: x to the right, y down, 14 joints, in metres.

    Kinect's axes point to the person's right and up, those of an image that
    shows the person from the front to the person's left and down. Odd
    subjects are for training (the protocol of the authors).

    Args: Those of :func:`read_jhmdb`; ``root`` holds the files anywhere.
    """
    from mmaction_uda.faults import gathered

    order = [UTD.index(joint) for joint in COMMON]
    example = 'a1_s1_t1_skeleton.mat'
    pattern = r'a(\d+)_s(\d+)_t\d+_skeleton\.mat'
    for file, (action, subject) in _files(root, pattern, example):
        label = UTD_ACTIONS.get(action, '')
        if label in classes:
            with gathered(faults):
                joints = _read_mat(file, 'd_skel', (20, 3))
                name = osp.basename(file).removesuffix('_skeleton.mat')
                joints = -joints[:, order, :2]
                yield Video(name, label, _half(subject), joints, COMMON)


def read_nwucla(
    root: str, classes: Sequence[str], faults: List[str]
) -> Iterator[Video]:
    """Videos of Northwestern-UCLA: 20 joints of Kinect, 3-D, in metres.

    Odd subjects are for training.

    Args: Those of :func:`read_jhmdb`; ``root`` holds the files anywhere.
    """
    from mmaction_uda.faults import gathered

    example = 'a01_s01_e00_v01.json'
    pattern = r'a(\d+)_s(\d+)_e\d+_v(\d+)\.json'
    for file, (action, subject, view) in _files(root, pattern, example):
        label = NWUCLA_ACTIONS.get(action, '')
        if label in classes:
            with gathered(faults):
                joints = _read_json(file)
                name = osp.basename(file).removesuffix('.json')
                half = _half(subject)
                yield Video(name, label, half, joints, NWUCLA, str(view))


def _half(subject: int) -> str:
    return 'train' if subject % 2 else 'test'


def _files(
    root: str, pattern: str, example: str
) -> List[Tuple[str, Tuple[int, ...]]]:
    """Files below a folder whose names fit, and the numbers in them."""
    found = []
    for folder, _, names in os.walk(root, followlinks=True):
        for name in names:
            match = re.fullmatch(pattern, name)
            if match:
                numbers = tuple(map(int, match.groups()))
                found.append((osp.join(folder, name), numbers))
    if not found:
        raise ValueError(
            f'{root!r} holds no file that is named like {example}. Give the '
            'folder in which the official archive was unpacked.'
        )
    return sorted(found, key=lambda pair: osp.basename(pair[0]))


def _read_mat(file: str, key: str, shape: Tuple[int, int]) -> np.ndarray:
    """Joints ``[N, J, D]`` of an array ``[*shape, N]``, where ``D < J``."""
    from scipy.io import loadmat

    try:
        joints = np.asarray(loadmat(file)[key], np.float64)
    except Exception as error:  # damage takes parsers anywhere
        raise _unreadable(file, error) from error
    if joints.ndim != 3 or joints.shape[:2] != shape:
        raise ValueError(
            f'{file!r}: {key} is {joints.shape}, not '
            f'({shape[0]}, {shape[1]}, N). Take it from the archive again.'
        )
    joints = joints.transpose(2, 0, 1)
    return joints if shape[1] < shape[0] else joints.swapaxes(1, 2)


def _read_json(file: str) -> np.ndarray:
    """Joints ``[N, 20, 3]`` of a file of Northwestern-UCLA."""
    try:
        with open(file, encoding='utf-8') as text:
            joints = np.asarray(json.load(text)['skeletons'], np.float64)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise _unreadable(file, error) from error
    if joints.ndim != 3 or joints.shape[1:] != (20, 3):
        raise ValueError(
            f'{file!r}: skeletons is {joints.shape}, not (N, 20, 3). '
            'Take it from the archive again.'
        )
    return joints


def _unreadable(file: str, error: Exception) -> ValueError:
    return ValueError(
        f'{file!r} cannot be read ({type(error).__name__}: {error}). Take it '
        'from the archive again.'
    )

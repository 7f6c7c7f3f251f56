"""Joints of a whole data set in one .npz file; see the README."""

from typing import Dict, Iterator, List, Sequence

import numpy as np
from _video import Video

NEEDED = ('joints', 'length', 'label', 'split')


def read_arrays(
    file: str, classes: Sequence[str], faults: List[str]
) -> Iterator[Video]:
    """Videos of a file.

    ===========  ===========================================================
    ``joints``   ``[sum N, J, D]``, the frames of all videos, end to end
    ``length``   ``[V]``, the numbers ``N`` of frames
    ``label``    ``[V]``, names of classes
    ``split``    ``[V]``, ``'train'`` or ``'test'``
    ``names``    ``[J]``, the joints; may be left out
    ``view``     ``[V]``, cameras that are domains; may be left out
    ===========  ===========================================================

    Args:
        file (str): The file.
        classes (Sequence[str]): The classes that are read.
        faults (list[str]): What is wrong goes here.
    """
    arrays = _load(file)
    joints, length, label, split = (arrays[key] for key in NEEDED)
    names = tuple(map(str, arrays.get('names', ())))
    view = arrays.get('view', np.full(len(label), ''))
    wrong = _wrong(arrays, view)
    if wrong:
        faults += [f'{file!r}: {text}. Correct the file.' for text in wrong]
        return
    ends = np.cumsum(length)
    for i in np.flatnonzero(np.isin(label, classes)):
        rows = joints[ends[i] - length[i] : ends[i]]
        name = f'{label[i]}/{i:05d}'
        yield Video(name, label[i], split[i], rows, names, str(view[i]))


def _load(file: str) -> Dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            found = dict(arrays)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f'{file!r} is no .npz file: {error}') from error
    missing = [key for key in NEEDED if key not in found]
    if missing:
        raise ValueError(
            f'{file!r} has no array {", ".join(missing)}; it has '
            f'{", ".join(found)}. tools/data/skeletons/README.md says what '
            'they are.'
        )
    return found


def _wrong(arrays: Dict[str, np.ndarray], view: np.ndarray) -> List[str]:
    """What does not fit together."""
    joints, length, label, split = (arrays[key] for key in NEEDED)
    wrong = []
    if joints.ndim != 3:
        wrong.append(f'joints is {joints.shape}, not [frames, joints, axes]')
    if not len(length) == len(label) == len(split) == len(view):
        sizes = dict(length=length, label=label, split=split, view=view)
        told = ', '.join(f'{len(v)} {k}' for k, v in sizes.items())
        wrong.append(f'it has {told}, not one for each video')
    if length.dtype.kind not in 'iu':
        wrong.append(f'length holds {length.dtype}, not whole numbers')
    elif length.sum() != len(joints):
        wrong.append(f'length adds up to {length.sum()}, of {len(joints)}')
    others = sorted(set(map(str, split)) - {'train', 'test'})
    if others:
        wrong.append(f'split holds {others}, not only train and test')
    return wrong

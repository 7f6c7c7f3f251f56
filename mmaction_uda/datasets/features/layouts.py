"""Features in the layouts of other code: a file for a frame, or for a video.

========  ==================================================================
``t7``    ``VIDEO/img_%05d.t7``, numbered from 1, each a 1-D tensor written
          by ``torch.save``: TransferAttn, TranSVAE, MA2LT-D
``npy``   ``VIDEO.npy``, ``[N, C]``
``npz``   ``VIDEO.npz``, its only array, or the one called ``features``
========  ==================================================================
"""

import os
import os.path as osp
from typing import Iterator

import numpy as np
import torch

LAYOUTS = ('t7', 'npy', 'npz')


def list_features(root: str, layout: str) -> Iterator[str]:
    """Folders or files below ``root`` that may hold a video.

    Args:
        root (str): A folder.
        layout (str): One of :data:`LAYOUTS`.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    if not osp.isdir(root):
        raise FileNotFoundError(f'The folder of features {root!r} is missing')
    for folder, inner, files in os.walk(root, followlinks=True):
        if layout != 't7':
            yield from (
                osp.join(folder, f) for f in files if f.endswith(f'.{layout}')
            )
        elif not inner and folder != root:
            yield folder


def read_features(path: str, layout: str) -> np.ndarray:
    """Read the features ``[N, C]`` of a video.

    Raises:
        ValueError: Names the file that is damaged, missing or of another
            shape.
    """
    if layout == 't7':
        return _read_frames(path)
    try:
        array = np.load(path, allow_pickle=False)
        if layout == 'npz':
            keys = array.files
            array = array[keys[0] if len(keys) == 1 else 'features']
    except Exception as error:  # zip and zlib have types of their own
        raise ValueError(f'{path!r} cannot be read: {error}') from error
    if array.ndim != 2 or array.dtype.kind != 'f':
        raise ValueError(
            f'{path!r} holds {array.dtype} of shape {array.shape}, expected '
            'floats [N, C]'
        )
    return array


def write_features(path: str, layout: str, features: np.ndarray) -> None:
    """Write the features ``[N, C]`` of a video to ``path``, without ending.

    They keep their dtype, so that reading gives them back bit by bit.
    """
    os.makedirs(path if layout == 't7' else osp.dirname(path), exist_ok=True)
    if layout == 'npy':
        np.save(f'{path}.npy', features)
    elif layout == 'npz':
        np.savez(f'{path}.npz', features=features)
    else:
        for index, frame in enumerate(torch.tensor(features)):
            # A copy, or each file would hold the frames of the whole video.
            torch.save(frame.clone(), _frame_file(path, index))


def _frame_file(folder: str, index: int) -> str:
    return osp.join(folder, f'img_{index + 1:05d}.t7')


def _read_frames(folder: str) -> np.ndarray:
    count = sum(name.endswith('.t7') for name in os.listdir(folder))
    if not count:
        raise ValueError(f'{folder!r} holds no img_00001.t7')
    files = [_frame_file(folder, i) for i in range(count)]
    frames = [_read_frame(file) for file in files]
    for file, frame in zip(files, frames):
        if len(frame) != len(frames[0]):
            raise ValueError(
                f'{file!r} is {len(frame)} wide, the first frame '
                f'{len(frames[0])}'
            )
    return torch.stack(frames).numpy()


def _read_frame(file: str) -> torch.Tensor:
    if not osp.isfile(file):
        raise ValueError(f'{file!r} is missing: frames are numbered from 1')
    try:
        frame = torch.load(file, map_location='cpu', weights_only=True)
    except Exception as error:  # of a zip, a pickle or neither
        first_line = str(error).partition('\n')[0]
        raise ValueError(f'{file!r} cannot be read: {first_line}') from error
    shape = tuple(getattr(frame, 'shape', ())) or type(frame).__name__
    if not isinstance(frame, torch.Tensor) or frame.ndim != 1:
        raise ValueError(f'{file!r} holds {shape}, expected a 1-D tensor')
    if not frame.is_floating_point():
        raise ValueError(f'{file!r} holds {frame.dtype}, expected floats')
    return frame

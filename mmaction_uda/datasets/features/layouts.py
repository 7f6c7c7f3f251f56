"""Features in the layouts of other code: a file for a frame, or for a video.

========  ==================================================================
``t7``    ``VIDEO/img_%05d.t7``, numbered from 1, each a 1-D tensor written
          by ``torch.save``: TransferAttn, TranSVAE, MA2LT-D
``npy``   ``VIDEO.npy``, ``[N, C]``
``npz``   ``VIDEO.npz``, its only array, or the one called ``features``
========  ==================================================================
"""

import math
import os
import os.path as osp
import zipfile
from typing import Iterator

import numpy as np
import torch

from .memory import free_bytes

LAYOUTS = ('t7', 'npy', 'npz')
# An array that unpacks to more than 64 MiB and 100 times its packed size is
# taken for an attack on the memory.
SMALL = 1 << 26
DENSEST = 100
_OF_NUMPY = (torch.float16, torch.float32, torch.float64)


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
    seen = {osp.realpath(root)}
    for folder, inner, files in os.walk(root, followlinks=True):
        # Links may lead in a circle.
        real = {name: osp.realpath(osp.join(folder, name)) for name in inner}
        inner[:] = [name for name in inner if real[name] not in seen]
        seen.update(real.values())
        if layout != 't7':
            yield from (
                osp.join(folder, f) for f in files if f.endswith(f'.{layout}')
            )
        elif not real and folder != root:
            yield folder


def read_features(path: str, layout: str) -> np.ndarray:
    """Read the features ``[N, C]`` of a video.

    What a file claims to hold is compared with its size before memory is
    taken for it.

    Raises:
        ValueError: Names the file that is damaged, missing, of another
            shape, or that unpacks to more than anyone would store.
    """
    if layout == 't7':
        return _read_frames(path)
    try:
        # Mapped, so that a header alone takes no memory.
        array = np.load(path, mmap_mode='r', allow_pickle=False)
        if layout == 'npz':
            with array:
                keys = array.files
                key = keys[0] if len(keys) == 1 else 'features'
                _check_packed(array.zip, f'{key}.npy')
                array = array[key]
        if not isinstance(array, np.ndarray):
            raise ValueError('it is a zip of several arrays')
    except Exception as error:  # zip and zlib have types of their own
        raise ValueError(f'{path!r} cannot be read: {error}') from error
    if array.ndim != 2 or array.dtype.kind != 'f':
        raise ValueError(
            f'{path!r} holds {array.dtype} of shape {array.shape}, expected '
            'floats [N, C]'
        )
    _check_fits(path, array.nbytes)
    return array


def _check_packed(file: zipfile.ZipFile, name: str) -> None:
    """Refuse an array that is no longer as large as its header says."""
    packed = file.getinfo(name)
    with file.open(packed) as content:
        version = np.lib.format.read_magic(content)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(content)
        else:
            header = np.lib.format.read_array_header_2_0(content)
        start = content.tell()
    shape, _, dtype = header
    size = math.prod(shape) * dtype.itemsize
    if start + size != packed.file_size:
        raise ValueError(
            f'its header claims {size} bytes, {packed.file_size - start} '
            'are there'
        )
    if size > max(SMALL, DENSEST * packed.compress_size):
        raise ValueError(
            f'{packed.compress_size} bytes would unpack to {size}: no '
            'features are that alike'
        )
    _check_fits(name, size)


def _check_fits(path: str, size: int) -> None:
    free = free_bytes(torch.device('cpu'))
    if size > free:
        raise ValueError(
            f'{path!r} holds {size / 2**30:.1f} GiB for one video, '
            f'{free / 2**30:.1f} GiB of memory are free'
        )


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
    size = osp.getsize(file)
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as content:
                # PyTorch packs nothing, but would unpack what is.
                _check_claim(
                    sum(i.file_size for i in content.infolist()), size
                )
        frame = torch.load(file, map_location='cpu', weights_only=True)
    except Exception as error:  # of a zip, a pickle or neither
        first_line = str(error).partition('\n')[0]
        raise ValueError(f'{file!r} cannot be read: {first_line}') from error
    shape = tuple(getattr(frame, 'shape', ())) or type(frame).__name__
    if not isinstance(frame, torch.Tensor) or frame.ndim != 1:
        raise ValueError(f'{file!r} holds {shape}, expected a 1-D tensor')
    if not frame.is_floating_point():
        raise ValueError(f'{file!r} holds {frame.dtype}, expected floats')
    if frame.layout != torch.strided or frame.is_meta:
        raise ValueError(f'{file!r} holds no values, expected a dense tensor')
    try:  # one value may stand for many
        _check_claim(frame.numel() * frame.element_size(), size)
    except ValueError as error:
        raise ValueError(f'{file!r} cannot be read: {error}') from error
    frame = frame.detach()  # some save what they train
    return frame if frame.dtype in _OF_NUMPY else frame.float()


def _check_claim(claimed: int, size: int) -> None:
    if claimed > size:
        raise ValueError(f'{size} bytes claim to hold {claimed}')

"""Pickles of arrays and texts, as features are published, and no other."""

import math
import pickle
from typing import Any, Dict

import numpy as np

from .allowed import Array, Dtype, make_array, make_scalar, refused


def read_arrays(file: str) -> Any:
    """What a pickle holds of dicts, lists, numbers, texts and NumPy arrays.

    No code that it names is run or even looked up: NumPy's functions have
    stand-ins, anything else is refused.

    Args:
        file (str): Of any protocol.

    Raises:
        ValueError: If it holds something else, or is damaged; says why.
    """
    try:
        with open(file, 'rb') as content:
            return _Reader(content).load()
    except OSError:
        raise
    except Exception as error:  # a damaged one raises anything
        raise ValueError(
            f'{file!r} is no pickle of arrays and texts alone: {error}. '
            'Write the features as .npy or .npz files, one a video, where '
            'you trust it.'
        ) from error


def _from_buffer(buffer: Any, dtype: Dtype, shape: tuple, order: str) -> Any:
    """What ``numpy.core.numeric._frombuffer`` means."""
    if not (
        type(dtype) is Dtype
        and isinstance(buffer, (bytes, bytearray))
        and isinstance(shape, tuple)
        and math.prod(shape) * dtype.found.itemsize == len(buffer)
        and order in ('C', 'F')
    ):
        raise refused('a NumPy array whose bytes are not those of numbers')
    array = np.frombuffer(bytes(buffer), dtype.found)
    return array.reshape(shape, order=order)  # type: ignore[call-overload]


def _encoded(text: str, code: str) -> bytes:
    """What ``_codecs.encode`` means: bytes, in the protocols before 3."""
    if type(text) is not str or code != 'latin1':
        raise refused(f'a text encoded as {code!r}')
    return text.encode('latin1')


_STAND_INS: Dict[str, Any] = {
    'numpy.dtype': Dtype,
    'numpy.ndarray': Array,
    '_codecs.encode': _encoded,
    **{
        f'numpy.{core}.{name}': stand_in
        for core in ('core', '_core')
        for name, stand_in in {
            'multiarray._reconstruct': make_array,
            'multiarray.scalar': make_scalar,
            'numeric._frombuffer': _from_buffer,
        }.items()
    },
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = _STAND_INS.get(f'{module}.{name}')
        if found is None:
            raise refused(f'{module}.{name}')
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise refused('a reference to something outside of it')

"""What a pickle may hold beside tensors: what MMEngine itself writes.

That is ``HistoryBuffer``, with its methods as ``getattr(HistoryBuffer,
name)``, and NumPy's numbers and arrays of them. Stand-ins take the place of
their classes and functions while a file is read, and accept no other state
than these write.
"""

import math
import pickle
from typing import Any, Callable, List, Tuple, Union

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

STATISTICS = ('min', 'max', 'current', 'mean')
STATE_KEYS = {'max_length', '_log_history', '_count_history'}
DTYPES = {np.dtype(code).str[1:]: np.dtype(code) for code in '?bBhHiIqQefd'}


def refused(what: str) -> pickle.UnpicklingError:
    """The error of all stand-ins."""
    return pickle.UnpicklingError(f'refused {what}')


class SafeHistoryBuffer(HistoryBuffer):
    """Stands in for ``HistoryBuffer``.

    The state of a pickled buffer overwrites the statistics methods of the
    whole class. Here it must name those that the class has.
    """

    def __setstate__(self, state: dict) -> None:
        self._set_default_statistics()
        known = HistoryBuffer._statistics_methods
        methods = state.pop('statistics_methods', {})
        if set(state) != STATE_KEYS or any(
            known.get(name) is not method for name, method in methods.items()
        ):
            raise refused('a HistoryBuffer whose state mmengine did not write')
        self.max_length = state['max_length']
        for name in ('_log_history', '_count_history'):
            setattr(self, name, np.array(state[name]))
        self.__class__ = HistoryBuffer  # type: ignore[assignment]


def get_statistics_method(owner: type, name: str):
    """What ``builtins.getattr`` means in a checkpoint, and nothing else."""
    if owner is not SafeHistoryBuffer or name not in STATISTICS:
        raise refused(
            f'getattr({owner!r}, {name!r}): a checkpoint may look up '
            f'only {", ".join(STATISTICS)} of HistoryBuffer'
        )
    return getattr(HistoryBuffer, name)


class Dtype:
    """Stands in for ``numpy.dtype``: a number, of this machine's order."""

    def __init__(self, code: str, *flags: bool) -> None:
        if code not in DTYPES:
            raise refused(f'a NumPy dtype {code!r}: numbers alone are read')
        self.found = DTYPES[code]

    def __setstate__(self, state: tuple) -> None:
        order = self.found.str[0]
        if state != (3, order, None, None, None, -1, -1, 0):
            raise refused(f'a NumPy dtype with the state {state!r}')


class Array(np.ndarray):
    """Stands in for ``numpy.ndarray``, as which it is pickled again."""

    def __setstate__(self, state: tuple) -> None:
        version, shape, dtype, fortran, data = state
        if not (
            (version, type(dtype), type(data)) == (1, Dtype, bytes)
            and isinstance(shape, tuple)
            and math.prod(shape) * dtype.found.itemsize == len(data)
        ):
            raise refused('a NumPy array whose bytes are not those of numbers')
        super().__setstate__((1, shape, dtype.found, bool(fortran), data))

    def __reduce__(self):
        return np.array(self).__reduce__()


def make_array(kind: type, shape: tuple, code: bytes) -> Array:
    """What ``numpy.core.multiarray._reconstruct`` means."""
    if (kind, shape, code) != (Array, (0,), b'b'):
        raise refused('a NumPy array that is not made as NumPy makes it')
    return Array((0,), np.int8)


def make_scalar(dtype: Dtype, data: bytes) -> Any:
    """What ``numpy.core.multiarray.scalar`` means."""
    if type(dtype) is not Dtype or len(data) != dtype.found.itemsize:
        raise refused('a NumPy number whose bytes are not those of a number')
    return np.frombuffer(data, dtype.found)[0]


def allow_mmengine_checkpoints() -> None:
    """Let ``weights_only=True`` read what mmengine itself writes.

    NumPy's functions are spelled ``numpy.core`` or ``numpy._core`` after the
    NumPy that wrote them.

    https://github.com/open-mmlab/mmengine/issues/1655
    """
    safe: List[Union[Callable, Tuple[Callable, str]]] = [
        (SafeHistoryBuffer, f'{HistoryBuffer.__module__}.HistoryBuffer'),
        (get_statistics_method, 'builtins.getattr'),
        (Dtype, 'numpy.dtype'),
        (Array, 'numpy.ndarray'),
    ]
    for core in ('core', '_core'):
        path = f'numpy.{core}.multiarray'
        safe += [
            (make_array, f'{path}._reconstruct'),
            (make_scalar, f'{path}.scalar'),
        ]
    torch.serialization.add_safe_globals(safe)

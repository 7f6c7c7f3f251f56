"""What a pickle would do, found without doing it.

Every name in it gets a stand-in that imports, calls and allocates nothing.
The sizes that it asks for are compared with that of the file.
"""

import _compat_pickle
import math
import pickle
import warnings
from typing import IO, Any, Dict, Iterable, List, Optional

import torch

from ..faults import Faults

# Those of torch are left to torch, which knows which are harmless.
HARMLESS = {
    'collections.OrderedDict',
    'collections.Counter',
    '_codecs.encode',
    'builtins.bytearray',
    'builtins.set',
    'builtins.complex',
}
MAGIC = 3  # pickles before that of the content, in files of old PyTorch


class _Inert:
    """Stands for a class, a function, and for what they would make."""

    name = ''
    limit = 0

    def __new__(cls, *args, **kwargs):
        numbers = [x for x in args if type(x) is int]
        sizes = [math.prod(numbers) if numbers else 0]
        for arg in args:
            if isinstance(arg, tuple):
                sizes += [x for x in arg if type(x) is int]
        if cls.name.startswith('torch._utils._rebuild_') and len(args) > 2:
            size = args[2] if isinstance(args[2], tuple) else ()
            sizes.append(math.prod(x for x in size if type(x) is int))
        if cls.name == 'torch._tensor._rebuild_from_type_v2':
            args[0](*args[2])
        if max(sizes) > cls.limit:
            raise Faults(f'would make {max(sizes)} numbers by {cls.name}')
        if cls.name == '_codecs.encode' and args[1:] != ('latin1',):
            raise Faults('encodes bytes other than PyTorch does')
        return object.__new__(cls)

    def __init__(self, *args, **kwargs) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class _Rehearsal(pickle._Unpickler):  # type: ignore[name-defined]
    """Reads a pickle for the names and storages in it.

    The one written in Python: that in C allocates what an index asks for.
    """

    dispatch = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined]
    del dispatch[pickle.BYTEARRAY8[0]]  # would allocate

    def __init__(
        self, file: IO[bytes], limit: int, names: Dict[str, type]
    ) -> None:
        super().__init__(file, encoding='latin1')
        self.limit, self.names = limit, names
        self.storages: Dict[str, int] = {}  # bytes by key

    def find_class(self, module: str, name: str) -> type:
        module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        full = f'{module}.{name}'
        made = dict(name=full, limit=self.limit)
        return self.names.setdefault(full, type('_Named', (_Inert,), made))

    def persistent_load(self, pid: Any) -> _Inert:
        _, kind, key, _, numel, *_ = pid
        storage = getattr(torch, kind.name.rpartition('.')[2])
        with warnings.catch_warnings():  # of storages that have a type
            warnings.simplefilter('ignore')
            dtype = getattr(storage, 'dtype', torch.uint8)
        size = numel * dtype.itemsize
        self.storages[str(key)] = max(size, self.storages.get(str(key), 0))
        return _Inert()


def _foreign(names: Iterable[str]) -> List[str]:
    """Names that no checkpoint needs."""
    safe = torch.serialization.get_safe_globals()
    known = HARMLESS | {x[1] for x in safe if isinstance(x, tuple)}
    return [n for n in names if n not in known and not n.startswith('torch.')]


def rehearse(
    file: IO[bytes], size: int, records: Optional[Dict[str, int]] = None
) -> None:
    """Find what is wrong with a pickle before it is read.

    Args:
        file (IO): The pickle, or a file of a PyTorch before 1.6.
        size (int): Bytes of the whole file.
        records (dict, optional): Bytes that the file holds of every storage.
            Defaults to those of an old file: together no more than ``size``.

    Raises:
        Faults: Says what it asks for.
        Exception: Whatever a pickle that is none leads to.
    """
    names: Dict[str, type] = {}
    fault = None
    try:
        for _ in range(MAGIC if records is None else 0):
            _Rehearsal(file, size, names).load()
        pickled = _Rehearsal(file, size, names)
        pickled.load()
    except Exception as error:
        fault = error
    foreign = _foreign(names)
    if foreign:
        raise Faults(f'asks for {", ".join(foreign)}, which no weights need')
    if fault is not None:
        raise fault
    if records is None:
        if sum(pickled.storages.values()) > size:
            raise Faults('declares more bytes of tensors than it has')
        return
    for key, declared in pickled.storages.items():
        if declared > records.get(key, 0):
            raise Faults(
                f'declares {declared} bytes for the tensor data/{key}, of '
                f'which it holds {records.get(key, 0)}'
            )

"""Files that were made to harm, and what shows whether they did."""

import io
import os
import pickle
import socket
import struct
import zipfile
from pathlib import Path
from typing import List

import numpy as np
import torch


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *args) -> None:
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


class Traps:
    """What harm would set off.

    Args:
        root (Path): Above the folder in which tools run.
        folder (Path): That folder; nothing outside of it may change.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.canary = folder / 'executed'
        self.precious = root / 'precious'
        self.precious.mkdir()
        (self.precious / 'diary.txt').write_text('dear diary')
        self.server = socket.socket()
        self.server.bind(('127.0.0.1', 0))
        self.server.listen()
        self.server.setblocking(False)
        port = self.server.getsockname()[1]
        self.address = f'http://127.0.0.1:{port}/x'
        self.before = self._outside()

    def _outside(self) -> dict:
        return {
            file: file.read_bytes() if file.is_file() else None
            for file in self.root.rglob('*')
            if self.folder not in (file, *file.parents)
        }

    def harm(self) -> List[str]:
        """What was done: executed, written outside, fetched."""
        done = ['executed'] if self.canary.exists() else []
        if self._outside() != self.before:
            done.append('written outside')
        try:
            self.server.accept()
            done.append('fetched')
        except BlockingIOError:
            pass
        return done

    def payloads(self) -> dict:
        """Objects that run something when they are unpickled."""
        canary = str(self.canary)
        return dict(
            system=Call(os.system, f'touch {canary}'),
            opened=Call(open, canary, 'w'),
            evaluated=Call(eval, f'open({canary!r}, "w")'),
            executed=Call(exec, f'open({canary!r}, "w")'),
        )


def pickled(path: Path, payload) -> None:
    """A file of PyTorch that is one pickle, as before 1.6."""
    torch.save(payload, path, _use_new_zipfile_serialization=False)


def bare_pickle(path: Path, payload) -> None:
    path.write_bytes(pickle.dumps(dict(state_dict=payload), 2))


def zipped_pickle(path: Path, payload) -> None:
    torch.save(dict(state_dict=dict(w=torch.ones(3)), x=payload), path)


def object_array(path: Path, payload) -> None:
    """An array of NumPy whose elements are pickled."""
    with open(path, 'wb') as file:
        np.save(file, np.array([payload], object), allow_pickle=True)


def array_bomb(path: Path) -> None:
    """A file of some kB that unpacks to a GiB of zeros."""
    header = io.BytesIO()
    shape = dict(descr='<f4', fortran_order=False, shape=(1 << 22, 64))
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(
        path, 'w', zipfile.ZIP_DEFLATED, compresslevel=1
    ) as z:
        with z.open('features.npy', 'w', force_zip64=True) as part:
            part.write(header.getvalue())
            for _ in range(1 << 10):
                part.write(bytes(1 << 20))


def safetensors(path: Path, header: bytes, length: int = -1) -> None:
    """A header of this text, that says it is so long."""
    size = len(header) if length < 0 else length
    path.write_bytes(struct.pack('<Q', size) + header + bytes(64))


HEADERS = dict(  # of safetensors
    endless=(b'{}', (1 << 63) - 1),
    long=(b'{}', 1 << 31),
    nested=(b'[' * 200_000, -1),
    huge=(
        b'{"w":{"dtype":"F32","shape":[1099511627776],'
        b'"data_offsets":[0,4398046511104]}}',
        -1,
    ),
    overlapping=(
        b'{"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]},'
        b'"b":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}',
        -1,
    ),
    twice=(
        b'{"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]},'
        b'"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}',
        -1,
    ),
)

"""Tokens of a store in memory, of the host or of a GPU."""

from functools import cached_property
from itertools import accumulate
from typing import List, Optional, Sequence, Union

import numpy as np
import torch
from torch.utils.data import get_worker_info

from ..transforms import take_rows
from .store import FeatureStore

Tokens = Union[np.ndarray, torch.Tensor]  # [N, C]


class MemoryTokens:
    """All tokens of an open store as one tensor in the memory of the host.

    They keep the dtype that they have on disk. Forked workers share them; a
    spawned worker reads them again.

    Args:
        store (FeatureStore): The store.
        device (str): Defaults to ``'cpu'``.
    """

    def __init__(self, store: FeatureStore, device: str = 'cpu') -> None:
        self.store = store
        self.device = torch.device(device)

    def __reduce__(self):
        """Pickle the place, not the tokens."""
        return type(self), (self.store, str(self.device))

    def __getitem__(self, index: int) -> Tokens:
        """Tokens ``[N_i, C]`` of a video, a view.

        It is an array: NumPy takes rows faster.
        """
        return self.videos[index]

    @cached_property
    def videos(self) -> Sequence[Tokens]:
        """Tokens of every video. They are read once, when first asked for.

        Raises:
            MemoryError: If they do not fit; names both sizes.
        """
        return [video.numpy() for video in self._read().split(self.lengths)]

    @cached_property
    def lengths(self) -> List[int]:
        """Number of tokens of every video; 0 where it could not be read."""
        return [len(rows) for rows in self._mapped()]

    def _mapped(self) -> List[np.ndarray]:
        return [self.store[i] for i in range(len(self.store))]

    def _read(self) -> torch.Tensor:
        """All videos, end to end, ``[sum N_i, C]``."""
        mapped = self._mapped()
        self._check_size(sum(rows.nbytes for rows in mapped))
        tensor = torch.empty(
            (sum(map(len, mapped)), max(rows.shape[1] for rows in mapped)),
            dtype=getattr(torch, self.store.header.dtype),
            device=self.device,
        )
        for video, rows in zip(tensor.split(self.lengths), mapped):
            if len(rows):
                video.copy_(torch.tensor(rows))
        return tensor

    def _check_size(self, size: int) -> None:
        free = free_bytes(self.device)
        if size > free:
            raise MemoryError(
                f'the tokens in {self.store.path!r} take {size / 2**30:.2f} '
                f'GiB, and {free / 2**30:.2f} GiB of {self.device} are free. '
                'Leave out in_memory of the FeatureDataset: the tokens are '
                "then read from the files. extraction.dtype='float16' halves "
                'them.'
            )


class DeviceTokens(MemoryTokens):
    """The same on a GPU, where the frames of a batch are taken at once.

    Args:
        store (FeatureStore): The store.
        device (str): E.g. ``'cuda'``, the current GPU of the process.

    Raises:
        ValueError: If there is no GPU.
    """

    def __init__(self, store: FeatureStore, device: str) -> None:
        super().__init__(store, device)
        if self.device.type == 'cuda' and not torch.cuda.is_available():
            raise ValueError(
                f'in_memory={device!r} of a FeatureDataset needs a GPU, and '
                "there is none. Leave it out, or set in_memory='cpu'."
            )

    def __getitem__(self, index: int) -> torch.Tensor:
        """Tokens ``[N_i, C]`` of a video, a view of the tensor.

        Raises:
            ValueError: In a worker process, which has no GPU.
        """
        self._check_process()
        start = self.starts[index]
        return self.tensor[start : start + self.lengths[index]]

    def take(self, videos: Sequence[int], frames: np.ndarray) -> torch.Tensor:
        """Frames of several videos, by one kernel for all of them.

        Args:
            videos (Sequence[int]): ``B`` videos.
            frames (np.ndarray): ``[B, V, S]`` numbers of their tokens.

        Returns:
            torch.Tensor: Float32 ``[B, V, S, C]``.

        Raises:
            ValueError: In a worker process, which has no GPU.
        """
        self._check_process()
        starts = np.array([self.starts[i] for i in videos])
        return take_rows(self.tensor, frames + starts[:, None, None])

    @cached_property
    def tensor(self) -> torch.Tensor:
        """All videos, end to end, ``[sum N_i, C]``, read when first asked for.

        Raises:
            MemoryError: If they do not fit; names both sizes.
        """
        return self._read()

    @cached_property
    def starts(self) -> List[int]:
        """Where each video begins in the tensor."""
        return list(accumulate(self.lengths, initial=0))

    def _check_process(self) -> None:
        if get_worker_info() is not None:
            raise ValueError(
                f"in_memory='{self.device}' of a FeatureDataset cannot be "
                'used in a worker process. Set num_workers=0 and '
                'persistent_workers=False of its data loader, or '
                "in_memory='cpu'."
            )


def tokens_in(
    store: FeatureStore, device: Optional[str]
) -> Union[FeatureStore, MemoryTokens]:
    """Tokens of an open store, read at once into the memory of a device.

    Args:
        store (FeatureStore): The store.
        device (str, optional): None leaves them in their files.
    """
    if device is None:
        return store
    if device == 'cpu':
        in_host = MemoryTokens(store)
        in_host.videos  # noqa: B018 read before workers are forked
        return in_host
    on_device = DeviceTokens(store, device)
    on_device.tensor  # noqa: B018 it may not fit
    return on_device


def free_bytes(device: torch.device) -> int:
    """Memory that this process can still get on a device."""
    if device.type == 'cuda':
        kept = torch.cuda.memory_reserved(device)
        kept -= torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    with open('/proc/meminfo') as lines:
        sizes = dict(line.split(':') for line in lines)
    return int(sizes['MemAvailable'].split()[0]) * 1024

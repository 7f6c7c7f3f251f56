"""Tokens of a store in memory, of the host or of a GPU."""

from functools import cached_property
from typing import Sequence, Union

import numpy as np
import torch
from torch.utils.data import get_worker_info

from .store import FeatureStore

Tokens = Union[np.ndarray, torch.Tensor]  # [N, C]


class MemoryTokens:
    """All tokens of an open store as one tensor on a device.

    They keep the dtype that they have on disk. Forked workers share them in
    the memory of the host; a spawned worker reads them again.

    Args:
        store (FeatureStore): The store.
        device (str): E.g. ``'cpu'`` or ``'cuda'``, which is the current GPU
            of the process.

    Raises:
        ValueError: If there is no GPU.
    """

    def __init__(self, store: FeatureStore, device: str) -> None:
        self.store = store
        self.device = torch.device(device)
        if self.device.type == 'cuda' and not torch.cuda.is_available():
            raise ValueError(
                f'in_memory={device!r} of a FeatureDataset needs a GPU, and '
                "there is none. Leave it out, or set in_memory='cpu'."
            )

    def __reduce__(self):
        """Pickle the place, not the tokens."""
        return MemoryTokens, (self.store, str(self.device))

    def __getitem__(self, index: int) -> Tokens:
        """Tokens ``[N_i, C]`` of a video, a view of the tensor.

        In the memory of the host it is an array: NumPy takes rows faster.

        Raises:
            ValueError: In a worker process, which has no GPU.
        """
        if self.device.type != 'cpu' and get_worker_info() is not None:
            raise ValueError(
                f"in_memory='{self.device}' of a FeatureDataset cannot be "
                'used in a worker process. Set num_workers=0 and '
                'persistent_workers=False of its data loader, or '
                "in_memory='cpu'."
            )
        return self.videos[index]

    @cached_property
    def videos(self) -> Sequence[Tokens]:
        """Tokens of every video. They are read once, when first asked for.

        Raises:
            MemoryError: If they do not fit; names both sizes.
        """
        mapped = [self.store[i] for i in range(len(self.store.header.names))]
        self._check_size(sum(rows.nbytes for rows in mapped))
        tensor = torch.empty(
            (sum(map(len, mapped)), max(rows.shape[1] for rows in mapped)),
            dtype=getattr(torch, self.store.header.dtype),
            device=self.device,
        )
        videos = tensor.split([len(rows) for rows in mapped])
        for video, rows in zip(videos, mapped):
            if len(rows):  # else it could not be read
                video.copy_(torch.tensor(rows))
        if self.device.type == 'cpu':
            return [video.numpy() for video in videos]
        return videos

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


def free_bytes(device: torch.device) -> int:
    """Memory that this process can still get on a device."""
    if device.type == 'cuda':
        kept = torch.cuda.memory_reserved(device)
        kept -= torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    with open('/proc/meminfo') as lines:
        sizes = dict(line.split(':') for line in lines)
    return int(sizes['MemAvailable'].split()[0]) * 1024

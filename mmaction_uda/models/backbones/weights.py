"""Weight files of frozen backbones: found, hashed, read and checked."""

import hashlib
import os.path as osp
from typing import Callable, Dict

import torch
import torch.nn as nn
from mmengine.runner import CheckpointLoader
from safetensors.torch import load_file

ASSETS = osp.join(osp.dirname(__file__), '..', '..', 'assets')


def resolve(path: str, build: Callable[[], nn.Module]) -> str:
    """Path of a weight file; ``asset://NAME`` ships with the package.

    Args:
        path (str): File name, or ``asset://NAME``.
        build (callable): Builds the net, to name the keys that are expected.

    Returns:
        str: The path of an existing file.

    Raises:
        FileNotFoundError: Names the file, what it must hold and the remedy.
    """
    if path.startswith('asset://'):
        path = osp.normpath(osp.join(ASSETS, path[len('asset://') :]))
    if not osp.isfile(path):
        keys = list(build().state_dict())
        raise FileNotFoundError(
            f'The weights of the frozen backbone, {path!r}, are not there. '
            'Put the file in this place, or name another one in '
            f'model.backbone.checkpoint. It must hold {len(keys)} keys: '
            f'{", ".join(keys[:3])}, … {keys[-1]}.'
        )
    return path


def sha256(path: str) -> str:
    """SHA-256 of a file as 64 hex digits."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def read_weights(path: str) -> Dict[str, torch.Tensor]:
    """Read a state dict from ``.safetensors`` or a PyTorch file.

    PyTorch files are read with ``weights_only=True``. A recognizer's file
    gives its backbone alone (keys ``backbone.*``, the prefix removed).

    Args:
        path (str): An existing file.

    Returns:
        dict[str, torch.Tensor]: The weights.
    """
    if path.endswith('.safetensors'):
        return load_file(path)
    state = CheckpointLoader.load_checkpoint(path, map_location='cpu')
    for key in ('state_dict', 'model'):
        state = state.get(key, state)
    state = {k.removeprefix('module.'): v for k, v in state.items()}
    backbone = {
        k.removeprefix('backbone.'): v
        for k, v in state.items()
        if k.startswith('backbone.')
    }
    return backbone or state


def load_weights(net: nn.Module, path: str) -> None:
    """Load ``path`` into ``net``; every weight of the net must be in it.

    Args:
        net (nn.Module): The backbone.
        path (str): An existing file; keys that the net lacks are ignored
            (classifiers), as is a missing ``num_batches_tracked``.

    Raises:
        ValueError: Names the file and the first keys or shapes that differ.
    """
    state = read_weights(path)
    expected = {
        k: v
        for k, v in net.state_dict().items()
        if not k.endswith('num_batches_tracked')
    }
    missing = [k for k in expected if k not in state]
    wrong = [
        f'{k}: {tuple(state[k].shape)} in the file, '
        f'{tuple(v.shape)} in the net'
        for k, v in expected.items()
        if k in state and state[k].shape != v.shape
    ]
    if missing or wrong:
        raise ValueError(
            f'{path!r} does not hold the weights of {type(net).__name__}. '
            f'Missing: {missing[:5] or "none"} ({len(missing)} of '
            f'{len(expected)}); other shape: {wrong[:3] or "none"}; the file '
            f'has keys such as {list(state)[:3]}. Give a file made for this '
            'backbone, or change model.backbone.backbone to fit it.'
        )
    net.load_state_dict(state, strict=False)

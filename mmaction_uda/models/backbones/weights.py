"""Weight files: found, hashed, read and checked."""

from typing import Callable, Dict, Sequence, Union

import torch
import torch.nn as nn
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner import CheckpointLoader

from ...checkpoints import weights_of
from ...files import is_there, sha256_of
from ...zoo import Address, similar

# One file, or one for every submodule: dict(rgb=FILE, flow=FILE).
Files = Union[str, Dict[str, str]]


def resolve(path: Files, build: Callable[[], nn.Module]) -> Files:
    """Paths of weights, which are fetched if they are not there.

    Args:
        path (str or dict): What :class:`Address` reads; or one for every
            submodule of the net.
        build (callable): Builds the net, to name the keys that are expected.

    Returns:
        str or dict: The path of an existing file, or those of all.

    Raises:
        FileNotFoundError: Names the file, what it must hold and the remedy.
        Faults: If it cannot be fetched.
    """
    if isinstance(path, dict):
        return {
            name: _resolve(file, build, name) for name, file in path.items()
        }
    return _resolve(path, build)


def _resolve(text: str, build: Callable[[], nn.Module], part: str = '') -> str:
    """The same of one file, for the net or the submodule ``part`` of it."""
    path = Address.parse(text).fetch()
    if not is_there(path):
        keys = list(build().get_submodule(part).state_dict())
        raise FileNotFoundError(
            f'The weights of the backbone, {path!r}, are not there. '
            'Put the file in this place, or name another one in '
            f'model.backbone.checkpoint. {similar(text)}It must hold '
            f'{len(keys)} keys: {", ".join(keys[:3])}, … {keys[-1]}.'
        )
    return path


def digests(path: Files) -> Files:
    """SHA-256 of a file as 64 hex digits; of each, if there are several.

    Args:
        path (str or dict): What :func:`resolve` gives.
    """
    if isinstance(path, dict):
        return {name: sha256_of(file) for name, file in path.items()}
    return sha256_of(path)


def read_weights(path: str) -> Dict[str, torch.Tensor]:
    """Read a state dict from ``.safetensors`` or a PyTorch file.

    Args:
        path (str): An existing file.

    Returns:
        dict[str, torch.Tensor]: The weights.

    Raises:
        Faults: If it holds none, or numbers that are not finite.
    """
    return weights_of(CheckpointLoader.load_checkpoint(path, 'cpu'), path)


def part_of(
    state: Dict[str, torch.Tensor], prefix: str
) -> Dict[str, torch.Tensor]:
    """The weights below ``prefix``, which is taken off.

    Args:
        state (dict[str, torch.Tensor]): A state dict.
        prefix (str): The first part of names.
    """
    found = [key for key in state if key.startswith(prefix)]
    return {key[len(prefix) :]: state[key] for key in found}


def _streams(net: nn.Module, files: dict) -> Dict[str, nn.Module]:
    """Submodules that have a file each."""
    streams = dict(net.named_children())
    if set(files) != set(streams):
        raise ValueError(
            f'model.backbone.checkpoint names files for {list(files)}, '
            f'but {type(net).__name__} consists of {list(streams)}: '
            'give one file, or one for each of these'
        )
    return streams


def load_weights(
    net: nn.Module,
    path: Files,
    prefixes: Sequence[str] = ('backbone.net.', 'backbone.', ''),
    new: Sequence[str] = (),
) -> None:
    """Load ``path`` into ``net``; every weight of the net must be in it.

    Args:
        net (nn.Module): The backbone, or another module.
        path (str or dict): An existing file; keys that the net lacks are
            ignored (classifiers), as is a missing ``num_batches_tracked``.
            Or a file for each submodule.
        prefixes (Sequence[str]): The weights are those below the first of
            these that the file has; by default a recognizer's file gives its
            backbone alone.
        new (Sequence[str]): Weights with one of these in their name keep
            their values. Defaults to ().

    Raises:
        ValueError: Names the file and the first keys or shapes that differ.
    """
    if isinstance(path, dict):
        for name, part in _streams(net, path).items():
            load_weights(part, path[name], prefixes, new)
        return
    state = read_weights(path)
    parts = (part_of(state, prefix) for prefix in prefixes)
    state = next(filter(None, parts), {})
    rename = getattr(net, 'own_names', None)
    if rename is not None:  # other packages name weights otherwise
        state = rename(state)
    expected = {
        k: v
        for k, v in net.state_dict().items()
        if not k.endswith('num_batches_tracked')
        and not any(name in k for name in new)
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
            'net, or change its config (model.backbone.backbone) to fit it.'
        )
    net.load_state_dict(state, strict=False)


@WEIGHT_INITIALIZERS.register_module()
class StoredInit:
    """``init_cfg`` of a module whose weights lie in a file, all of them.

    MMEngine's ``Pretrained`` loads what fits and only logs the rest.

    Args:
        checkpoint (str): What :class:`Address` reads.
        prefix (str): Of the names of the weights in the file.
            Defaults to ``''``.
        new (Sequence[str]): Weights with one of these in their name are not
            in the file. Defaults to ().
    """

    def __init__(
        self, checkpoint: str, prefix: str = '', new: Sequence[str] = ()
    ) -> None:
        self.checkpoint = checkpoint
        self.prefix = prefix
        self.new = tuple(new)

    def __call__(self, module: nn.Module) -> None:
        """Load the weights."""
        file = Address.parse(self.checkpoint).fetch()
        load_weights(module, file, (self.prefix,), self.new)

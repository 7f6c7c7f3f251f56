"""Classes of backbones: found by name, or the reason why not."""

import difflib
import importlib
import inspect

import torch
from mmaction.registry import MODELS

from ...faults import one_line

FOREIGN = ('torchvision.', 'timm.')  # not in a registry


def check_foreign(name: str) -> None:
    """Say why a backbone of torchvision or timm cannot be built.

    Args:
        name (str): Its ``type`` in a config.

    Raises:
        ImportError: Names what is missing. The host asks to install what
            may well be there.
    """
    if not name.startswith(FOREIGN):
        return
    package = name.partition('.')[0]
    try:
        for needed in dict.fromkeys(('torchvision', package)):
            importlib.import_module(needed)
    except Exception as error:  # what does not fit fails in many ways
        raise ImportError(
            f'the backbone {name!r} needs {needed}, which cannot be imported '
            f'({one_line(error)}). timm, too, needs the torchvision that was '
            f'built for the installed torch {torch.__version__}. Install it, '
            'or take a backbone of mmpretrain or of Hugging Face (HFImage'
            'Backbone).'
        ) from error


def find_class(name: str) -> type:
    """A backbone of MMAction2, mmpretrain or this package.

    Args:
        name (str): Its ``type`` in a config.

    Raises:
        ValueError: For an unknown name; lists similar ones.
    """
    if name.startswith('mmpretrain.'):
        import mmpretrain.models  # noqa: F401 fills the registry
    found = MODELS.get(name)
    if found is None:
        similar = difflib.get_close_matches(name, MODELS.module_dict)
        raise ValueError(
            f'unknown backbone {name!r}; similar names: '
            f'{", ".join(similar) or "none"}. Correct '
            'model.backbone.backbone.type, or add the package '
            'that registers it to custom_imports.'
        )
    return found


def with_defaults(cfg: dict) -> dict:
    """A config and the defaults it leaves out: what really is built.

    Args:
        cfg (dict): Config of a backbone.

    Returns:
        dict: The same with the defaults of its class, and of the backbones
        that are arguments of it.
    """
    if cfg['type'].startswith(FOREIGN):
        return dict(cfg)
    found = find_class(cfg['type'])
    parameters = inspect.signature(found).parameters
    defaults = {
        name: p.default
        for name, p in parameters.items()
        if p.default is not p.empty
    }
    # Backbones inside of it have defaults, too.
    streams = {
        name: with_defaults(cfg[name])
        for name in getattr(found, 'streams', ())
    }
    return {**defaults, **cfg, **streams}

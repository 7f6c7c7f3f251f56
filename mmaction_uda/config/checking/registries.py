"""Classes by the names that configs give them."""

from typing import Any, Callable, Iterator, Optional

from mmengine.registry import Registry

_UNREGISTERED = ('torchvision.', 'timm.')  # packages of backbones


def find(registry: Registry, name: Any) -> Optional[Callable]:
    """What is registered under a name, in whatever scope; None for nothing.

    Args:
        registry (Registry): One of MMAction2's.
        name (str or callable): A ``type`` of a config.
    """
    if not isinstance(name, str) or is_foreign(name):
        return name if callable(name) else None
    try:
        if name.startswith('mmpretrain.'):
            import mmpretrain.models  # noqa: F401 fills the registry
        return registry.get(name)
    except Exception:  # a package that cannot be imported
        return None


def names_of(registry: Optional[Registry]) -> Iterator[str]:
    """All names that are known without a scope."""
    while registry is not None:
        yield from registry.module_dict
        registry = registry.parent


def is_foreign(name: Any) -> bool:
    """Whether the host builds it without a registry."""
    return isinstance(name, str) and name.startswith(_UNREGISTERED)

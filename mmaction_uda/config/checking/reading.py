"""Looks into configs that may hold anything anywhere."""

from typing import Any, Dict, Iterator, Mapping, Tuple

from mmengine.registry import Registry

from .arguments import Argument, arguments_of
from .registries import find


def argument_of(node: Mapping, registry: Registry, name: str) -> Any:
    """An argument of what a dict builds, as given or by default."""
    if name in node:
        return node[name]
    argument = named_arguments(node, registry).get(name)
    return argument.default if argument and argument.optional else None


def named_arguments(node: Mapping, registry: Registry) -> Dict[str, Argument]:
    """Arguments of what a dict builds."""
    found = find(registry, node.get('type'))
    return arguments_of(found).named if found else {}


def dict_at(value: Any, *keys: str) -> Mapping:
    """The dict below some keys, an empty one if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def dicts(path: str, value: Any) -> Iterator[Tuple[str, Mapping]]:
    """All dicts of a setting, with their paths."""
    if isinstance(value, Mapping):
        yield path, value
    items = value if isinstance(value, Mapping) else {}
    if isinstance(value, (list, tuple)):
        items = dict(enumerate(value))
    for key, item in items.items():
        yield from dicts(f'{path}.{key}', item)

"""Every setting of a config that nothing reads, and every wrong value."""

from typing import (
    Annotated,
    Any,
    Callable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    get_args,
    get_origin,
)

from mmengine.registry import Registry

from ...spelling import is_misspelt
from ..names import short
from .arguments import Argument, Arguments, arguments_of
from .places import FREE, OWN, Place, nothing
from .registries import find, is_foreign
from .schema import ARGUMENTS, ROOT, WHOLE, read_beside
from .texts import doubled, indivisible, lacking, no_class, no_target, unknown
from .values import members, value_faults

_RESERVED = ('type', '_scope_')  # read by registries


def setting_faults(cfg: Mapping) -> List[str]:
    """What is wrong with the settings of a config, each by itself.

    Args:
        cfg (dict): A config as our tools read it.
    """
    return list(_visit('', cfg, ROOT, ()))


def _visit(
    path: str, value: Any, place: Place, beside: Sequence[str]
) -> Iterator[str]:
    """Check what lies at a place.

    Args:
        path (str): Its dotted path.
        value: What is there.
        place (Place): What may be there.
        beside (Sequence[str]): Names of what lies beside it.
    """
    if place.free or value is None:
        return
    if isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _visit(f'{path}.{number}', item, place, ())
    elif not isinstance(value, Mapping):
        if place.plain and isinstance(value, str) and place.registry:
            if find(place.registry, value) is None:
                yield no_class(path, value, place.registry)
        elif not place.plain and not callable(value):
            yield f'{path}={short(value)} must be a dict.'
    elif place.each is not None:
        for key, item in value.items():
            inner = f'{path}.{key}'
            yield from _visit(inner, item, place.each, list(value))
            yield from doubled(inner, key, value)
    else:
        target = _target(value, place)
        if target is not None:
            yield from _visit_dict(path, value, place, target)
        elif not is_foreign(value.get('type')):
            yield no_target(path, value, place, beside)


def _visit_dict(
    path: str, value: Mapping, place: Place, target: Callable
) -> Iterator[str]:
    """Check the arguments of a class or a function."""
    start = f'{path}.' if path else ''
    arguments = _accepted(target, value)
    reserved = _RESERVED if place.registry is not None else ()
    known = [*arguments.named, *place.also, *place.fields, *reserved]
    for key, item in value.items():
        inner = f'{start}{key}'
        if key in reserved:
            continue
        if key in known:
            argument = arguments.named.get(key, Argument())
            yield from value_faults(inner, key, item, argument)
            found = _inner(key, item, argument, place, value)
            yield from _visit(inner, item, found, ())
        elif not arguments.others or is_misspelt(key, known):
            left = [*arguments.left_open(value), *place.also, *place.fields]
            yield unknown(inner, item, target, known, left)
    if place.whole or place.registry in WHOLE:
        yield from lacking(start, value, target, arguments)
    yield from indivisible(start, value, arguments)


def _target(value: Mapping, place: Place) -> Optional[Callable]:
    """What takes the settings of a dict; None if it is not found."""
    name = value.get('type')
    if place.registry is None or (name is None and place.default):
        return place.default or nothing
    return find(place.registry, name)


def _accepted(target: Callable, value: Mapping) -> Arguments:
    """Arguments of a target, with those that it hands on to others."""
    own = arguments_of(target)
    others = [arguments_of(found) for found in read_beside(target, value)]
    if not others:
        return own
    named: dict = {}
    for arguments in (*others, own):
        named.update(arguments.named)
    return Arguments(named, any(a.others for a in others))


def _inner(
    key: str, item: Any, argument: Argument, place: Place, value: Mapping
) -> Place:
    """Place of an argument: by its name, its annotation, what is there."""
    found = place.fields.get(key, ARGUMENTS.get(key))
    if found is not None:
        return found if isinstance(found, Place) else found(value)
    if not isinstance(item, (Mapping, list, tuple)):
        return FREE
    kinds = members(argument.annotation)
    for kind in kinds:
        if get_origin(kind) is Annotated:
            return _arguments_place(get_args(kind)[1], place.registry)
    if dict in kinds and argument.module.startswith(OWN):
        return Place(place.registry)  # a config
    scoped = '.' in str(value.get('type'))  # types inside are another scope's
    if place.registry is None or scoped or not _names_type(item):
        return FREE
    return Place(place.registry)


def _arguments_place(target: type, registry: Optional[Registry]) -> Place:
    """Arguments of a class, which a type names if it is registered."""
    known = registry and find(registry, target.__name__) is target
    return Place(registry if known else None, target)


def _names_type(item: Any) -> bool:
    if isinstance(item, (list, tuple)):
        return bool(item) and all(map(_names_type, item))
    return isinstance(item, Mapping) and 'type' in item

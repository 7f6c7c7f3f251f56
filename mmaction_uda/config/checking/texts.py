"""What is said of settings: path, value, what is wrong, remedy."""

from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

from mmengine.registry import Registry

from ...spelling import advice, is_misspelt
from ..names import short
from .arguments import Argument, Arguments
from .places import Place, nothing
from .registries import names_of


def unknown(
    path: str,
    value: Any,
    target: Callable,
    known: Sequence[str],
    left: Sequence[str],
) -> str:
    """A setting that nothing reads.

    Args:
        path (str): Its dotted path.
        value: What is set.
        target (callable): What takes the settings beside it.
        known (Sequence[str]): Names that this takes.
        left (Sequence[str]): Those of them that a config may give.
    """
    what = f'not an argument of {target.__name__}'
    if target is nothing:
        what = 'read by nothing'
    listed = f'Possible are {", ".join(left)}.' if left else 'Remove it.'
    meant = advice(path.rpartition('.')[2], known, listed)
    return f'{path}={short(value)} is {what}. {meant}'


def no_target(
    path: str, value: Mapping, place: Place, beside: Sequence[str]
) -> str:
    """What is said of a dict whose class is not found."""
    name = value.get('type')
    if name is None:
        key = path.rpartition('.')[2]
        others = [other for other in beside if other != key]
        meant = advice(key, others, f'Give {path}.type.')
        return f'{path}={short(value)} names no type. {meant}'
    return no_class(f'{path}.type', name, place.registry)


def no_class(path: str, name: Any, registry: Optional[Registry]) -> str:
    """What is said of a name that is not registered."""
    meant = advice(
        str(name),
        list(names_of(registry)),
        'Correct it, or add the package that registers it to custom_imports.',
    )
    kind = getattr(registry, 'name', 'class')
    return f'{path}={short(name)} is no {kind} that is known. {meant}'


def doubled(path: str, key: str, beside: Mapping) -> Iterator[str]:
    """A second entry of one kind, spelt almost like the first."""
    named = [
        k for k, v in beside.items() if isinstance(v, Mapping) and 'type' in v
    ]
    if key in named:
        kind = beside[key]['type']
        first = named[: named.index(key)]
        same = [k for k in first if beside[k]['type'] == kind]
        if is_misspelt(key, same):
            yield f'{path} is a second {kind}. {advice(key, same, "")}'


def lacking(
    start: str, value: Mapping, target: Callable, arguments: Arguments
) -> Iterator[str]:
    """Arguments without a default that are not given."""
    for name, argument in arguments.named.items():
        if not argument.optional and name not in value:
            yield (
                f'{start}{name} is not given; {target.__name__} needs it. '
                'Set it.'
            )


def indivisible(
    start: str, value: Mapping, arguments: Arguments
) -> Iterator[str]:
    """Heads share the width of an attention."""
    names = ('embed_dims', 'num_heads')
    width, heads = (
        value.get(n, arguments.named.get(n, Argument()).default) for n in names
    )
    if isinstance(width, int) and isinstance(heads, int) and heads > 0:
        if width % heads:
            yield (
                f'{start}embed_dims={width} is not divisible by '
                f'{start}num_heads={heads}.'
            )

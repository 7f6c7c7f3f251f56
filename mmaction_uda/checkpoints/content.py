"""What a checkpoint holds: weights, all of them finite."""

from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

import torch
from torch import Tensor

from ..faults import Faults

RESUMED = ('state_dict', 'meta', 'message_hub', 'optimizer')
PLACES = ('state_dict', 'model')  # of the weights; else the file is these


def weights_of(content: Any, path: str) -> Dict[str, Tensor]:
    """The weights of what a file holds.

    Args:
        content: The whole file.
        path (str): Its name, for the error.

    Returns:
        dict[str, Tensor]: By name, without the ``module.`` of a wrapper.

    Raises:
        Faults: Says what the file holds instead.
    """
    if not isinstance(content, Mapping):
        raise Faults(
            f'{path!r} is no checkpoint: it holds a '
            f'{type(content).__name__}, not weights by name'
        )
    state: Any = content
    for place in PLACES:
        if place in content:
            state = content[place]
            break
    weights = {
        str(name).removeprefix('module.'): value
        for name, value in (
            state if isinstance(state, Mapping) else {}
        ).items()
        if isinstance(value, Tensor)
    }
    if not weights:
        found = ', '.join(map(str, list(content)[:5])) or 'nothing'
        raise Faults(
            f'{path!r} is no checkpoint: it holds no weights, but {found}. '
            'A checkpoint has them under state_dict.'
        )
    return weights


def _tensors(content: Any) -> Iterator[Tuple[str, Tensor]]:
    """All tensors of nested containers, each once, with their paths."""
    left: List[Tuple[str, Any]] = [('', content)]
    seen: Set[int] = set()  # a file may hold itself, or one list many times
    while left:
        name, value = left.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Tensor):
            yield name.lstrip('.'), value
        elif isinstance(value, Mapping):
            left += [(f'{name}.{key}', part) for key, part in value.items()]
        elif isinstance(value, (list, tuple)):
            left += [(f'{name}.{key}', part) for key, part in enumerate(value)]


def _what_is_wrong(value: Tensor) -> Optional[str]:
    """``'NaN'`` or ``'Inf'``, if a tensor holds it."""
    if not (value.is_floating_point() or value.is_complex()):
        return None
    if value.layout is not torch.strided or not value.numel():
        return None
    value = value.detach()
    if value.element_size() == 1:
        value = value.float()  # numbers of eight bits have few operations
    if bool(torch.isfinite(value).all()):
        return None
    if bool(value.isnan().any()):
        return 'NaN'
    if not value.is_complex():
        # Zeros and -Inf alone are what attentions add to hide something.
        if bool(((value == 0) | (value == -torch.inf)).all()):
            return None
    return 'Inf'


def not_finite(content: Any) -> List[str]:
    """``'NaN in NAME'`` or ``'Inf in NAME'`` of each such tensor."""
    found = [(n, _what_is_wrong(t)) for n, t in _tensors(content)]
    return [f'{wrong} in {name}' for name, wrong in found if wrong]


def finite_fault(content: Any) -> Optional[str]:
    """What is said of numbers that are not finite, if there are any."""
    found = not_finite(content)
    if not found:
        return None
    more = f' and {len(found) - 3} more' if len(found) > 3 else ''
    return f'holds {", ".join(found[:3])}{more}'

"""Which values a setting may have, by its annotation and its name."""

import collections.abc
import inspect
import math
import re
import types
from typing import (
    Annotated,
    Any,
    Callable,
    Iterator,
    Literal,
    NamedTuple,
    Optional,
    Union,
    get_args,
    get_origin,
)

import torch

from ..names import short
from .arguments import Argument
from .places import OWN

_UNIONS = (Union, types.UnionType)
_LISTS = (list, tuple, collections.abc.Sequence)
_WORDS = {
    int: 'a whole number',
    float: 'a number',
    bool: 'True or False',
    str: 'a text',
    dict: 'a dict',
    type(None): 'None',
}
# Of these there is one, whoever declares them and however.
_SINGLE = (
    r'lr|(lr|decay)_mult|seed|base_batch_size|window_size|bias|std|interval|'
    r'max_keep_ckpts|opencv_num_threads'
)
# Plain values that hosts annotate: kinds of them, by the annotation.
_PLAIN = {
    int: 'number',
    float: 'number',
    torch.Tensor: 'number',
    bool: 'truth',
    str: 'text',
    type(None): 'nothing',
}


class Range(NamedTuple):
    """What numbers with some names may be.

    Args:
        names (str): Pattern of the whole name.
        allowed (callable): Of a number.
        text (str): The same in words.
    """

    names: str
    allowed: Callable[[float], bool]
    text: str


_RANGES = (
    Range(
        r'depth|num_heads|embed_dims|(.+_)?channels|num_frames|num_views|'
        r'num_classes|num_videos|num_modalities|num_logits|max_frames|'
        r'(base_)?batch_size|max_epochs|max_iters|val_interval|val_begin|'
        r'accumulative_counts|window_size|clip_len|num_clips|frame_interval|'
        r'T_max|((crop|patch|img)_)?size|(.+_)?stride(_t)?|.+_kernel|widths|'
        r'dilations|topk|epoch_length',
        lambda x: x >= 1,
        '>= 1',
    ),
    Range(
        r'queue_size|num_workers|num_layers|temporal_depth|seed|before|'
        r'(.+_)?weight|weight_decay|amplitude|gamma|(lr|decay)_mult|'
        r'domain_weights|max_norm|class_counts|severity|magnitude',
        lambda x: x >= 0,
        '>= 0',
    ),
    Range(r'lr|feature_scale|bound|eps|std|mlp_ratio', lambda x: x > 0, '> 0'),
    Range(
        r'(.+_)?dropout|dropout_ratio|drop_(path_)?rate|betas|distractors',
        lambda x: 0 <= x < 1,
        'in [0, 1)',
    ),
    Range(r'scale', lambda x: x > 0 or x == -1, '> 0 or -1'),
    Range(r'keep_ratio', lambda x: 0 < x <= 1, 'in (0, 1]'),
    Range(
        r'momentum|threshold|start|prob|flip_ratio',
        lambda x: 0 <= x <= 1,
        'in [0, 1]',
    ),
)


def value_faults(
    path: str, name: str, value: Any, argument: Argument
) -> Iterator[str]:
    """What is wrong with the value of an argument.

    The hosts' annotations are wrong in places: they only tell numbers, texts,
    truth values and lists from each other here.

    Args:
        path (str): Dotted path of the setting.
        name (str): Name of the argument.
        value: What is set.
        argument (Argument): What is known of it.
    """
    if _same(value, argument.default):
        return
    annotation, limits = argument.annotation, _range_of(name)
    single = re.fullmatch(_SINGLE, name) is not None
    if single and annotation is inspect.Parameter.empty:
        annotation = Union[int, float, bool]
    if argument.module.startswith(OWN):
        fits = _fits(value, annotation)
    else:
        known = single or limits is not None
        fits = not _is_of_another_kind(value, annotation, known)
    choices, numbers = argument.choices or (), list(_numbers(value))
    if choices and not (fits and type(value) not in set(map(type, choices))):
        # Values of another type are not meant, as a number beside names.
        if not any(_same(value, choice) for choice in choices):
            yield f'{path}={short(value)} must be one of {list(choices)}.'
    elif not all(map(math.isfinite, numbers)):
        yield f'{path}={short(value)} must be finite.'
    elif not fits or (limits and not all(map(limits.allowed, numbers))):
        yield f'{path}={short(value)} must be {_words(annotation, limits)}.'


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other


def _range_of(name: str) -> Optional[Range]:
    return next((r for r in _RANGES if re.fullmatch(r.names, name)), None)


def _numbers(value: Any) -> Iterator[float]:
    """The numbers of a value, or of a flat list."""
    for item in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(item, (int, float)) and not isinstance(item, bool):
            yield item


def _is_of_another_kind(value: Any, annotation: Any, known: bool) -> bool:
    """Whether a host asks for a plain value, or a list, of another kind.

    Lists in place of numbers, or of other lists, are left alone unless the
    argument is known: hosts take more than they say.
    """
    if value is None or isinstance(value, dict):
        return False  # hosts leave Optional out, and what an arch may be
    is_list = isinstance(value, (list, tuple))
    items = value if is_list else [value]
    if annotation is inspect.Parameter.empty:
        return known and any(isinstance(x, str) for x in items)
    kinds = members(annotation)
    if is_list:
        lists = [k for k in kinds if get_origin(k) in _LISTS]
        inner = [k for k in sum(map(get_args, lists), ()) if k is not ...]
        if inner:
            of: Any = Union[tuple(inner)]
            return any(_is_of_another_kind(x, of, False) for x in items)
        if not known:
            return False
    found = _PLAIN.get(type(value), type(value))
    return all(k in _PLAIN and _PLAIN[k] != found for k in kinds)


def members(annotation: Any) -> tuple:
    """The types that an annotation admits."""
    if get_origin(annotation) in _UNIONS:
        return sum(map(members, get_args(annotation)), ())
    return (annotation,)


def _fits(value: Any, annotation: Any) -> bool:
    """Whether a value of a config is of an annotated type."""
    return any(_fits_member(value, kind) for kind in members(annotation))


def _fits_member(value: Any, kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _fits(value, inner[0])
    if origin is Literal:
        return value in inner
    if origin in _LISTS or kind in _LISTS:
        if not isinstance(value, (list, tuple)):
            return False
        if origin is tuple and inner and inner[-1] is not Ellipsis:
            return len(value) == len(inner) and all(map(_fits, value, inner))
        return not inner or all(_fits(item, inner[0]) for item in value)
    if origin in (dict, collections.abc.Mapping):
        return isinstance(value, dict)
    if kind in (int, float):
        allowed = (int,) if kind is int else (int, float)
        return isinstance(value, allowed) and not isinstance(value, bool)
    if isinstance(kind, type) and kind is not inspect.Parameter.empty:
        return isinstance(value, kind)
    return True  # Any, a callable, a variable of types


def _words(annotation: Any, limits: Optional[Range]) -> str:
    """What a value must be, in words."""
    words = []
    for kind in members(annotation):
        inner = [k for k in get_args(kind) if k is not Ellipsis]
        if get_origin(kind) in _LISTS or kind in _LISTS:
            items = {_words(k, None).removeprefix('a ') for k in inner}
            of = f' of {" or ".join(sorted(items))}s' if items else ''
            words.append(f'a list{of}')
        elif get_origin(kind) is Literal:
            words.append(f'one of {", ".join(map(repr, inner))}')
        elif get_origin(kind) in (Annotated, dict):
            words.append('a dict')
        elif kind in _WORDS:
            words.append(_WORDS[kind])
    words = words or ['a number' if limits else 'of another kind']
    if limits is not None:
        at = next(i for i, w in enumerate(words) if 'number' in w or i == 0)
        words[at] += f' {limits.text}'
    return ' or '.join(dict.fromkeys(words))

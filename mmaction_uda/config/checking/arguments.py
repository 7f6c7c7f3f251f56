"""What a class or a function takes, as far as its own code says."""

import ast
import functools
import inspect
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
)

from torch import nn

from .source import choices_in, is_name, signature_of, tree_of

_ENDS = (object, nn.Module)  # take no other arguments
_READERS = ('pop', 'get', 'setdefault')


class Argument(NamedTuple):
    """An argument that is given by its name.

    Args:
        annotation: Its type; ``Parameter.empty`` for none.
        default: Its value where it is left out; ``Parameter.empty`` for none.
        choices (tuple, optional): The values that ``check_choice`` admits.
        module (str): Where it is declared.
    """

    annotation: Any = inspect.Parameter.empty
    default: Any = inspect.Parameter.empty
    choices: Optional[tuple] = None
    module: str = ''

    @property
    def optional(self) -> bool:
        """Whether it has a default."""
        return self.default is not inspect.Parameter.empty


class Arguments(NamedTuple):
    """All that may be given by name, and whether others may, too."""

    named: Dict[str, Argument]
    others: bool

    def left_open(self, given: Mapping) -> List[str]:
        """Names that a config may give: what is missing is filled in."""
        return [k for k, a in self.named.items() if a.optional or k in given]


@functools.cache
def arguments_of(target: Callable) -> Arguments:
    """Arguments of a class or a function.

    What a signature leaves to ``**kwargs`` is looked up where the code hands
    them on: in the base classes, or in what is called with them.

    Args:
        target (callable): A class or a function.
    """
    if not inspect.isclass(target):
        return _of_function(target, None)
    for owner in target.__mro__:
        if '__init__' in vars(owner):
            found = _of_function(vars(owner)['__init__'], target, owner)
            break
    # A dataclass checks its fields when they are set.
    choices = choices_in(vars(target).get('__post_init__'))
    named = {
        name: a._replace(choices=choices.get(name, a.choices))
        for name, a in found.named.items()
    }
    return found._replace(named=named)


def _of_function(
    function: Callable, target: Optional[type], owner: Optional[type] = None
) -> Arguments:
    """Arguments of a function, or of ``owner``'s part of a class."""
    if owner in _ENDS:
        return Arguments({}, False)
    signature = signature_of(function)
    if signature is None:
        return Arguments({}, True)
    parameters = list(signature.parameters.values())[owner is not None :]
    choices = choices_in(function)
    module = owner.__module__ if owner else function.__module__
    named = {
        p.name: Argument(p.annotation, p.default, choices.get(p.name), module)
        for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    }
    others = False
    for rest in (p.name for p in parameters if p.kind is p.VAR_KEYWORD):
        for found in _handed_on(function, rest, target, owner):
            named.update(
                (k, a) for k, a in found.named.items() if k not in named
            )
            others |= found.others
    return Arguments(named, others)


def _handed_on(
    function: Callable,
    rest: str,
    target: Optional[type],
    owner: Optional[type],
) -> Iterator[Arguments]:
    """What becomes of ``**rest``, by every place that names it."""
    tree = tree_of(function)
    if tree is None:
        yield Arguments({}, True)
        return
    uses = sum(is_name(node, rest) for node in ast.walk(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if any(
            k.arg is None and is_name(k.value, rest) for k in node.keywords
        ):
            uses -= 1
            yield _of_call(node, function, target, owner)
        elif (
            isinstance(node.func, ast.Attribute)
            and is_name(node.func.value, rest)
            and node.func.attr in _READERS
            and isinstance(node.args[0], ast.Constant)
        ):
            uses -= 1
            name = str(node.args[0].value)
            yield Arguments({name: Argument()}, False)
    if uses:  # kept, or handed on in a way that is not understood
        yield Arguments({}, True)


def _of_call(
    call: ast.Call,
    function: Callable,
    target: Optional[type],
    owner: Optional[type],
) -> Arguments:
    """Arguments of what is called, but those that the call gives."""
    given = sum(not isinstance(a, ast.Starred) for a in call.args)
    callee = ast.unparse(call.func)
    if callee.startswith('super(') and target is not None:
        following = target.__mro__[target.__mro__.index(owner) + 1 :]
        name = callee.rpartition('.')[2]
        base = next(c for c in following if name in vars(c))
        found = _of_function(vars(base)[name], target, base)
    else:
        found = _of_name(callee, function)
    keywords = {k.arg for k in call.keywords}
    named = {
        name: argument
        for n, (name, argument) in enumerate(found.named.items())
        if n >= given and name not in keywords
    }
    return found._replace(named=named)


def _of_name(name: str, function: Callable) -> Arguments:
    """Arguments of what a dotted name stands for inside a function."""
    first, *rest = name.split('.')
    found = inspect.unwrap(function).__globals__.get(first)
    for attribute in rest:
        found = getattr(found, attribute, None)
    if not callable(found) or found in (dict, functools.partial):
        return Arguments({}, True)
    return arguments_of(found)

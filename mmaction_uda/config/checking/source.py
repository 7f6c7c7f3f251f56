"""What the code of a function says."""

import ast
import functools
import inspect
import textwrap
from contextlib import suppress
from typing import Callable, Dict, Optional


def signature_of(function: Callable) -> Optional[inspect.Signature]:
    """Its parameters, annotations that are text evaluated where they can."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    scope = getattr(inspect.unwrap(function), '__globals__', {})
    parameters = []
    for parameter in signature.parameters.values():
        if isinstance(parameter.annotation, str):
            with suppress(Exception):  # whatever a foreign one raises
                kind = eval(parameter.annotation, scope)
                parameter = parameter.replace(annotation=kind)
        parameters.append(parameter)
    return signature.replace(parameters=parameters)


@functools.cache
def choices_in(function: Optional[Callable]) -> Dict[str, tuple]:
    """What ``check_choice`` admits inside of a function, by argument."""
    found: Dict[str, tuple] = {}
    tree = function and tree_of(function)
    if not function or not tree:
        return found
    scope = inspect.unwrap(function).__globals__
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_name(node.func, 'check_choice'):
            with suppress(Exception):  # choices that are not constant
                _, value, choices = node.args
                name = ast.unparse(value).removeprefix('self.')
                found[name] = tuple(eval(ast.unparse(choices), scope))
    return found


@functools.cache
def tree_of(function: Callable) -> Optional[ast.AST]:
    """Its syntax, None if there is no source of it."""
    try:
        text = inspect.getsource(inspect.unwrap(function))
        return ast.parse(textwrap.dedent(text))
    except (OSError, TypeError, SyntaxError):  # none, or not of Python
        return None


def is_name(node: ast.AST, name: str) -> bool:
    """Whether a node is this name alone."""
    return isinstance(node, ast.Name) and node.id == name

"""Configs as MMEngine writes them beside its logs: values, and no program."""

import ast
from typing import Any

from mmengine.config import Config


def read_dump(file: str) -> Config:
    """Read a config that was written, of which nothing is run.

    Any other config is a Python program. This one may come from elsewhere,
    with the results of a training.

    Args:
        file (str): ``vis_data/config.py`` of a log.

    Raises:
        OSError: If it cannot be read.
        ValueError: If there is more in it than names and values.
    """
    with open(file, encoding='utf-8') as text:
        content = text.read()
    try:
        lines = ast.parse(content).body
        return Config(dict(_assignment(line) for line in lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(
            f'{file!r} is no config that a training has written '
            f'({str(error)[:80]}). Remove it, or copy it again.'
        ) from error


def _assignment(line: ast.stmt) -> tuple:
    """``name = value``."""
    if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
        return line.targets[0].id, _value(line.value)
    raise ValueError(f'line {line.lineno} is no value')


def _value(node: ast.expr) -> Any:
    if isinstance(node, (ast.List, ast.Tuple)):
        values = map(_value, node.elts)
        return [*values] if isinstance(node, ast.List) else (*values,)
    if isinstance(node, ast.Dict):
        keys = (key and ast.literal_eval(key) for key in node.keys)
        return dict(zip(keys, map(_value, node.values)))
    if isinstance(node, ast.Call):  # dict(name=value), dict({'0': value})
        if ast.unparse(node.func) != 'dict':
            raise ValueError(f'line {node.lineno} calls a function')
        words = {str(word.arg): _value(word.value) for word in node.keywords}
        return dict(*map(_value, node.args), **words)
    return ast.literal_eval(node)

"""Lays out dumped configs, in milliseconds.

MMEngine asks yapf, which searches for the best way to break every line: 3 to
5 s for one of our configs, before every training.
"""

import ast
from typing import Tuple

WIDTH = 79


def _parts(node: ast.expr) -> Tuple[str, list, str]:
    """What may be broken into lines: opening, (name, value) pairs, end."""
    if isinstance(node, ast.Call) and not node.args:
        pairs = [(f'{k.arg}=', k.value) for k in node.keywords if k.arg]
        if len(pairs) == len(node.keywords):
            return f'{ast.unparse(node.func)}(', pairs, ')'
    if isinstance(node, ast.Call) and len(node.args) == 1:
        start, pairs, end = _parts(node.args[0])  # dict({...}): odd keys
        if not node.keywords and pairs:
            return f'{ast.unparse(node.func)}({start}', pairs, f'{end})'
    if isinstance(node, ast.Dict):
        keys = [f'{ast.unparse(key)}: ' for key in node.keys if key]
        if len(keys) == len(node.keys):  # a key of `**more` is None
            return '{', list(zip(keys, node.values)), '}'
    for kind, (start, end) in ((ast.List, '[]'), (ast.Tuple, '()')):
        if isinstance(node, kind):
            return start, [('', value) for value in node.elts], end
    return '', [], ''


def _layout(node: ast.expr, start: int, indent: int) -> str:
    """An expression that begins in column ``start``."""
    text = ast.unparse(node)
    opening, pairs, end = _parts(node)
    if start + len(text) < WIDTH or not pairs:
        return text
    indent += 4
    lines = [
        ' ' * indent + name + _layout(value, indent + len(name), indent) + ','
        for name, value in pairs
    ]
    return '\n'.join([opening, *lines, ' ' * (indent - 4) + end])


def format_code(text: str, **kwargs) -> Tuple[str, bool]:
    """Stands in for ``yapf.yapflib.yapf_api.FormatCode``.

    Args:
        text (str): Assignments, as ``Config.pretty_text`` writes them.
        kwargs: yapf's options; no use is made of them.

    Returns:
        tuple: The same assignments, laid out, and True.
    """
    lines = []
    for statement in ast.parse(text).body:
        assert isinstance(statement, ast.Assign)
        target = f'{ast.unparse(statement.targets[0])} = '
        lines.append(target + _layout(statement.value, len(target), 0))
    return '\n'.join(lines) + '\n', True

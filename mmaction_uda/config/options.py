"""Settings that are changed by their dotted paths."""

import ast
from argparse import ArgumentParser, Namespace
from typing import Any, Dict, List, Mapping, Optional, Sequence

from mmengine.config import Config, ConfigDict, DictAction

from . import keys
from .names import short


def read_options(options: Sequence[str]) -> Dict[str, Any]:
    """Values of ``key=value …``, as MMEngine reads them.

    A value with a dict in it, which MMEngine takes for a text, is read as in
    a config: ``a.b=[dict(type='X')]``.
    """
    found: Dict[str, Any] = {}
    for option in options:
        key, _, text = option.partition('=')
        try:
            if not key or ('dict(' not in text and '{' not in text):
                raise ValueError
            found[key] = _value(ast.parse(text.strip(), mode='eval').body)
        except (ValueError, SyntaxError):
            space = Namespace()
            DictAction([''], 'all')(ArgumentParser(), space, [option])
            found.update(space.all)
    return found


def _value(node: ast.expr) -> Any:
    """What literals and ``dict(…)`` say; nothing is run."""
    if isinstance(node, ast.List):
        return [*map(_value, node.elts)]
    if isinstance(node, ast.Tuple):
        return (*map(_value, node.elts),)
    if isinstance(node, ast.Dict):
        names = [ast.literal_eval(key or node) for key in node.keys]
        return dict(zip(names, map(_value, node.values)))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == 'dict':
        if not node.args and all(word.arg for word in node.keywords):
            return {word.arg: _value(word.value) for word in node.keywords}
    return ast.literal_eval(node)


def apply_options(cfg: Config, options: Mapping) -> List[str]:
    """Change settings.

    Args:
        cfg (Config): Changed. What is switched off (None) is switched on by
            a setting inside of it.
        options (dict): ``{dotted path: value}``.

    Returns:
        list[str]: Faults; options that have one are left out.
    """
    faults = []
    for key, value in options.items():
        words = key.split('.')
        if words[0] not in keys.TOP_LEVEL:
            faults.append(keys.unknown(key, cfg._cfg_dict))
            continue
        # What a stage is made of is not known here.
        fault = None
        if words[0] != 'stages':
            fault = _obstacle(cfg._cfg_dict, words)
        if fault is None:
            try:
                cfg.merge_from_dict({key: value})
                continue
            except (TypeError, LookupError, AssertionError) as error:
                fault = str(error)
        faults.append(f'{key}={short(value)} cannot be set: {fault}')
    return faults


def flat(changes: Mapping, start: str = '') -> Dict[str, Any]:
    """Nested changes by their dotted paths.

    A dict that is to replace another (``_delete_``), or with dots in its
    keys, stays one.
    """
    found: Dict[str, Any] = {}
    for key, value in changes.items():
        nested = isinstance(value, Mapping) and value
        if nested and not any('.' in k or k == '_delete_' for k in value):
            found.update(flat(value, f'{start}{key}.'))
        else:
            found[f'{start}{key}'] = value
    return found


def _obstacle(node: Any, words: List[str]) -> Optional[str]:
    """What is in the way of a path; a dict takes the place of None."""
    for number, word in enumerate(words):
        path, following = '.'.join(words[:number]), words[number + 1 :]
        if isinstance(node, list):
            if not word.isdigit() or int(word) >= len(node):
                end = len(node) - 1
                return f'{path} is a list, its entries are 0 to {end}.'
            node = node[int(word)]
        elif not isinstance(node, dict):
            return f'{path}={short(node)} has no settings. Set it as a whole.'
        elif node.get(word) is None:
            if following and following[0].isdigit():
                return f'there is no list {".".join(words[: number + 1])}.'
            if not following or word not in node:
                return None
            node[word] = node = ConfigDict()
        else:
            node = node[word]
    return None

"""Names that only help to build a config.

A layer sets them for its children, beginning with an underscore; a file may
set others for itself. No experiment has them when our tools have read it.
"""

import ast
import os.path as osp
from typing import AbstractSet, Iterator, List, Set, Tuple

from mmengine.config import Config

Names = Set[str]


def is_fragment(name: str) -> bool:
    """Whether a name is that of a fragment of a layer."""
    return name.startswith('_') and not name.startswith('__')


def strip(cfg: Config, helpers: Names) -> None:
    """Take fragments and helpers out of a config."""
    for name in [key for key in cfg if is_fragment(key) or key in helpers]:
        del cfg._cfg_dict[name]


def layer_of(file: str, kind: str) -> str:
    """Name of the layer that a config builds on, ``''`` for none.

    Args:
        file (str): The config.
        kind (str): ``'settings'``, ``'tasks'``, …
    """
    for path in inherited(file):
        if osp.basename(osp.dirname(path)) == kind:
            return osp.basename(path)[:-3]
    return ''


def helpers(
    file: str, settings: AbstractSet[str]
) -> Tuple[Names, List[Tuple[str, str]]]:
    """Names that are no settings, of a config and what it inherits from.

    A name that a file sets is a helper if this file reads it, or one that
    inherits from it does. Layers, in a folder ``_base_``, set fragments for
    files that are not known here.

    Args:
        file (str): The config.
        settings (AbstractSet[str]): What is read at the top of a config.

    Returns:
        tuple: Helpers, and what is set in vain: ``[(file, name)]``.
    """
    found: Names = set()
    vain: List[Tuple[str, str]] = []
    inherits: Names = set()
    for path in inherited(file):
        tree = _tree(path) if path.endswith('.py') else ast.Module([], [])
        read = _read(tree) | inherits
        inherits |= _read(tree, 'inherited')
        layer = '_base_' in osp.abspath(path).split(osp.sep)
        for name in _set(tree) - settings - {'_base_'}:
            if name in read:
                found.add(name)
            elif not (layer and is_fragment(name)):
                vain.append((path, name))
    return found, sorted(vain)


def inherited(file: str) -> Iterator[str]:
    """A config and all that it inherits from, the nearest first."""
    files = [file]
    for path in files:
        yield path
        bases = _bases(path) if path.endswith('.py') else []
        folder = osp.dirname(path)
        files += [osp.normpath(osp.join(folder, base)) for base in bases]


def _tree(file: str) -> ast.Module:
    with open(file, encoding='utf-8') as text:
        return ast.parse(text.read(), file)


def _bases(file: str) -> List[str]:
    for node in _tree(file).body:
        if isinstance(node, ast.Assign) and '_base_' in _targets(node):
            bases = ast.literal_eval(node.value)
            bases = [bases] if isinstance(bases, str) else bases
            return [base for base in bases if '::' not in base]
    return []


def _targets(node: ast.stmt) -> List[str]:
    """Names that a statement sets."""
    return [
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


def _set(tree: ast.Module) -> Names:
    """Names that a file sets and keeps."""
    names = {name for node in tree.body for name in _targets(node)}
    gone = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return names - gone


def _read(tree: ast.Module, of: str = 'own') -> Names:
    """Names that a file reads, of its own or as ``_base_.name``."""
    if of == 'own':
        return {
            n.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        }
    return {
        n.attr
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute)
        and isinstance(n.value, ast.Name)
        and n.value.id == '_base_'
    }

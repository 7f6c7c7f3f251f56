"""Write docs/api.md: public names, what they take and what they are for.

Nothing is imported: names are those of ``__all__``, or all that a module
defines without an underscore, with the first paragraph of what they say.
"""

import ast
import os.path as osp
import re
import sys
from typing import Iterator, List, NamedTuple, Tuple

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import make_parser, told

ROOT = osp.join(osp.dirname(osp.abspath(__file__)), '..', '..')
PAGE = osp.join(ROOT, 'docs', 'api.md')
HEAD = """# Public names

What programs and configs may use, by module, with the first lines of their
docstrings; the rest is in the source. [Python](python.md) shows them at work.
Written by `tools/dev/write_api.py`.
"""
# Modules in the order in which a user meets them.
MODULES = tuple(
    """
    config own_data engine apis inference export evaluation
    visualization/report visualization/figures datasets datasets/rendered
    models/recognizers models/backbones models/necks models/layers
    models/heads models/losses checkpoints zoo
    """.split()
)


class Name(NamedTuple):
    """A public name."""

    name: str
    call: str
    text: str


def page() -> str:
    """The page."""
    parts = [HEAD]
    for module in MODULES:
        dotted = f'mmaction_uda.{module.replace("/", ".")}'
        parts.append(f'\n## `{dotted}`\n\n| | |\n|---|---|\n')
        for found in names(module):
            parts.append(f'| `{found.call}` | {found.text} |\n')
    return ''.join(parts)


def names(module: str) -> List[Name]:
    """Public names of a module or a package, in its order."""
    file = osp.join(ROOT, 'mmaction_uda', module)
    path = f'{file}.py' if osp.isfile(f'{file}.py') else f'{file}/__init__.py'
    found = (_look_up(path, name) for name in _public(path))
    return [Name(*each) for each in found if each]


def _tree(path: str) -> ast.Module:
    with open(path, encoding='utf-8') as file:
        return ast.parse(file.read())


def _public(path: str) -> Iterator[str]:
    body = _tree(path).body
    for node in body:
        if isinstance(node, ast.Assign) and _target(node) == '__all__':
            yield from ast.literal_eval(node.value)
            return
    for node in body:
        name = getattr(node, 'name', '_')
        if not name.startswith('_'):
            yield name


def _target(node: ast.Assign) -> str:
    return node.targets[0].id if isinstance(node.targets[0], ast.Name) else ''


def _look_up(path: str, name: str) -> Tuple[str, ...]:
    """A class or function, followed through imports; () for a constant."""
    for node in _tree(path).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            aliases = {a.asname or a.name: a.name for a in node.names}
            if name in aliases:
                return _look_up(_imported(path, node), aliases[name])
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            if node.name == name:
                return name, _call(node), _first(node)
    return ()


def _imported(path: str, node: ast.ImportFrom) -> str:
    folder = osp.dirname(path)
    for _ in range(node.level - 1):
        folder = osp.dirname(folder)
    file = osp.join(folder, *(node.module or '').split('.'))
    return f'{file}.py' if osp.isfile(f'{file}.py') else f'{file}/__init__.py'


def _call(node) -> str:
    """Its name and the names of its arguments."""
    if isinstance(node, ast.ClassDef):
        methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
        inits = [method for method in methods if method.name == '__init__']
        fields = [n for n in node.body if isinstance(n, ast.AnnAssign)]
        if not inits:
            return _joined(node.name, [ast.unparse(n.target) for n in fields])
        arguments = inits[0].args
    else:
        arguments = node.args
    plain = [a.arg for a in (*arguments.args, *arguments.kwonlyargs)]
    more = [f'*{a.arg}' for a in [arguments.vararg] if a]
    more += [f'**{a.arg}' for a in [arguments.kwarg] if a]
    return _joined(node.name, [a for a in plain if a != 'self'] + more)


def _joined(name: str, arguments: List[str]) -> str:
    return f'{name}({", ".join(arguments)})' if arguments else name


def _first(node) -> str:
    """The first paragraph, as Markdown."""
    text = (ast.get_docstring(node) or '').partition('\n\n')[0]
    text = re.sub(r':\w+:`~?\.?([^`]+)`', r'`\1`', text)
    for old, new in (('``', '`'), (r'\|', '‖'), ('|', r'\|')):
        text = text.replace(old, new)
    return ' '.join(text.split())


def main() -> None:
    """Write."""
    parser = make_parser(__doc__, 'python tools/dev/write_api.py')
    args = parser.parse_args()
    with told(args.debug):
        from mmaction_uda.files import written_aside

        with written_aside(PAGE, 'w') as file:
            file.write(page())


if __name__ == '__main__':
    main()

"""Who may know whom: models know neither data sets nor the engine."""

import ast

import pytest
from helpers.configs import ROOT

MODELS = ROOT / 'mmaction_uda/models'
# What models may import.
BELOW = {
    *('checkpoints', 'choices', 'faults', 'files', 'models', 'motion'),
    *('spelling', 'streams', 'templates', 'views', 'zoo'),
}


def imported(file) -> set:
    """Rooms of the package that a module of ``models`` imports."""
    package = file.relative_to(ROOT).parent.parts
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            path = package[: len(package) - node.level + 1]
            path += tuple((node.module or '').split('.'))
            found.add(path[1])
        elif isinstance(node, ast.ImportFrom):
            assert not node.module.startswith('mmaction_uda'), node.module
    return found


@pytest.mark.parametrize(
    'file', sorted(MODELS.rglob('*.py')), ids=lambda f: f.stem
)
def test_models_import_what_lies_below(file):
    assert imported(file) <= BELOW
    if 'kernels' in file.parts:
        assert not file.read_text().count('from ..')

"""The notebook runs as it is printed, in one process."""

import json
import re
from pathlib import Path

import pytest
from helpers.configs import ROOT
from helpers.runs import run_tool

SIZES = 'num_train, num_test, epochs = 12, 6, 12'


@pytest.mark.parametrize(
    'numbers', ['4, 1, 2', pytest.param('12, 6, 12', marks=pytest.mark.full)]
)
def test_the_notebook(numbers, tmp_path, monkeypatch):
    """Its cells in their order, smaller than they are printed."""
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / 'docs/tour.ipynb').read_text())
    cells = [c for c in notebook['cells'] if c['cell_type'] == 'code']
    assert not any(c['outputs'] or c['execution_count'] for c in cells)
    code = '\n'.join(''.join(cell['source']) for cell in cells)
    assert code.count(SIZES) == 1
    code = code.replace(SIZES, f'num_train, num_test, epochs = {numbers}')
    Path('cells.py').write_text(f'{code}\nprint(picture)')
    output = run_tool(tmp_path / 'cells.py')
    num_train, _, epochs = map(int, numbers.split(', '))
    assert f'target {8 * num_train} videos to train\n' in output
    assert output.count(f'\n  {epochs}/{epochs} ') in (0, 2)
    rows = re.findall(r'^\| (\w+) \| [\d.]+', output, re.M)
    assert rows[:2] == ['source_only', 'transferattn']
    scores = re.findall(r'^(\w+) +([\d.]+)$', output, re.M)[-8:]
    assert abs(sum(float(score) for _, score in scores) - 1) < 0.05
    best = max(scores, key=lambda row: float(row[1]))
    said = re.search(r'walk_000.mp4 is taken for (\w+)', output)[1]
    assert dict(scores)[said] == best[1]
    assert output.count('<svg') == 3 and output.count('<image') >= 32

"""The measured training is whole: its seconds and what they were spent on."""

import json

import pytest
from helpers.runs import run_tool

SMALL = [
    'model.neck.embed_dims=32',
    'model.neck.hidden_channels=32',
    'model.neck.last_attention.hidden_channels=8',
    'model.domain_head.hidden_channels=8',
    'model.ib_head.projector.channels=(8,8)',
    'train_dataloader.batch_size=8',
]
PHASES = ('start_up', 'warm_up', 'training', 'evaluation', 'between')


@pytest.mark.full
def test_figures_and_profile(tmp_path):
    figures, table = tmp_path / 'figures.json', tmp_path / 'profile.txt'
    output = run_tool(
        'bench/bench_training.py',
        *('--epochs', 3, '--scale', 0.08, '--in-memory', 'cpu'),
        *('--out', figures, '--profile', table, '--cfg-options', *SMALL),
    )
    found = json.loads(figures.read_text())
    assert found['steps'] == 3 * (67 // 8)  # 67 of 840 target videos
    assert all(found[f'{phase}_s'] > 0 for phase in PHASES)
    total = sum(found[f'{phase}_s'] for phase in PHASES)
    assert found['total_s'] == pytest.approx(total)
    step = 1e3 * found['training_s'] / (found['steps'] - 5)
    assert found['step_ms'] == pytest.approx(step)
    assert 'Epoch(val) [3]' in output and 'Epoch(val) [2]' not in output
    rows = table.read_text()
    assert 'aten::addmm' in rows
    # As many as ten of the steps have.
    (adam,) = (x for x in rows.splitlines() if 'Optimizer.step#Adam' in x)
    assert adam.split()[-1] == '10'

"""The parts of the benchmark beside the steps, all of them small."""

import json
import sys

import pytest
from helpers.configs import ROOT
from helpers.runs import run_tool

GROWTH = ('check', 'identity', 'stores', 'data sets', 'order', 'predictions')


@pytest.fixture
def growth(monkeypatch):
    """The module that measures long lists."""
    monkeypatch.syspath_prepend(str(ROOT / 'tools'))
    monkeypatch.syspath_prepend(str(ROOT / 'tools/bench'))
    sys.modules.pop('_growth', None)
    import _growth

    return _growth


def test_growth(growth, tmp_path, monkeypatch):
    """It measures real parts: what they find is right."""
    monkeypatch.setenv('TMPDIR', str(tmp_path))
    found = growth.measure(1100)  # two shards of the target
    assert {*found} == {*GROWTH, 'scores'}
    assert all(seconds >= 0 for seconds in found.values())


@pytest.mark.full
def test_parts(make_config, tmp_path):
    make_config('transferattn_demo').dump('config.py')
    parts = 'loader', 'extraction', 'small', 'growth'
    output = run_tool(
        'bench/benchmark.py',
        *('--quick', '--config', 'config.py', '--out', 'out.json'),
        *('--parts', *parts),
    )
    figures = json.loads((tmp_path / 'out.json').read_text())
    assert (*figures,) == parts
    assert figures['loader']['ratio'] > 1
    assert figures['small']['one_epoch_s'] > 0
    assert {*figures['growth']} == {'1000', '10000'}
    assert 'extraction: {' in output

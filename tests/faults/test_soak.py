"""A long training takes no more of the machine at its end than early on."""

import json
from pathlib import Path

import pytest
from helpers.configs import small_config
from helpers.forked import run

EPOCHS, WARM = 2000, 200
INTERVAL = 20


@pytest.fixture
def folder(demo_data, tmp_path) -> Path:
    """Epochs of one step; a checkpoint and a validation now and then."""
    cfg = small_config('source_only_demo')
    cfg.train_dataloader.sampler.epoch_length = 2
    cfg.train_cfg.update(max_epochs=EPOCHS, val_interval=100)
    cfg.default_hooks.checkpoint.interval = INTERVAL
    cfg.custom_imports = dict(imports=['mmaction_uda', 'helpers.watching'])
    cfg.custom_hooks = [dict(type='WatchHook', interval=INTERVAL)]
    cfg.dump(tmp_path / 'config.py')
    (tmp_path / 'data').symlink_to(demo_data)
    return tmp_path


@pytest.mark.full
def test_many_epochs(folder, record_property):
    call = ('train.py', 'config.py', '--work-dir', 'work')
    assert run(folder, *call, limit=3600) == 0
    lines = (folder / 'work/watch.jsonl').read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row['epoch'] >= WARM]
    assert len(rows) == (EPOCHS - WARM) // INTERVAL
    first, last = rows[0], rows[-1]
    grown = {k: last[k] / first[k] - 1 for k in ('memory', 'checkpoint')}
    print('soak:', first, last, grown)
    for key in ('handles', 'threads', 'files'):
        assert len({row[key] for row in rows}) == 1, key
    assert grown['memory'] <= 0.02
    assert grown['checkpoint'] <= 0.02
    record_property('tried: epochs of the soak', EPOCHS)

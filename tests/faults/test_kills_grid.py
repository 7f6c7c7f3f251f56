"""Grids, and trainings of grids, that are killed and begun again."""

import pytest
from helpers.configs import small_config
from helpers.kills import KILL, TERM, Moment, finish, kill
from helpers.runs import differing
from safetensors.torch import load_file

from mmaction_uda.evaluation import read_validations

RUN = 'grid/config/seed3'
GRID = ('run_grid.py', 'config.py', '--seeds', '3', '--jobs', '1')
MOMENTS = [
    Moment('hook', 'before_train_iter', 2),
    Moment('hook', 'after_train_iter', 5, KILL, 'grid'),
    Moment('hook', 'before_val_epoch', 1, TERM, 'grid'),
    Moment('hook', 'before_save_checkpoint', 1, TERM),
    Moment('hook', 'after_train', 1, KILL, 'grid'),
]


@pytest.fixture
def folders(demo_data, tmp_path) -> list:
    """The config imports what ends its processes."""
    cfg = small_config('source_only_demo')
    cfg.train_dataloader.sampler.epoch_length = 8
    cfg.train_cfg.update(max_epochs=2)
    cfg.custom_imports = dict(imports=['mmaction_uda', 'helpers.kills'])
    made = [tmp_path / 'killed', tmp_path / 'whole']
    for folder in made:
        folder.mkdir()
        cfg.dump(folder / 'config.py')
        (folder / 'data').symlink_to(demo_data)
    return made


@pytest.mark.full
def test_killed_and_begun_again(folders, record_property):
    killed, whole = folders
    finish(whole, *GRID, '--work-dir', 'grid')
    for moment in MOMENTS:
        kill(killed, moment, *GRID, '--work-dir', 'grid')
        assert not (killed / RUN / 'finished').exists()
    finish(killed, *GRID, '--work-dir', 'grid')
    weights = (load_file(f / RUN / 'weights.safetensors') for f in folders)
    assert not differing(*weights)
    found, wanted = (read_validations(str(f / RUN)) for f in folders)
    assert found == wanted and len(wanted) == 2
    record_property('tried: kills', len(MOMENTS))

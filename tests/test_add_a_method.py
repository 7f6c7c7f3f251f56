"""The code of docs/add_a_method.md runs as it is printed."""

import math
from pathlib import Path

import pytest
from helpers.configs import reduce_config
from helpers.pages import write_files
from helpers.project import lay_out, modules_of
from helpers.runs import SeenLosses, make_runner
from mmengine.config import Config


@pytest.fixture
def printed(tmp_path) -> Config:
    """The module and the config of the page, where it says."""
    folder = tmp_path / 'project'
    folder.mkdir()
    lay_out(folder)
    module, config = write_files('docs/add_a_method.md', folder)
    lines = (module.read_text() + config.read_text()).splitlines()
    assert len(lines) <= 40
    with modules_of(folder):
        yield Config.fromfile(config)


def test_the_page_trains(printed, make_config, tmp_path):
    make_config('source_only_demo')  # data in the current directory
    cfg = reduce_config(printed, tmp_path / 'work')
    runner, losses = make_runner(cfg), SeenLosses()
    runner.register_hook(losses)
    runner.train()
    assert losses.losses
    for step in losses.losses:
        assert {k for k in step if k.startswith('loss_')} == {
            'loss_cls',
            'loss_align',
        }
        assert step['loss_align'] > 0 and math.isfinite(step['loss'])
    assert Path(tmp_path / 'work/epoch_1.pth').is_file()

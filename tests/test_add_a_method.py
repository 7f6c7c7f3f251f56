"""The code of docs/add_a_method.md runs as it is printed."""

import math
import re
import sys
from pathlib import Path

import pytest
from helpers.configs import ROOT, reduce_config
from helpers.runs import SeenLosses, make_runner
from mmengine.config import Config

PAGE = ROOT / 'docs/add_a_method.md'


@pytest.fixture
def printed(tmp_path, monkeypatch) -> Config:
    """The module and the config of the page, where it says."""
    module, config = re.findall(r'```python\n(.*?)```', PAGE.read_text(), re.S)
    assert len((module + config).splitlines()) <= 40
    folder = tmp_path / 'project'
    folder.mkdir()
    (folder / 'my_method.py').write_text(module)
    (folder / 'configs').mkdir()
    (folder / 'configs/_base_').symlink_to(ROOT / 'configs/_base_')
    file = folder / 'configs/mean_difference_demo.py'
    file.write_text(config)
    monkeypatch.syspath_prepend(str(folder))
    yield Config.fromfile(file)
    sys.modules.pop('my_method')


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

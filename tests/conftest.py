"""Fixtures: small data that configs read, and what every test leaves."""

import gc
import os
import shutil
from pathlib import Path

import pytest
from helpers.clip import reads_clip, stand_in
from helpers.configs import RENDERING, small_config
from helpers.data import furnish
from helpers.figures import pytest_terminal_summary  # noqa: F401
from helpers.runs import TRAININGS, train_stages
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmaction_uda.datasets import RenderedBenchmark
from mmaction_uda.engine import prepare


def pytest_configure(config) -> None:
    """Data from the environment would change what configs read."""
    gc.freeze()  # every data set collects garbage: spare it the imports
    for name in ('DEMO_SEED', 'DEMO_DISTRACTORS'):
        os.environ.pop(name, None)
    init_default_scope('mmaction')


@pytest.fixture(autouse=True)
def light_collector() -> None:
    """Data sets collect garbage: spare them what earlier tests have left."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope='session')
def rendering(tmp_path_factory) -> Path:
    """A small rendering of the embedded benchmark, 48 videos a domain."""
    root = tmp_path_factory.mktemp('rendering')
    RenderedBenchmark(str(root), num_processes=2, **RENDERING).prepare()
    return root


@pytest.fixture(scope='session')
def demo_data(rendering, tmp_path_factory) -> Path:
    """``data/demo/...`` with the rendering and its features."""
    folder = tmp_path_factory.mktemp('demo')
    cfg = small_config('source_only_demo')
    shutil.copytree(rendering, folder / cfg.prepare[0].root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        prepare(cfg)
    return folder / 'data'


@pytest.fixture(scope='session')
def shared(tmp_path_factory) -> Path:
    """Videos, weights and stored features that configs have in common."""
    folder = tmp_path_factory.mktemp('shared')
    (folder / 'checkpoints').mkdir()
    return folder


@pytest.fixture
def make_config(demo_data, shared, tmp_path, monkeypatch):
    """``make_config(name)``: a config, reduced, and all that it reads.

    The current directory is a new one, since paths in configs are relative.
    """

    def make(name: str) -> Config:
        cfg = small_config(name, tmp_path / 'work')
        data = demo_data if cfg.get('prepare') else shared / 'data'
        monkeypatch.chdir(data.parent)
        train_stages(cfg)
        if reads_clip(cfg):
            stand_in(cfg)
            prepare(cfg)
        if not cfg.get('prepare'):
            furnish(cfg)
        if Path('checkpoints').is_dir():
            os.symlink(Path('checkpoints').resolve(), tmp_path / 'checkpoints')
        monkeypatch.chdir(tmp_path)
        shutil.copytree(data, 'data')
        return cfg

    return make


@pytest.fixture(autouse=True)
def no_training_is_left():
    """Whatever a test has started ends with it."""
    yield
    for process in TRAININGS:
        process.kill()
        process.wait()
    TRAININGS.clear()

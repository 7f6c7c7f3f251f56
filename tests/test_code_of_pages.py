"""Python of the documents: programs run as printed, configs are read.

Whatever is new on a page is found. A page's programs run one after the other
in a folder with two domains of videos; ``helpers/programs.py`` knows what
commands of the pages have made before.
"""

from pathlib import Path

import pytest
import torch
from helpers.configs import reduce_config
from helpers.pages import PAGES, blocks_of, write_files
from helpers.programs import (
    config_faults,
    is_config,
    missing_imports,
    programs,
    run,
)
from helpers.project import add_videos, lay_out, modules_of
from helpers.runs import make_runner
from mmaction.registry import MODELS

from mmaction_uda.config import load_config
from mmaction_uda.engine import prepare


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / 'project'
    folder.mkdir()
    lay_out(folder)
    monkeypatch.chdir(folder)
    add_videos()
    return folder


def check_readme(found: dict) -> None:
    said = found['said']
    classes = found['cfg'].test_dataloader.dataset.videos.metainfo.classes
    assert said.pred_score.shape == (8,) and said.pred_name in classes


def check_python(found: dict) -> None:
    assert found['task'].classes == ['run', 'walk']
    said = found['said']
    assert said.pred_name == ['run', 'walk'][said.pred_score.argmax()]
    assert found['feats'].shape == (1, 1, 128)
    assert found['logits'].shape == (1, 1, 2)
    scores = found['logits'].mean(1).softmax(-1)[0]
    videos = found['cfg'].test_dataloader.dataset.videos
    last = Path(videos.ann_file).read_text().splitlines()[-1].split()[0]
    again = found['inference_recognizer'](
        found['model'], str(Path(videos.data_prefix.video, last))
    )
    torch.testing.assert_close(again.pred_score, scores)
    (name, tokens), *_ = found['tokens'].items()
    assert name.startswith(('run/', 'walk/')) and tokens.shape == (8, 128)


def check_inference(found: dict) -> None:
    assert found['said'].scores.shape == (8,) and not found['said'].fault
    assert found['probabilities'].shape == (2, 8)
    sums = found['probabilities'].sum(1)
    torch.testing.assert_close(sums, torch.ones(2))


def check_reports(found: dict) -> None:
    (fact,) = found['facts']['methods'].values()
    assert fact['top1']['mean'] == pytest.approx(60)
    assert Path('curves.svg').stat().st_size > 1000


CHECKS = {
    'README.md': check_readme,
    'docs/inference.md': check_inference,
    'docs/python.md': check_python,
    'docs/reports.md': check_reports,
}


@pytest.mark.parametrize('page', [p for p in PAGES if programs(p)])
def test_programs(page, here):
    found = run(page)
    if page in CHECKS:
        CHECKS[page](found)


@pytest.mark.parametrize('page', PAGES)
def test_other_python(page):
    """Parts of configs, what a reader writes to files, what is not run."""
    for block in blocks_of(page, 'python'):
        assert [*missing_imports(block.text)] == []
        if is_config(block.text) and not block.file:
            assert config_faults(block.text) == [], block.text


def test_the_blocks_of_python_are_short():
    assert len(programs('docs/python.md')) > 4
    for block in programs('docs/python.md'):
        assert len(block.text.splitlines()) <= 10


@pytest.mark.parametrize(
    ('text', 'fault'),
    [
        ("model = dict(loss_align=dict(type='MMDLos'))", 'MMDLos'),
        ('model = dict(neck=dict(dept=3))', 'model.neck.dept=3'),
        ('modle = dict(neck=dict(depth=3))', 'modle is no setting'),
        (
            "backbone = dict(type='FrozenBackbone', chekpoint='x.pth')",
            'model.backbone.chekpoint',
        ),
        ("vis_backends = ['NoBackend']", 'NoBackend'),
        ("dict(type='ComputeFlow', bond=20)", 'bond=20'),
        ("default_hooks = dict(no=dict(type='NoHook'))", 'NoHook'),
    ],
)
def test_wrong_parts_of_configs_are_found(text, fault):
    assert is_config(text)
    assert any(fault in each for each in config_faults(text))


def test_wrong_imports_are_found():
    text = 'from mmaction_uda.apis import on_videos, no\n'
    assert not is_config(text)
    assert [*missing_imports(text)] == ['mmaction_uda.apis has no no']


def test_a_backbone_of_ones_own(make_config, tmp_path, here):
    """The module and the config of docs/backbones.md, where it says."""
    make_config('source_only_demo')  # data in the current directory
    module, config = write_files('docs/backbones.md', here)
    with modules_of(here):
        cfg = reduce_config(load_config(str(config)), tmp_path / 'work')
        prepare(cfg)
        runner = make_runner(cfg)
        runner.train()
    assert Path(tmp_path / 'work/epoch_1.pth').is_file()
    pair = runner.train_loop.dataloader.dataset
    assert pair.domains['source'].features[0].shape == (8, 48)
    with modules_of(here):
        load_config(str(config))  # imports it again
        backbone = MODELS.build(dict(cfg.model.backbone, cached=False))
        clip = torch.rand(1, 1, 3, 8, 32, 32)
        by_hand = backbone.net(clip[0, 0].transpose(0, 1)).mean((2, 3))
        torch.testing.assert_close(backbone(clip)[0, 0], by_hand)

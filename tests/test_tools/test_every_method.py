"""What every method has trained is tested, applied and exported."""

import json
from pathlib import Path

import pytest
from helpers.configs import CONFIGS
from helpers.runs import accuracies, run_tool, train

from mmaction_uda.config import load_config
from mmaction_uda.visualization.observation import observe

FIRST = ('clip_zero_shot', 'costar')
DEMOS = [name for name in CONFIGS if '_demo' in name]


@pytest.mark.parametrize(
    'name',
    [
        name
        if name.removesuffix('_demo') in FIRST
        else pytest.param(name, marks=pytest.mark.full)
        for name in DEMOS
    ],
)
def test_what_was_trained_is_used(name, make_config):
    """By new processes, of stored tokens and of the videos themselves."""
    cfg = make_config(name)
    cfg.pop('stages', None)  # their weights are there
    runner = train(cfg)
    expected = runner.message_hub.get_scalar('val/acc/top1').current()
    model = f'{cfg.work_dir}/epoch_{runner.epoch}.pth'
    if not Path(model).is_file():
        runner.save_checkpoint(cfg.work_dir, Path(model).name)
    cfg.dump('small.py')

    for options in ((), ('--from-videos',)):
        said = run_tool('test.py', 'small.py', model, *options)
        found = float(accuracies(said, 'test')['acc/top1'])
        assert found == pytest.approx(expected, abs=1e-4)
    videos = sorted(map(str, Path('data').rglob('target/test/*.mp4')))[:3]
    run_tool('infer.py', 'small.py', model, *videos, '--out', 'said.json')
    scores = json.loads(Path('said.json').read_text())
    assert [*scores] == videos
    for of_video in scores.values():
        assert len(of_video) == cfg.model.cls_head.num_classes
        assert sum(of_video.values()) == pytest.approx(1, abs=1e-3)

    tuned = cfg.model.backbone.type == 'TunedBackbone'
    said = run_tool(
        'export.py', 'small.py', model, '--out', 'program.pt2', fails=tuned
    )
    if tuned:
        assert 'Give a config with a FrozenBackbone' in said
    else:
        assert 'to probabilities [B, 8]' in said
        layers = observe(load_config('small.py'), model)['target'].layers
        assert layers['classifier'].shape[1] == cfg.model.cls_head.num_classes

"""Programs of the documents run as they are printed."""

import json
import re
import sys
from pathlib import Path

import pytest
import torch
from helpers.configs import ROOT, reduce_config
from helpers.own_data import write_clips
from helpers.runs import make_runner, run_tool
from mmaction.registry import MODELS

from mmaction_uda.config import load_config
from mmaction_uda.engine import prepare


def programs(page: str) -> list:
    """Blocks of Python of a page."""
    return re.findall(r'^```python\n(.*?)^```', page, re.M | re.S)


def test_the_page_on_python(tmp_path, monkeypatch):
    """Block after block, from videos to their features."""
    blocks = programs((ROOT / 'docs/python.md').read_text())
    assert max(len(b.splitlines()) for b in blocks) <= 10
    monkeypatch.chdir(tmp_path)
    names = [f'{c}/{i}.mp4' for c in ('run', 'walk') for i in 'abcdef']
    write_clips(Path('videos/street'), names)
    write_clips(Path('videos/drone'), names, 100)
    found = {}
    for block in blocks:
        exec(compile(block, 'docs/python.md', 'exec'), found)
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


@pytest.fixture
def filters(tmp_path, monkeypatch) -> Path:
    """The module and the config of docs/backbones.md, where it says."""
    page = (ROOT / 'docs/backbones.md').read_text()
    module, config = programs(page.partition('## A backbone of your own')[2])[
        :2
    ]
    folder = tmp_path / 'project'
    (folder / 'configs').mkdir(parents=True)
    for name in ('_base_', 'transferattn_demo.py'):
        (folder / 'configs' / name).symlink_to(ROOT / 'configs' / name)
    (folder / 'my_backbone.py').write_text(module)
    file = folder / 'configs/transferattn_filters_demo.py'
    file.write_text(config)
    monkeypatch.syspath_prepend(str(folder))
    yield file
    sys.modules.pop('my_backbone')


def test_a_backbone_of_ones_own(filters, make_config, tmp_path):
    make_config('source_only_demo')  # data in the current directory
    cfg = reduce_config(load_config(str(filters)), tmp_path / 'work')
    prepare(cfg)
    runner = make_runner(cfg)
    runner.train()
    assert Path(tmp_path / 'work/epoch_1.pth').is_file()
    pair = runner.train_loop.dataloader.dataset
    assert pair.domains['source'].features[0].shape == (8, 48)
    backbone = MODELS.build(dict(cfg.model.backbone, cached=False))
    clip = torch.rand(1, 1, 3, 8, 32, 32)
    by_hand = backbone.net(clip[0, 0].transpose(0, 1)).mean((2, 3))
    torch.testing.assert_close(backbone(clip)[0, 0], by_hand)

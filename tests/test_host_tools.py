"""docs/host_tools.md: what MMAction2's functions and tools do here.

Its tools run on a config that tests with features, and on what
``tools/print_config.py --videos`` makes of it.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.configs import ROOT
from helpers.runs import make_runner, run_tool
from mmaction.apis import (
    MMAction2Inferencer,
    inference_recognizer,
    init_recognizer,
)
from mmengine.config import Config
from mmengine.fileio import load

from mmaction_uda.apis import class_names, for_mmaction2, on_videos
from mmaction_uda.config import load_config
from mmaction_uda.datasets.video_file import VideoFile

PAGE = (ROOT / 'docs/host_tools.md').read_text()
ROWS = re.findall(r'^\| (\w+(?:, \w+)*) \| `(\w+ [^`]+)`', PAGE, re.M)
# What a row leaves behind, or prints.
MADE = dict(
    test='scores.pkl',
    confusion_matrix='classes.png',
    vis_scheduler='lr.png',
    publish_model='small_*.pth',
    browse_dataset='OUT/video_1.mp4',
)
SAID = dict(
    print_config='TransformerNeck',
    get_flops='neck.blocks',
    eval_metric='acc/mean1',
    report_accuracy='Top 1 Accuracy: ',
    check_videos='Checked 16 videos, none are corrupted',
    train='Saving checkpoint at 1 epochs',
)


@pytest.fixture
def demo(make_config):
    """A config and a checkpoint of the embedded benchmark, and a video."""
    cfg = make_config('transferattn_demo')
    cfg.dump('transferattn_demo.py')
    runner = make_runner(cfg)
    for parameter in runner.model.parameters():
        torch.nn.init.normal_(parameter, 0, 0.3)
    plain = dict(save_optimizer=False, save_param_scheduler=False)
    runner.save_checkpoint('.', 'model.pth', **plain)
    return cfg


@pytest.fixture
def video(demo) -> str:
    return str(next(Path(demo.prepare[0].root).rglob('test/*.mp4')))


def test_one_command_writes_what_mmaction2_takes(demo, video):
    output = run_tool(
        'print_config.py', 'transferattn_demo.py', '--videos', 'videos.py'
    )
    assert output.split() == 'written: videos.py written: videos.txt'.split()
    names = Path('videos.txt').read_text().split()
    assert names == list(class_names(demo)) and len(names) == 8
    cfg = Config.fromfile('videos.py')
    assert cfg.test_dataloader.dataset.type == 'VideoDataset'
    assert cfg.test_pipeline[0].type == 'VideoInit'

    # The host's functions on it, and on a config in memory.
    model = init_recognizer(on_videos(demo), 'model.pth', 'cpu')
    wanted = inference_recognizer(model, video)
    label = int(wanted.pred_label)
    assert wanted.pred_name == names[label]
    model = init_recognizer('videos.py', 'model.pth', 'cpu')
    found = inference_recognizer(model, video)
    assert found.pred_name == wanted.pred_name
    assert torch.equal(found.pred_score, wanted.pred_score)
    frames = VideoFile(video)
    frames = np.stack(frames.read(np.arange(len(frames))))
    for form, given in (('video', video), ('array', frames)):
        inferencer = MMAction2Inferencer(
            'videos.py', 'model.pth', 'cpu', 'videos.txt', form
        )
        (told,) = inferencer(given)['predictions']
        assert told['rec_labels'] == [[label]]
        scores = torch.tensor(told['rec_scores'][0])
        torch.testing.assert_close(scores, wanted.pred_score)


def test_where_it_writes_is_a_config(demo):
    call = 'print_config.py', 'transferattn_demo.py', '--videos'
    output = run_tool(*call, 'videos.txt', fails=True)
    assert "'videos.txt' must end in .py" in output
    assert "no folder 'none'" in run_tool(*call, 'none/a.py', fails=True)


def test_earlier_stages_are_found_where_they_were_trained(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    cfg = load_config('udavt_demo')
    backbone = cfg.model.backbone.checkpoint
    assert backbone.startswith('stage://')
    run_tool(
        *('print_config.py', 'udavt_demo', '--videos', 'videos.py'),
        *('--work-dir', 'trained'),
    )
    found = Config.fromfile('videos.py').model.backbone.checkpoint
    assert found.startswith('trained/')


QUICK = 'test', 'get_flops', 'confusion_matrix', 'publish_model'


@pytest.mark.parametrize(
    'tools',
    [QUICK, pytest.param([*MADE, *SAID], marks=pytest.mark.full, id='all')],
)
def test_the_commands_of_the_page(tools, demo):
    for_mmaction2(demo).dump('videos.py')
    assert sorted(name for name, _ in ROWS) == sorted([*MADE, *SAID])
    for name, call in ROWS:
        if name == 'browse_dataset' or name not in tools:
            continue
        words = call.replace('CHECKPOINT', 'model.pth').split()
        output = run_tool('mmaction2.py', *words)
        if name in SAID:
            assert SAID[name] in output, output[-3000:]
        else:
            assert [*Path('.').glob(MADE[name])], output[-3000:]
    scores = load('scores.pkl')
    assert len(scores) == 16
    published = torch.load(
        next(Path('.').glob('small_*.pth')), weights_only=True
    )
    assert 'optimizer' not in published


def test_it_browses_videos(demo):
    pytest.importorskip('moviepy.editor')
    for_mmaction2(demo).dump('videos.py')
    (call,) = (call for name, call in ROWS if name == 'browse_dataset')
    words = call.removesuffix(' --label videos.txt').split()
    run_tool('mmaction2.py', *words, '-n', '2')
    assert Path(MADE['browse_dataset']).is_file()


def test_a_tool_that_mmaction2_lacks():
    output = run_tool('mmaction2.py', 'get-flop', fails=True)
    wanted = "error: MMAction2 has no tool 'get_flop', but get_flops.\n"
    assert output == wanted

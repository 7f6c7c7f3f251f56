"""What was trained on stored features, on raw videos: the same logits.

In one process and in new ones, by our tools and by the host's.
"""

import copy
import json
import os
from pathlib import Path

import pytest
import torch
from helpers.configs import nodes
from helpers.data import moving_square
from helpers.runs import make_runner, run_tool
from helpers.videos import write_video
from mmaction.apis import inference_recognizer, init_recognizer
from mmengine.config import Config
from mmengine.fileio import load

import mmaction_uda
from mmaction_uda.apis import on_videos, only_test
from mmaction_uda.config import load_config

# An I3D of windows, STAM, image, clip and transformer nets of MMAction2.
CONFIGS = [
    'transferattn@i3d_ucf2hmdb',
    *(
        pytest.param(f'transferattn@{name}_ucf2hmdb', marks=pytest.mark.full)
        for name in ('stam', 'r101', 'r50i3d', 'videoswin')
    ),
]


def two_views(cfg: Config) -> Config:
    """More tokens than a view takes, so that views differ."""
    for node in nodes(cfg._cfg_dict):
        if node.get('type') == 'SampleFeature':
            node.update(num_frames=3)
        if node.get('type') == 'TransformerNeck':
            node.update(num_frames=3)
    return cfg


@torch.no_grad()
def logits(cfg: Config, checkpoint: str) -> torch.Tensor:
    """Of all test videos, in the order of the list."""
    runner = make_runner(cfg)
    runner.load_checkpoint(checkpoint, strict=True)
    model = runner.model.eval()
    rows = []
    for batch in runner.build_dataloader(cfg.test_dataloader):
        batch = model.data_preprocessor(batch)
        rows.append(model(**batch))
    return torch.cat(rows)


def save_random(cfg: Config) -> None:
    """A checkpoint of drawn weights, large enough to tell videos apart."""
    runner = make_runner(cfg)
    for parameter in runner.model.parameters():
        torch.nn.init.normal_(parameter, 0, 0.3)
    torch.save(dict(state_dict=runner.model.state_dict()), 'model.pth')


def check_logits(cfg: Config, tolerance: float) -> None:
    """Cached and end to end, relative to the largest logit."""
    save_random(cfg)
    cached = logits(copy.deepcopy(cfg), 'model.pth')
    videos = on_videos(cfg)
    assert videos.test_dataloader.dataset.extraction is None
    assert not videos.model.backbone.cached and cfg.model.backbone.cached
    found = logits(videos, 'model.pth')

    assert cached.shape == found.shape == (12, 2, 12)
    assert (cached[:, 0] - cached[:, 1]).abs().max() > 1e-4  # two views
    assert cached.std(0).max() > 1e-2  # videos are told apart
    scale = cached.abs().max()
    assert (cached - found).abs().max() / scale < tolerance


def test_float16_store(make_config):
    cfg = two_views(make_config(CONFIGS[0]))
    for node in nodes(cfg._cfg_dict):
        if 'extraction' in node:
            node.extraction.update(name='half', dtype='float16')
    mmaction_uda.engine.prepare(only_test(cfg))
    check_logits(cfg, 1e-2)


@pytest.mark.parametrize('at_once', [4, 128])  # frames: in pieces, or whole
def test_frames_are_selected_on_videos_too(at_once, make_config):
    cfg = two_views(make_config('transferattn@i3d_ucf2hmdb'))
    cfg.model.backbone.max_frames = at_once
    for node in nodes(cfg._cfg_dict):
        steps = node.get('pipeline') or []
        if [s['type'] for s in steps[:1]] == ['SampleFeature']:
            node.pipeline = [dict(type='SelectFrames', threshold=0.5), *steps]
    mmaction_uda.engine.prepare(only_test(cfg))
    check_logits(cfg, 1e-5)
    plain = copy.deepcopy(cfg)
    del plain.test_dataloader.dataset.pipeline[0]
    selected, all_frames = (logits(c, 'model.pth') for c in (cfg, plain))
    assert (selected - all_frames).abs().max() > 1e-2


def test_steps_that_no_model_can_do_are_refused():
    """They were left out without a word."""
    cfg = load_config('transferattn_demo')
    steps = cfg.test_dataloader.dataset.pipeline
    cfg.test_dataloader.dataset.pipeline = [dict(type='MyNoise'), *steps]
    with pytest.raises(ValueError, match='MyNoise of test_dataloader.dataset'):
        on_videos(cfg)
    cfg.test_dataloader.dataset.pipeline = [dict(type='PackActionInputs')]
    with pytest.raises(ValueError, match='has no SampleFeature'):
        on_videos(cfg)


def scores_of(cfg: Config) -> torch.Tensor:
    """Probabilities ``[videos, classes]`` of the test, from the cache."""
    runner = make_runner(only_test(cfg))
    runner.load_checkpoint('model.pth', strict=True)
    model = runner.model.eval()
    loader = runner.build_dataloader(cfg.test_dataloader)
    samples = sum((model.test_step(batch) for batch in loader), [])
    return torch.stack([s.pred_score for s in samples])


@pytest.mark.parametrize('name', CONFIGS)
def test_cached_is_end_to_end(name, make_config):
    """In this process, by the host's functions and by tools in new ones."""
    cfg = two_views(make_config(name))
    check_logits(cfg, 1e-5)
    expected = scores_of(cfg)
    cfg.dump('small.py')
    run_tool(
        *('test.py', 'small.py', 'model.pth'),
        *('--from-videos', '--dump', 'test.pkl'),
    )
    listed = cfg.test_dataloader.dataset.videos
    prefix = Path(listed.data_prefix.video)
    lines = Path(listed.ann_file).read_text().splitlines()
    files = [str(prefix / line.split()[0]) for line in lines]
    run_tool(
        *('infer.py', 'small.py', 'model.pth'),
        *(*files, '--out', 'scores.json'),
    )
    model = init_recognizer(on_videos(cfg), 'model.pth', 'cpu')
    by_host = [inference_recognizer(model, f).pred_score for f in files[:3]]
    # Drawn weights make logits large, and their rounding with them.
    close = dict(rtol=0, atol=1e-4)
    torch.testing.assert_close(torch.stack(by_host), expected[:3], **close)

    dumped = torch.stack([s['pred_score'] for s in load('test.pkl')])
    torch.testing.assert_close(dumped, expected, **close)
    inferred = json.loads(Path('scores.json').read_text())
    assert list(inferred) == files
    found = torch.tensor([list(s.values()) for s in inferred.values()])
    torch.testing.assert_close(found, expected, **close)
    assert list(inferred[files[0]])[:2] == ['climb', 'fencing']


# -- tools/infer.py -----------------------------------------------------------
@pytest.fixture
def demo(make_config):
    """A config and a checkpoint of the embedded benchmark."""
    cfg = make_config('transferattn_demo')
    save_random(cfg)
    cfg.dump('small.py')
    return cfg


def test_infer_prints_the_best_labels(demo):
    videos = sorted(map(str, Path(demo.prepare[0].root).rglob('*.mp4')))[:2]
    Path('broken.mp4').write_text('#EXTM3U\nhttp://localhost:9/x.ts')
    odd = moving_square(0)[:, :31, :33]
    write_video('odd.mp4', odd, pix_fmt='yuv444p')
    files = 'broken.mp4', 'odd.mp4', *videos
    output = run_tool(
        'infer.py', 'small.py', 'model.pth', *files, '--top', '2', fails=True
    )
    lines = output.splitlines()
    for video in videos:
        (line,) = [line for line in lines if line.startswith(video)]
        assert len(line.split()) == 5  # the video, twice a label and a score
        first, second = map(float, line.split()[2::2])
        assert 1 >= first >= second >= 0
    assert 'cannot be read' in output
    assert lines[-2].startswith('  broken.mp4: it begins with')
    assert lines[-1].startswith('  odd.mp4: ShiftNet fails on frames of 33 x')


def test_infer_refuses_what_does_not_fit(demo):
    os.mkfifo('pipe.mp4')
    call = ('infer.py', 'small.py', 'model.pth')
    output = run_tool(*call, 'none.mp4', 'pipe.mp4', fails=True)
    assert output.splitlines() == [
        'error: no such file: none.mp4',
        'error: pipe.mp4 is a named pipe, no file of a video',
    ]
    state = torch.load('model.pth', weights_only=True)
    state['state_dict'].pop('neck.temporal_embed')
    torch.save(state, 'model.pth')
    video = next(Path(demo.prepare[0].root).rglob('*.mp4'))
    output = run_tool(*call, video, fails=True)
    assert 'neck.temporal_embed' in output


def test_features_made_elsewhere_have_no_videos(make_config):
    cfg = make_config('transferattn_demo')
    cfg.model.backbone = dict(
        type='FrozenBackbone', features='somewhere', cached=True
    )
    with pytest.raises(ValueError, match='somewhere'):
        on_videos(cfg)

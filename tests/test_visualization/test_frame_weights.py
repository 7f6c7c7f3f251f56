"""What MDTA weighs: which video, which frames, which bars."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from mmaction.registry import DATASETS, MODELS

from mmaction_uda.engine import prepare
from mmaction_uda.visualization.attention import (
    Attention,
    attention_line,
    attentions,
    clip_of,
)
from mmaction_uda.visualization.figures import KINDS
from mmaction_uda.visualization.figures.style import COLOURS, drawn
from mmaction_uda.visualization.observation import observe


def save_attentive(cfg, file: str) -> torch.nn.Module:
    """A model whose last attention is not flat."""
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).eval()
    with torch.no_grad():
        for weight in model.neck.blocks[-1].attn.parameters():
            weight.mul_(3)
    torch.save(dict(state_dict=model.state_dict()), file)
    return model


@torch.no_grad()
def naive(model: torch.nn.Module, dataset) -> list:
    """Weights and class of each video, one by one."""
    found = []
    for i in range(len(dataset)):
        tokens = dataset[i]['inputs'][None].float()
        logits, _ = model.extract_feat(tokens, stage='head', test_mode=True)
        weights = model.neck.frame_weights(tokens)[0, 0].double().numpy()
        found.append((weights, int(logits[0].mean(0).argmax())))
    return found


def test_the_video_whose_weights_move_most(make_config):
    cfg = make_config('transferattn_demo')
    model = save_attentive(cfg, 'sharp.pth')
    found = attentions(observe(cfg, 'sharp.pth'))
    source = {**cfg.val_dataloader.dataset, **cfg.val_cfg.source}
    lists = dict(target=cfg.test_dataloader.dataset, source=source)
    assert list(found) == list(lists)
    for domain, config in lists.items():
        dataset, video = DATASETS.build(config), found[domain]
        rows = naive(model, dataset)
        spreads = [weights.std() * len(weights) for weights, _ in rows]
        np.testing.assert_allclose(video.spreads, spreads, rtol=1e-4)
        index = int(np.argmax(spreads))
        assert spreads[index] > 1.2 * np.median(spreads)
        info, names = dataset.get_data_info(index), dataset.metainfo['classes']
        assert video.name == info['filename'] and f'/{domain}/' in video.name
        assert video.label == names[info['label']]
        assert video.predicted == names[rows[index][1]]
        np.testing.assert_allclose(video.weights, rows[index][0], atol=1e-4)
        assert video.numbers.tolist() == [1, 3, 5, 7]  # 4 of 8, the centres
        clip = dataset.videos[index]['inputs'][0].numpy()
        for frame, number in zip(video.frames, video.numbers):
            assert (frame == clip[:, number].transpose(1, 2, 0)).all()


@pytest.mark.parametrize('name', ['multimodal', 'flow'])
def test_pictures_of_flow(name, make_config):
    """Of both streams the frames, of flow alone its speed."""
    cfg = make_config(f'transferattn_{name}_demo')
    prepare(cfg)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).eval()
    torch.save(dict(state_dict=model.state_dict()), 'new.pth')
    video = observe(cfg, 'new.pth')['target']
    frames, numbers = clip_of(video.dataset, 0)
    clip = video.dataset.videos[0]['inputs'][0].numpy()
    assert frames.shape == (4, 32, 32, 3) and frames.dtype == np.uint8
    for frame, number in zip(frames, numbers):
        seen = clip[:, number].astype(float)
        if name == 'flow':
            speed = 2 * np.hypot(*(seen - 127.5))
            seen = np.minimum(np.floor(speed + 1e-4), 255)[None].repeat(3, 0)
        np.testing.assert_allclose(frame, seen[:3].transpose(1, 2, 0), atol=1)


def test_numbers_are_those_of_the_frames_that_stay(make_config):
    cfg = make_config('transferattn_moving_demo')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    select, sample = dataset.pipeline.transforms[:2]
    for index in range(4):
        tokens = torch.tensor(dataset.get_data_info(index)['features'])
        kept = select.kept(tokens).numpy()
        assert 0 < len(kept) < len(tokens)
        wanted = kept[sample.frame_indices(len(kept))[0]]
        _, numbers = clip_of(dataset, index)
        assert numbers.tolist() == wanted.tolist()


def test_without_mdta_there_are_no_weights(make_config):
    cfg = make_config('baseline_demo')
    model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict()), 'new.pth')
    assert attentions(observe(cfg, 'new.pth')) == {}


def test_flat_if_all_are():
    assert 'a plain mean of the frames here' in attention_line(
        np.array([0.0, 0.049])
    )
    assert attention_line(np.array([0.0, 0.05, 0.3])) == (
        'The weights move in 2 of 3 target test videos; the median spread is '
        '0.05.'
    )


def attention(num: int, spreads: list, frames: bool = True) -> dict:
    weights = np.linspace(1, 3, num)
    one = Attention(
        'target/test/walk_007.mp4',
        'walk',
        'moonwalk',
        2 * np.arange(num),
        weights / weights.sum(),
        np.array(spreads),
        np.zeros((num, 8, 8, 3), np.uint8) if frames else None,
    )
    return asdict(one)


def figure_of(**domains) -> list:
    """The parts of the picture, one a panel."""
    facts = dict(models=dict(mine=dict(attention=domains)))
    return drawn(KINDS['attention'](facts)).subfigs


@pytest.mark.parametrize('num', [16, 53])
def test_bars_begin_at_zero(num):
    spreads = [0.01, 0.02, 0.04, 0.3]
    found = dict(source=attention(num, [0.2]), target=attention(num, spreads))
    *parts, last = [part for part in figure_of(**found) if part.axes]
    for part, video in zip(parts, found.values()):
        *images, axes = part.axes
        assert len(images) == 16 and all(one.images for one in images)
        assert images[0].get_title() == f'frame {0 if num == 16 else 2}'
        heights = [bar.get_height() for bar in axes.patches]
        np.testing.assert_allclose(heights, video['weights'])
        low, high = axes.get_ylim()
        assert low == 0 and high > max(heights)
        colours = [bar.get_facecolor() for bar in axes.patches]
        assert colours[-1] == to_rgba(COLOURS[1]) and len(set(colours)) == 2
        assert axes.lines[0].get_ydata()[0] == 1 / num
        assert len(axes.get_xticklabels()) == 16
    assert parts[1]._suptitle.get_text().splitlines() == [
        'mine, target: walk_007.mp4, spread 0.30',
        'true walk, predicted moonwalk',
    ]
    counts = [bar.get_height() for bar in last.axes[0].patches]
    assert counts == np.histogram(spreads, 40, (0, 0.315))[0].tolist()
    assert last.axes[0].patches[0].get_x() == 0 and sum(counts) == 4


def test_without_frames_there_are_bars_alone():
    first, *_ = figure_of(target=attention(4, [0.01], frames=False))
    (bars,) = first.axes
    assert {b.get_facecolor() for b in bars.patches} == {to_rgba(COLOURS[0])}
    assert [text.get_text() for text in bars.get_xticklabels()] == [*'0246']

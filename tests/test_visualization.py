"""What pictures show: videos, bars, axes, labels."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from mmaction.registry import DATASETS, MODELS

from mmaction_uda.visualization import (
    Attention,
    flat_attention,
    frame_attention,
    plot_attention,
    plot_curves,
)
from mmaction_uda.visualization.plots import GAP, apart


@pytest.fixture
def figures(monkeypatch) -> list:
    """Figures that are done."""
    done = []
    monkeypatch.setattr(plt, 'close', done.append)
    return done


# -- attention ----------------------------------------------------------------
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
    found = frame_attention(cfg, 'sharp.pth')
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


def test_without_mdta_there_are_no_weights(make_config):
    cfg = make_config('baseline_demo')
    model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict()), 'new.pth')
    with pytest.raises(ValueError, match='is not MDTA'):
        frame_attention(cfg, 'new.pth')


def test_flat_if_all_are():
    assert 'a plain mean of the frames here' in flat_attention(
        np.array([0.0, 0.049])
    )
    assert flat_attention(np.array([0.0, 0.05])) is None


def attention(num: int, spreads: list) -> Attention:
    weights = np.linspace(1, 3, num)
    return Attention(
        'target/test/walk_007.mp4',
        'walk',
        'moonwalk',
        np.zeros((num, 8, 8, 3), np.uint8),
        2 * np.arange(num),
        weights / weights.sum(),
        np.array(spreads),
    )


@pytest.mark.parametrize('num', [16, 53])
def test_bars_begin_at_zero(num, figures, tmp_path):
    spreads = [0.01, 0.02, 0.04, 0.3]
    found = dict(target=attention(num, spreads), source=attention(num, [0.2]))
    plot_attention(found, str(tmp_path / 'a.png'))
    assert Path(tmp_path, 'a.png').stat().st_size
    (figure,) = figures
    images = [axes for axes in figure.axes if axes.images]
    assert len(images) == 2 * 16
    assert images[0].get_title() == f'frame {0 if num == 16 else 2}'
    bars = [axes for axes in figure.axes if axes.get_ylabel() == 'weight']
    assert len(bars) == 2
    for axes, video in zip(bars, found.values()):
        heights = [bar.get_height() for bar in axes.patches]
        np.testing.assert_allclose(heights, video.weights)
        low, high = axes.get_ylim()
        assert low == 0 and high > max(heights)
        marked = axes.patches[-1].get_facecolor(), len(set(colours(axes)))
        assert marked == (to_rgba('C1'), 2)
        assert axes.lines[0].get_ydata()[0] == 1 / num
        assert len(axes.get_xticklabels()) == 16
    heads = [part._suptitle.get_text() for part in parts_of(figure)]
    assert heads[0].splitlines() == [
        'target: walk_007.mp4, spread 0.30',
        'true walk, predicted moonwalk',
    ]
    counts = [bar.get_height() for bar in figure.axes[-1].patches]
    edges = [bar.get_x() for bar in figure.axes[-1].patches]
    assert counts == np.histogram(spreads, 40, (0, 0.315))[0].tolist()
    assert edges[0] == 0 and sum(counts) == 4
    assert 'plain mean' not in figure._suptitle.get_text()


def colours(axes) -> list:
    return [bar.get_facecolor() for bar in axes.patches]


def parts_of(figure) -> list:
    return [part for half in figure.subfigs for part in half.subfigs]


def test_the_picture_says_that_it_is_flat(figures, tmp_path):
    plot_attention(dict(target=attention(4, [0.01])), str(tmp_path / 'a.png'))
    title = figures[0]._suptitle.get_text()
    assert title == flat_attention(np.array([0.01]))
    (bars,) = (a for a in figures[0].axes if a.get_ylabel() == 'weight')
    assert set(colours(bars)) == {to_rgba('C0')}


# -- curves -------------------------------------------------------------------
def write_scalars(folder: Path, accuracies: dict) -> str:
    """What the validations of a training leave, by epoch."""
    file = folder / 'time' / 'vis_data' / 'scalars.json'
    file.parent.mkdir(parents=True)
    rows = [
        {'acc/top1': right, 'acc/mean1': right, 'step': epoch}
        for epoch, right in accuracies.items()
    ]
    file.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    return str(folder)


def test_curves(figures, tmp_path):
    ends = dict(low=0.3, a=0.5, b=0.48, high=0.52)
    methods = {
        name: [write_scalars(tmp_path / name, {2: 0.25, 4: end})]
        for name, end in ends.items()
    }
    methods['a'].append(write_scalars(tmp_path / 'a1', {2: 0.75, 4: 0.7}))
    out = str(tmp_path / 'curves.png')
    plot_curves(methods, ('low', 'high'), 12.5, 'n, seeds', out)
    assert Path(out).is_file() and Path(tmp_path, 'curves.svg').is_file()
    (axes,) = figures[0].axes
    assert axes.get_ylim() == (0, 100) and axes.get_xlim()[0] == 0
    assert axes.get_title() == 'n, seeds'
    low, a, b, high, chance = axes.lines
    assert a.get_xdata().tolist() == [2, 4]
    assert a.get_ydata().tolist() == pytest.approx([50, 60])
    for line in (low, high):
        assert (line.get_ls(), line.get_color()) == ('--', '0.5')
    for line in (a, b):
        assert (line.get_ls(), line.get_marker()) == ('-', 'o')
    assert chance.get_ydata()[0] == 12.5
    labels = {text.get_text(): text.xy[1] for text in axes.texts}
    assert list(labels) == [
        'low 30.0',
        'a 60.0',
        'b 48.0',
        'high 52.0',
        'chance 12.5',
    ]
    gaps = -np.diff(sorted(labels.values(), reverse=True))
    assert gaps.min() >= GAP - 1e-9
    assert labels['high 52.0'] == 52 and labels['b 48.0'] == 52 - GAP


def test_labels_apart():
    assert apart([1.0, 9.0, 8.0, 9.0], 2).tolist() == [1, 7, 5, 9]

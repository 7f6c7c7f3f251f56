"""Layers of a model, distances of domains, points of an embedding."""

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS, MODELS

from mmaction_uda.visualization.domains import (
    MOST,
    distances,
    projected,
    proxy_a_distance,
    spaced,
    squared_mmd,
)
from mmaction_uda.visualization.figures import KINDS
from mmaction_uda.visualization.figures.style import drawn
from mmaction_uda.visualization.observation import observe
from mmaction_uda.visualization.report.models import embedding


def test_domains_that_are_one_and_that_are_two():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 6))
    assert proxy_a_distance(rows[:200], rows[200:]) < 0.3
    assert proxy_a_distance(rows[:200], rows[200:] + 9) == 2
    # Half a deviation apart on each of six axes: the best linear error is
    # Phi(-sqrt(6) / 4) = 0.27.
    half = proxy_a_distance(rows[:200], rows[200:] + 0.5)
    assert half == pytest.approx(2 * (1 - 2 * 0.27), abs=0.15)


def test_mmd_is_that_of_all_pairs():
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)) + 1
    rows = np.concatenate([source, target])
    squares = ((rows[:, None] - rows) ** 2).sum(-1)
    width = squares.sum() / (9 * 8)
    kernel = sum(np.exp(-squares / (width * 2.0**i)) for i in range(-2, 3))
    mine = kernel[:5, :5].mean() + kernel[5:, 5:].mean()
    mine -= 2 * kernel[:5, 5:].mean()
    assert squared_mmd(source, target) == pytest.approx(mine, abs=1e-9)


def test_as_many_of_both():
    assert spaced(10, 4).tolist() == [0, 2, 5, 7]
    assert spaced(3, 4).tolist() == [0, 1, 2]
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(300, 3)), rng.normal(size=(90, 3)) + 1
    found = distances(source, target)
    fair = source[spaced(300, 90)]
    assert MOST > 90 and found['mmd'] == squared_mmd(fair, target)


def test_neighbours_stay_neighbours():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 8)) + np.repeat([[0], [20]], 20, axis=0)
    points, by = projected(rows)
    assert points.shape == (40, 2) and by in ('t-SNE', 'UMAP')
    np.testing.assert_array_equal(points, projected(rows)[0])
    gap = np.linalg.norm(points[:, None] - points, axis=-1)
    np.fill_diagonal(gap, np.inf)
    assert ((gap.argmin(1) < 20) == (np.arange(40) < 20)).all()


@torch.no_grad()
def test_layers_of_a_model(make_config):
    cfg = make_config('transferattn_demo')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).eval()
    torch.save(dict(state_dict=model.state_dict()), 'new.pth')
    observed = observe(cfg, 'new.pth')
    assert [*observed] == ['target', 'source']
    seen = observed['target']
    depth = len(model.neck.blocks)
    blocks = [f'block {i}' for i in range(1, depth)]
    assert [*seen.layers] == ['tokens', *blocks, 'encoder', 'classifier']
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    for i in (0, len(dataset) - 1):
        tokens = dataset[i]['inputs'][None].float()
        neck = model.neck
        first = neck.blocks[0](neck.embed(tokens))[0].mean((0, 1))
        feats, _ = model.extract_feat(tokens, test_mode=True)
        wanted = {
            'tokens': tokens.mean((0, 1, 2)),
            'block 1': first,
            'encoder': feats.mean((0, 1)),
            'classifier': model.cls_head(feats)[0].mean(0).softmax(-1),
        }
        for layer, row in wanted.items():
            np.testing.assert_allclose(
                seen.layers[layer][i], row, rtol=1e-3, atol=1e-5
            )
        label = dataset.get_data_info(i)['label']
        assert seen.labels[i] == label
    check_embedding(observed)


def check_embedding(observed: dict) -> None:
    found = embedding(observed, 'encoder')
    number = len(observed['target'].labels)
    assert found['domains'] == ['target'] * number + ['source'] * number
    assert found['labels'][:number] == observed['target'].labels.tolist()
    facts = dict(task=None, models=dict(mine=dict(embedding=found)), before={})
    by_domain, by_class = (
        part.axes[0] for part in drawn(KINDS['embedding'](facts)).subfigs
    )
    shown = [len(points.get_offsets()) for points in by_domain.collections]
    assert shown == [number, number] and len(by_class.collections) == 8
    assert by_class.get_title() == 'encoder of mine by class'


def test_trainings_that_read_videos(make_config):
    cfg = make_config('source_only_demo')
    cfg.test_dataloader.dataset.pipeline = None
    with pytest.raises(ValueError, match='no stored tokens'):
        observe(cfg, 'none.pth')

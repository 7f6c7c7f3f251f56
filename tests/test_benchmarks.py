"""Directions of Daily-DA, Sports-DA, HMDB-ARID, EPIC-Kitchens, ActorShift."""

import math
from itertools import permutations

import pytest
from helpers.configs import ROOT, small_config
from helpers.data import write_data
from helpers.runs import SeenLosses, train
from mmengine.config import Config

from mmaction_uda.config import load_config
from mmaction_uda.config.checking import check_settings
from mmaction_uda.config.names import layers

DAILY = dict(a='arid', h='hmdb51', k='kinetics', m='mit')
SPORTS = dict(u='ucf101', s='sports1m', k='kinetics')
ROOTS = dict(
    arid='data/arid/videos',
    hmdb51='data/hmdb51/videos',
    kinetics='data/kinetics600/videos',
    mit='data/mit/videos',
    ucf101='data/ucf101/videos',
    sports1m='data/sports1m/videos',
    **{f'd{n}': 'data/epic_kitchens/videos' for n in (1, 2, 3)},
    people='data/actorshift/people/videos',
    animal='data/actorshift/animal/videos',
)


def directions() -> dict:
    """Folder, sources and target of every task, by its name."""
    found = {}
    for prefix, domains in (('daily', DAILY), ('sports', SPORTS)):
        folder = f'{prefix}_da'
        for s, t in permutations(domains, 2):
            found[f'{prefix}_{s}2{t}'] = folder, [domains[s]], domains[t]
        for t in domains:
            others = [s for s in domains if s != t]
            sources = [domains[s] for s in others]
            name = f'{prefix}_{"".join(others)}2{t}'
            found[name] = folder, sources, domains[t]
    for s, t in permutations((1, 2, 3), 2):
        found[f'epic_{s}to{t}'] = 'epic_kitchens', [f'd{s}'], f'd{t}'
    found['hmdb2arid'] = found['daily_h2a']
    found['arid2hmdb'] = found['daily_a2h']
    found['actorshift'] = 'actorshift', ['people'], 'animal'
    return found


DIRECTIONS = directions()
CLASSES = dict(daily_da=8, sports_da=23, epic_kitchens=8, actorshift=7)
# One of each shape.
SHAPES = ('daily_h2a', 'daily_hkm2a', 'sports_us2k', 'epic_1to2', 'actorshift')
# TranSVAE's loss needs the videos of both domains; of 12 classes.
NUMBER = {'model.neck.num_videos': 2776 + 560}
OTHERS = ('transvae_ucf2hmdb',)


def test_all_directions_are_there():
    assert len(DIRECTIONS) == 12 + 4 + 6 + 3 + 6 + 2 + 1
    assert set(DIRECTIONS) <= set(layers('tasks'))


def lists(dataset) -> list:
    """``(list, folder)`` of one data set or of several."""
    parts = dataset if isinstance(dataset, list) else [dataset]
    videos = [part['videos'] for part in parts]
    return [(v['ann_file'], v['data_prefix']['video']) for v in videos]


@pytest.mark.parametrize('task', DIRECTIONS)
def test_lists_of_a_direction(task):
    """Training lists of both, tests of the target and, apart, the source."""
    folder, sources, target = DIRECTIONS[task]
    cfg = Config.fromfile(ROOT / f'configs/_base_/tasks/{task}.py')

    def named(domains: list, split: str) -> list:
        return [(f'data/{folder}/{d}_{split}.txt', ROOTS[d]) for d in domains]

    pair = cfg.train_dataloader.dataset
    assert lists(pair.source) == named(sources, 'train')
    assert lists(pair.target) == named([target], 'train')
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert lists(loader.dataset) == named([target], 'test')
    if task == 'actorshift':
        assert cfg.val_cfg.source is None
    else:
        assert lists(cfg.val_cfg.source) == named(sources, 'test')
    assert cfg.model.cls_head.num_classes == CLASSES[folder]
    assert len(pair.target.videos.metainfo.classes) == CLASSES[folder]


def faults(method: str, task: str) -> list:
    """What is wrong with a method on a direction, its model built and run."""
    options = NUMBER if method in ('transvae', 'transvae_small') else {}
    cfg = load_config(f'{method}@i3d_{task}', options)
    return check_settings(cfg, options)


@pytest.mark.parametrize('task', SHAPES)
def test_a_direction_builds(task):
    assert faults('transferattn', task) == []


@pytest.mark.full
@pytest.mark.parametrize('task', SHAPES)
def test_every_method_builds_on_a_direction(task):
    methods = [m for m in layers('methods') if m not in OTHERS]
    found = {method: faults(method, task) for method in methods}
    assert found == dict.fromkeys(methods, [])


@pytest.mark.full
@pytest.mark.parametrize('task', DIRECTIONS)
def test_every_direction_builds(task):
    assert faults('transferattn', task) == []


full = pytest.mark.full


@pytest.mark.parametrize(
    'name',
    [
        'source_only@shift_net_sports_uk2s',
        pytest.param('transferattn@shift_net_hmdb2arid', marks=full),
        pytest.param('ma2ltd@shift_net_daily_hkm2a', marks=full),
        pytest.param('transferattn@shift_net_epic_1to2', marks=full),
        pytest.param('baseline@shift_net_actorshift', marks=full),
    ],
)
def test_a_direction_trains(name, tmp_path, monkeypatch):
    """On real videos, or segments of them, of some classes in every list."""
    monkeypatch.chdir(tmp_path)
    cfg = small_config(name)
    write_data(cfg, 3)
    losses = SeenLosses()
    runner = train(cfg, losses)
    assert len(losses.losses) == len(runner.train_dataloader) >= 1
    for step in losses.losses:
        assert all(map(math.isfinite, step.values()))
    found = runner.message_hub.log_scalars
    assert 0 <= found['val/acc/top1'].current() <= 1
    if 'actorshift' not in name:  # no test list of the source
        assert math.isfinite(found['val/label_free/source_acc'].current())

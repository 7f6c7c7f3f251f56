"""Settings that nothing reads and wrong values are named, all at once.

Misspelt settings are made from the shipped configs themselves.
"""

import copy
from pathlib import Path
from typing import Iterator, List, Optional

import numpy as np
import pytest
import torch
from helpers.configs import CONFIGS
from helpers.runs import run_tool
from mmaction.registry import HOOKS, MODELS
from mmengine.hooks import Hook

from mmaction_uda.apis import on_videos, only_test
from mmaction_uda.config import ConfigError, load_config
from mmaction_uda.config.checking import check_configs, check_settings
from mmaction_uda.config.checking.arguments import arguments_of
from mmaction_uda.config.keys import TOP_LEVEL
from mmaction_uda.config.options import apply_options, flat, read_options
from mmaction_uda.datasets import FeatureStore
from mmaction_uda.engine import open_stages, prepare
from mmaction_uda.engine.checking import check_width
from mmaction_uda.faults import Faults

COMBINATIONS = [
    'transferattn@i3d_flow_ucf2hmdb',
    'dann@stam_hmdb2ucf@small_data',
    'ma2ltd@videoswin_hmdb2ucf',
    'udavt@stam_frames_ucf2hmdb',
    'target_only@released_i3d_ucf2hmdb',
]
METHODS = [
    'transferattn_demo',
    'transferattn_i3d_ucf2hmdb',
    'transferattn_multimodal_demo',
    'transferattn_source_free_demo',
    'transferattn_tam_demo',
    'ta3n_r101_ucf2hmdb',
    'ma2ltd_demo',
    'mmd_demo',
    'transvae_sprites',
    'transvae_i3d_ucf2hmdb',
    'udavt_stam_ucf2hmdb',
    'cleanadapt_ts_demo',
]


def faults(name: str, **options) -> List[str]:
    """What is said of a config with changes: ``a__b=1`` sets ``a.b``."""
    changes = {k.replace('__', '.'): v for k, v in options.items()}
    return set_faults(name, changes)


def set_faults(name: str, changes: Optional[dict] = None) -> List[str]:
    try:
        cfg = load_config(name, changes)
    except ConfigError as error:
        return error.faults
    return check_settings(cfg, changes)


def paths(value, start: tuple = ()) -> Iterator[tuple]:
    """Paths of all settings, with their values; entries of lists too."""
    items = []
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = ((str(n), item) for n, item in enumerate(value))
    for key, inner in items:
        yield (*start, key), inner
        yield from paths(inner, (*start, key))


# -- what is right ----------------------------------------------------------
@pytest.mark.parametrize('name', [*CONFIGS, *COMBINATIONS])
def test_shipped_configs_have_no_faults(name):
    assert not set_faults(name)


@pytest.mark.parametrize('name', ['transferattn_demo', 'ma2ltd_demo'])
@pytest.mark.parametrize('change', [only_test, on_videos])
def test_configs_for_testing_have_no_faults(name, change):
    assert not check_settings(change(load_config(name)))


# -- what is missing --------------------------------------------------------
@pytest.mark.parametrize(
    'path, said',
    [
        ('model.neck', "model: UDARecognizer needs 'neck'. Set it."),
        ('model.backbone', "model: UDARecognizer needs 'backbone'. Set it."),
        (
            'model.cls_head.num_classes',
            "model: MLPClsHead needs 'num_classes'. Set it.",
        ),
        (
            'optim_wrapper.optimizer',
            'optim_wrapper.optimizer is not given; OptimWrapper needs it. '
            'Set it.',
        ),
        (
            'train_dataloader.dataset',
            'train_dataloader.dataset is not given; DataLoader needs it. '
            'Set it.',
        ),
        (
            'prepare.0.root',
            'prepare.0.root is not given; RenderedBenchmark needs it. Set it.',
        ),
    ],
)
def test_what_is_not_given(path, said):
    cfg = load_config('transferattn_demo')
    *keys, last = path.split('.')
    node = cfg._cfg_dict
    for key in keys:
        node = node[int(key) if key.isdigit() else key]
    del node[last]
    assert check_settings(cfg) == [said]


# -- names ------------------------------------------------------------------
def dropped(word: str, n: int) -> str:
    return word[: n % len(word)] + word[n % len(word) + 1 :]


def doubled(word: str, n: int) -> str:
    return word[: n % len(word) + 1] + word[n % len(word) :]


@pytest.mark.parametrize('misspell', [dropped, doubled])
@pytest.mark.parametrize('name', METHODS)
def test_every_misspelt_setting_is_named(name, misspell):
    """Each by its path, beside the name that was meant."""
    cfg = load_config(name)
    right = {}  # by the misspelt path
    for n, (path, value) in enumerate(paths(cfg._cfg_dict)):
        # Another stage is a stage; names of parameters are tested apart.
        plain = 'custom_keys' not in path[:-1] and path[0] != 'stages'
        plain &= len(path) > 1  # see test_misspelt_top
        if plain and not path[-1].isdigit() and len(path[-1]) > 1:
            wrong = misspell(path[-1], n + len(path))
            right['.'.join([*path[:-1], wrong])] = path[-1], value
    assert len(right) > 100
    options = {k: copy.deepcopy(value) for k, (_, value) in right.items()}
    said = apply_options(cfg, options) + check_settings(cfg)
    for path, (word, _) in right.items():
        lines = [line for line in said if line.startswith(path)]
        assert lines, path
        assert any(word in line for line in lines), lines


@pytest.mark.parametrize('misspell', [dropped, doubled])
def test_misspelt_top(misspell):
    cfg = load_config('udavt_demo')
    for n, name in enumerate(cfg):
        (said,) = apply_options(cfg, {misspell(name, n): cfg[name]})
        assert said.startswith(f'{misspell(name, n)} is read by nothing. Set ')
        assert name in said


def test_misspelt_settings_one_by_one():
    """No fault needs another one to be found."""
    cfg = load_config('transferattn_demo')
    for n, (path, value) in enumerate(paths(cfg._cfg_dict)):
        if n % 9 or '.' in ''.join(path) or path[-1].isdigit():
            continue
        changed = copy.deepcopy(cfg)
        wrong = '.'.join([*path[:-1], doubled(path[-1], n)])
        options = {wrong: copy.deepcopy(value)}
        said = apply_options(changed, options) + check_settings(changed)
        assert said[0].startswith(wrong), said


def test_all_faults_at_once():
    assert faults(
        'transferattn_demo',
        model__neck__dept=3,
        model__cls_head__num_classes=7,
        optim_wrapper__optimizer__type='Adamm',
        train_cfg__max_epochs=0,
    ) == [
        'model.neck.dept=3 is not an argument of TransformerNeck. '
        'Did you mean depth?',
        'train_cfg.max_epochs=0 must be a whole number >= 1.',
        "optim_wrapper.optimizer.type='Adamm' is no optimizer that is known. "
        'Did you mean Adam?',
        'train_dataloader.dataset.source.videos.metainfo.classes (as 3 more '
        'places) has 8 names, but model.cls_head.num_classes=7. Name every '
        'class, in the order of the labels.',
    ]


@pytest.mark.parametrize(
    'key, meant',
    [
        ('trian_cfg.max_epochs', 'train_cfg.max_epochs'),
        ('modle.neck.depth', 'model.neck.depth'),
        ('resum', 'resume'),
        ('max_epochs', 'train_cfg.max_epochs'),
        ('num_classes', 'model.cls_head.num_classes'),
        ('backbone.checkpoint', 'model.backbone.checkpoint'),
        ('extraction.dtype', 'train_dataloader.dataset.extraction.dtype'),
        ('grl_amplitude', 'model.domain_head.grl.amplitude'),
        ('feature_scale', 'model.feature_scale'),
        ('data_root', None),
    ],
)
def test_names_that_are_no_settings(key, meant):
    """Also those that only helped to build configs, once."""
    (said,) = set_faults('transferattn_demo', {key: 1})
    assert said.startswith(f'{key} is read by nothing. ')
    if meant is not None:
        assert f'Set {meant}' in said
        assert meant.split('.')[0] in TOP_LEVEL


def test_backends_at_the_top_are_folded():
    cfg = load_config(
        'transferattn_demo', dict(vis_backends='WandbVisBackend')
    )
    assert 'vis_backends' not in cfg
    types = [b['type'] for b in cfg.visualizer.vis_backends]
    assert types == ['LocalVisBackend', 'WandbVisBackend']
    said = set_faults('transferattn_demo', dict(vis_backends='WandVisBackend'))
    assert said == [
        "visualizer.vis_backends.1.type='WandVisBackend' is no vis_backend "
        'that is known. Did you mean WandbVisBackend?'
    ]


@pytest.mark.parametrize(
    'path, wrong, meant',
    [
        ('model.type', 'UDARecognizr', 'UDARecognizer'),
        ('model.neck.type', 'TransformrNeck', 'TransformerNeck'),
        ('model.backbone.backbone.type', 'ShiftNt', 'ShiftNet'),
        (
            'model.cls_head.loss_cls.type',
            'CrossEntropyLos',
            'CrossEntropyLoss',
        ),
        ('train_cfg.type', 'UDATrainLop', 'UDATrainLoop'),
        ('train_dataloader.sampler.type', 'DomainPairSample', 'DomainPairS'),
        ('train_dataloader.dataset.type', 'DomainPairDatset', 'DomainPairD'),
        ('val_dataloader.dataset.pipeline.1.type', 'PackActionInput', 'PackA'),
        ('default_hooks.logger.type', 'LogerHook', 'LoggerHook'),
        ('param_scheduler.0.type', 'CosineAnealingLR', 'CosineAnnealingLR'),
        ('optim_wrapper.type', 'OptimWraper', 'OptimWrapper'),
        ('val_evaluator.type', 'AccMetrc', 'AccMetric'),
        ('prepare.0.type', 'RenderedBenchmrk', 'RenderedBenchmark'),
        ('log_processor.type', 'LogProcesor', 'LogProcessor'),
        ('visualizer.type', 'ActionVisualiser', 'ActionVisualizer'),
    ],
)
def test_types_that_are_not_registered(path, wrong, meant):
    (said,) = set_faults('transferattn_demo', {path: wrong})
    assert said.startswith(f'{path}={wrong!r} is no ')
    assert f'Did you mean {meant}' in said


def test_dict_without_a_type():
    (said,) = faults('source_only_demo', model__domain_head__loss_weight=1.0)
    assert said == (
        "model.domain_head={'loss_weight': 1.0} names no type. Give "
        'model.domain_head.type.'
    )
    (said,) = faults('source_only_demo', default_hooks__chckpoint__interval=2)
    assert 'default_hooks.chckpoint=' in said
    assert 'Did you mean checkpoint?' in said


def test_whole_parts_can_be_added():
    assert not faults('transferattn_demo', model__loss_align__type='MMDLoss')
    added = dict(default_hooks__ema__type='EMAHook')
    added['default_hooks__ema__momentum'] = 0.1
    assert not faults('transferattn_demo', **added)
    # One that is switched off is switched on.
    on = dict(model__loss_entropy__type='EntropyLoss')
    assert not faults('transferattn_source@demo', **on)


def test_no_second_hook_by_a_typo():
    (said,) = faults('mmd_demo', default_hooks__loger__type='LoggerHook')
    assert said == (
        'default_hooks.loger is a second LoggerHook. Did you mean logger?'
    )


@pytest.mark.parametrize(
    'path, said',
    [
        ('param_scheduler.3.T_max', 'is a list, its entries are 0 to 0'),
        ('custom_hooks.0.type', 'there is no list custom_hooks'),
        ('train_cfg.max_epochs.a', 'train_cfg.max_epochs=24 has no settings'),
        ('model.ib_head.projector.channels.0', 'Set it as a whole'),
    ],
)
def test_paths_that_lead_nowhere(path, said):
    (fault,) = set_faults('transferattn_demo', {path: 1})
    assert fault.startswith(f'{path}=1 cannot be set: ')
    assert said in fault


# -- values -----------------------------------------------------------------
@pytest.mark.parametrize(
    'path, value, allowed',
    [
        ('train_cfg.max_epochs', 0, 'a whole number >= 1'),
        ('train_cfg.val_interval', 0, 'a whole number >= 1'),
        ('model.neck.depth', -1, 'a whole number >= 1'),
        ('model.neck.depth', 2.5, 'a whole number >= 1'),
        ('model.neck.depth', 'two', 'a whole number >= 1'),
        ('model.neck.hidden_channels', 0, 'a whole number >= 1'),
        ('model.neck.attention.dropout', 1.0, 'a number in [0, 1)'),
        ('model.domain_head.domain_weights', 2, 'a list of numbers >= 0'),
        ('model.domain_head.loss_weight', -0.5, 'a number >= 0'),
        ('model.domain_head.grl.amplitude', 'a', 'a number >= 0'),
        ('model.ib_head.projector.channels', (8, 0), 'a list of whole numb'),
        ('model.cls_head.frozen', 'ture', 'True or False'),
        ('model.feature_scale', 0, 'a number > 0 or None'),
        ('model.neck', 'TransformerNeck', 'a dict'),
        ('train_dataloader.batch_size', 'abc', 'a whole number >= 1 or None'),
        ('train_dataloader.num_workers', -1, 'a whole number >= 0'),
        ('train_dataloader.sampler.epoch_length', 'traget', "one of 'target'"),
        ('optim_wrapper.optimizer.lr', 0, 'a number > 0'),
        ('optim_wrapper.optimizer.lr', 'abc', 'a number > 0'),
        ('optim_wrapper.accumulative_counts', 0, 'a whole number >= 1'),
        ('resume', 'ture', 'True or False'),
        ('model.loss_entropy.entropy_reduction', 'max', "one of ['sum', 'm"),
        ('model.neck.last_attention.dde_label', 'no', "one of ['by_domain',"),
        ('train_dataloader.dataset.extraction.dtype', 'half', "one of ['fl"),
    ],
)
def test_values_out_of_range(path, value, allowed):
    (said,) = set_faults('transferattn_demo', {path: value})
    assert said.startswith(f'{path}={value!r} must be {allowed}')


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_numbers_are_finite(value):
    (said,) = faults('mmd_demo', optim_wrapper__optimizer__lr=value)
    assert said == f'optim_wrapper.optimizer.lr={value} must be finite.'


@pytest.mark.parametrize('value', [0, 1.5, '1'])
def test_keep_ratio(value):
    (said,) = faults(
        'cleanadapt_demo', train_dataloader__sampler__keep_ratio=value
    )
    assert said == (
        f'train_dataloader.sampler.keep_ratio={value!r} must be a number in '
        '(0, 1].'
    )


def test_values_that_are_right():
    options = dict(
        model__ib_head__queue_size='classes',
        model__neck__last_attention__dropout=0,
        model__feature_scale=None,
        train_dataloader__num_workers=0,
        train_dataloader__sampler__epoch_length=64,
        optim_wrapper__clip_grad__max_norm=20,
        compile=True,
    )
    assert not faults('transferattn_release_demo', **options)


# -- settings that must fit each other --------------------------------------
def test_one_number_of_frames():
    path = 'train_dataloader.dataset.pipeline.0.num_frames'
    assert set_faults('transferattn_demo', {path: 8}) == [
        f'{path}=8 differs from model.neck.num_frames=16. Give all the same '
        'number.'
    ]
    (said,) = faults('transferattn_demo', model__neck__num_frames=8)
    assert said.startswith(f'{path}=16 (as 2 more places) differs from model')
    # Each modality has a neck; a mean takes any number.
    (said,) = set_faults('transferattn_multimodal_demo', {path: 8})
    assert 'model.neck.num_frames=16' in said
    videos = dict(model__backbone__sample__num_frames=8)
    assert not faults('cleanadapt_source_two_stream_frozen_demo', **videos)


def test_one_number_of_classes():
    names = ['a'] * 7
    key = 'val_dataloader.dataset.videos.metainfo.classes'
    (said,) = set_faults('transferattn_demo', {key: names})
    assert said.startswith(f'{key} has 7 names, but model.cls_head.num_class')


def test_heads_divide_the_width():
    assert faults('transferattn_demo', model__neck__embed_dims=130) == [
        'model.neck.embed_dims=130 is not divisible by model.neck.num_heads=4.'
    ]


def test_metrics():
    best = dict(default_hooks__checkpoint__save_best='acc/topp1')
    assert faults('mmd_demo', **best) == [
        "default_hooks.checkpoint.save_best='acc/topp1': val_evaluator gives "
        "no 'acc/topp1'. Did you mean acc/top1?"
    ]
    for name in ('auto', 'acc/mean1', ['acc/top1', 'acc/mean1']):
        best = dict(default_hooks__checkpoint__save_best=name)
        assert not faults('mmd_demo', **best)
    best = dict(default_hooks__checkpoint__save_best='label_free/snd')
    assert faults('mmd_demo', **best) == [
        "default_hooks.checkpoint.save_best='label_free/snd' does not say "
        "whether more is better. Add default_hooks.checkpoint.rule='greater'."
    ]
    best['default_hooks__checkpoint__rule'] = 'greater'
    assert not faults('mmd_demo', **best)
    (said,) = faults('mmd_demo', val_cfg__type='ValLoop', **best)
    assert "gives no 'label_free/snd'" in said
    best = dict(default_hooks__checkpoint__save_best=['acc/top1', 'acc/mean1'])
    best['val_evaluator__metric_list'] = 'top_k_accuracy'
    (said,) = faults('mmd_demo', **best)
    assert "gives no 'acc/mean1'" in said
    (said,) = faults('mmd_demo', val_evaluator__metric_list='foo')
    assert said.startswith("val_evaluator.metric_list='foo': there is no")
    assert 'top_k_accuracy, mean_class_accuracy' in said
    (said,) = faults(
        'mmd_demo', test_evaluator__metric_list=['top_k_accuracy']
    )
    assert 'Write "(top_k_accuracy,)"' in said


def test_phases_are_whole():
    (said,) = faults('mmd_demo', val_evaluator=None)
    assert said.startswith('val_evaluator=None, but val_dataloader is given.')
    (said,) = faults('mmd_demo', train_dataloader__dataset__source=None)
    assert said.startswith('train_dataloader.dataset.source=None, but train_')


def test_weights_of_streams():
    (said,) = faults(
        'transferattn_multimodal_demo', model__backbone__checkpoint__rbg='w'
    )
    assert said == (
        "model.backbone.checkpoint.rbg='w' is for no part of the backbone. "
        'Did you mean rgb?'
    )


# -- the model, run once ----------------------------------------------------
@pytest.mark.parametrize(
    'name, options, said',
    [
        (
            'transferattn_multimodal_demo',
            {'model.neck.num_modalities': 3},
            'neck.in_channels=256 is no multiple of neck.num_modalities=3',
        ),
        (
            'ma2ltd_demo',
            {'model.neck.domain_head.dilations': (1, 60)},
            'dilations=(1, 60) need at least',
        ),
        (
            'transferattn_demo',
            {'model.domain_head.in_channels': 64},
            'a and b must have same reduction dim',
        ),
        (
            'ta3n_demo',
            {'model.neck.relation_head': None},
            'neck.domain_attention needs neck.relation_head',
        ),
    ],
)
def test_models_that_do_not_fit(name, options, said):
    (fault,) = set_faults(name, options)
    assert fault.startswith('model cannot be run: ')
    assert said in fault


@pytest.mark.parametrize(
    'name, said',
    [
        ('unite_small@demo', ['model.mask: ShiftNet does not take a part']),
        (
            'motion_tokens@lite0_ut1to2',
            ['model.backbone.select: EfficientNetLite0 does not take a part'],
        ),
        (
            'unite@r50i3d_ucf2hmdb',
            [
                'model.mask: ResNet3d does not take a part',
                "optim_wrapper.constructor='LayerDecayConstructor': ResNet3d "
                'has no list of blocks. Set another backbone.',
            ],
        ),
        *((f'unite@{net}_hmdb2ucf', []) for net in ('videomae', 'clip')),
        ('unite_source@stam_hmdb2ucf', []),
    ],
)
def test_nets_that_cannot_do_what_is_asked(name, said):
    """Found before the stages that come first are trained."""
    found = check_settings(load_config(name))
    assert len(found) == len(said)
    assert all(line.startswith(start) for line, start in zip(found, said))


def test_rates_by_layers_need_a_net():
    cfg = load_config('baseline_demo')
    cfg.optim_wrapper.constructor = 'LayerDecayConstructor'
    (said,) = check_settings(cfg)
    assert said.endswith(
        "set model.backbone.type='TunedBackbone', or leave it out."
    )


def test_huge_models_take_no_memory():
    wide = dict(model__neck__embed_dims=2**20, model__neck__num_heads=2**10)
    assert not faults('transferattn_demo', **wide)


def test_rehearsal_draws_nothing():
    cfg = load_config('transferattn_demo')
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    assert not check_settings(cfg)
    assert torch.equal(torch.rand(3), expected)


def test_rehearsal_leaves_out_what_asks_for_values(monkeypatch):
    """A model of others may look at numbers."""
    head = MODELS.get('DomainHead')
    forward = head.forward
    monkeypatch.setattr(
        head, 'forward', lambda self, x: forward(self, x) * x.sum().item()
    )
    assert not set_faults('dann_demo')


def test_custom_keys():
    place = 'optim_wrapper.paramwise_cfg.custom_keys'

    def said(name, key, **entry):
        options = {f'{place}.{key}.{k}': v for k, v in entry.items()}
        return set_faults(name, options)

    assert not said('transferattn_demo', 'neck', lr_mult=0.1)
    assert not said('transferattn_demo', 'neck', weight_decay=0.1)
    assert not said('cleanadapt_demo', 'backbone', lr_mult=0.1)
    # A schedule names it for another method, which is no reason to.
    assert said('transferattn_demo', 'backbone', lr_mult=0.1) == [
        f'{place}.backbone is in the name of no parameter of the model. Its '
        'parts are cls_head, domain_head, ib_head, neck.'
    ]
    (fault,) = said('transferattn_demo', 'domain_hed', lr_mult=0.1)
    assert 'Did you mean domain_head?' in fault
    (fault,) = said('transferattn_demo', 'neck', lr_mlt=0.1)
    assert fault.startswith(f'{place}.neck.lr_mlt=0.1 is not an argument of ')
    assert 'Did you mean lr_mult?' in fault


def test_own_custom_keys_of_a_file(tmp_path):
    """What no shipped schedule names must be there, without options too."""
    cfg = load_config('transferattn_demo')
    cfg.optim_wrapper.paramwise_cfg.custom_keys = {'blcoks.0': dict(lr_mult=2)}
    (said,) = check_settings(cfg)
    assert 'custom_keys.blcoks.0 is in the name of no parameter' in said


# -- stages -----------------------------------------------------------------
def opened(tmp_path, **options) -> tuple:
    changes = {k.replace('__', '.'): v for k, v in options.items()}
    cfg = load_config('cleanadapt_demo', changes)
    cfg.launcher, cfg.work_dir = 'none', str(tmp_path)
    return cfg, open_stages(cfg)


def test_stages_are_checked_by_their_own_configs(tmp_path):
    cfg, stages = opened(
        tmp_path,
        stages__source__model__neck__dept=3,
        stages__source__train_cfg__max_epochs=0,
        train_cfg__val_interval=0,
    )
    with pytest.raises(Faults) as caught:
        check_configs({'stages.source': stages['source'], '': cfg})
    assert caught.value.faults == [
        'stages.source: model.neck.dept=3 is not an argument of '
        'TransformerNeck. Did you mean depth?',
        'stages.source: train_cfg.max_epochs=0 must be a whole number >= 1.',
        'train_cfg.val_interval=0 must be a whole number >= 1.',
    ]


@pytest.mark.parametrize(
    'key, value, said',
    [
        ('sourc.train_cfg.max_epochs', 1, 'stages.sourc names no config, so'),
        ('sourc.train_cfg.max_epochs', 1, 'Did you mean source?'),
        (
            'soruce.config',
            'cleanadapt_source_demo.py',
            'stages.soruce is read by',
        ),
        ('soruce.config', 'cleanadapt_source_demo.py', 'Did you mean source?'),
        ('source.trian_cfg.max_epochs', 1, 'stages.source: trian_cfg.max_ep'),
        ('source.trian_cfg.max_epochs', 1, 'Set train_cfg.max_epochs'),
        ('source.param_scheduler.4.T_max', 1, 'stages.source: param_schedule'),
    ],
)
def test_misspelt_stages(tmp_path, key, value, said):
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path, **{f'stages.{key}': value})
    assert said in str(caught.value)


def test_lists_of_stages_can_be_changed(tmp_path):
    key = 'stages.source.param_scheduler.0.T_max'
    _, stages = opened(tmp_path, **{key: 7})
    assert stages['source'].param_scheduler[0].T_max == 7


def test_changes_by_their_paths():
    changes = {
        'a': {'b': 1, 'c': {}},
        'keys': {'x.y': {'z': 2}},
        'new': {'_delete_': True, 'd': 3},
    }
    assert flat(changes) == {
        'a.b': 1,
        'a.c': {},
        'keys': {'x.y': {'z': 2}},
        'new': {'_delete_': True, 'd': 3},
    }


# -- what classes take ------------------------------------------------------
class Base:
    def __init__(self, first: int, second: int = 2, *, third: str = ''):
        pass


class HandsOn(Base):
    def __init__(self, own: float = 0.0, **kwargs):
        super().__init__(own, third='x', **kwargs)


class Pops(Base):
    def __init__(self, **kwargs):
        self.extra = kwargs.pop('extra', None)
        super().__init__(**kwargs)


class Ignores:
    def __init__(self, own=1, **kwargs):
        pass


class Keeps:
    def __init__(self, own=1, **kwargs):
        self.kwargs = kwargs


class Calls:
    def __init__(self, **kwargs):
        self.inner = Base(1, **kwargs)


class Ends(torch.nn.Module):
    def __init__(self, own=1, **kwargs):
        super().__init__(**kwargs)


@pytest.mark.parametrize(
    'target, names, others',
    [
        (Base, {'first', 'second', 'third'}, False),
        (HandsOn, {'own', 'second'}, False),  # first and third are given
        (Pops, {'extra', 'first', 'second', 'third'}, False),
        (Ignores, {'own'}, False),
        (Keeps, {'own'}, True),
        (Calls, {'second', 'third'}, False),
        (Ends, {'own'}, False),
        (Hook, set(), False),
    ],
)
def test_arguments(target, names, others):
    found = arguments_of(target)
    assert set(found.named) == names
    assert found.others == others


def test_arguments_of_the_hosts():
    assert {'interval', 'save_best'} < set(
        arguments_of(HOOKS.get('CheckpointHook')).named
    )
    said = faults('mmd_demo', default_hooks__checkpoint__intervall=2)
    assert 'Did you mean interval?' in said[0]
    said = faults('mmd_demo', default_hooks__checkpoint__foo=2)
    assert said[0].startswith('default_hooks.checkpoint.foo=2 is not an argum')
    teacher = dict(default_hooks__teacher__update_bufers=True)
    (said,) = faults('cleanadapt_ts_demo', **teacher)
    assert 'Did you mean update_buffers?' in said


def test_a_class_of_a_user(monkeypatch):
    """What keeps all it is given is not known to lack anything."""
    monkeypatch.setitem(HOOKS.module_dict, 'Keeps', Keeps)
    options = dict(default_hooks__own__type='Keeps')
    options['default_hooks__own__anything'] = 1
    assert not faults('mmd_demo', **options)


# -- where it is called -----------------------------------------------------
def test_nothing_is_touched(tmp_path, monkeypatch):
    """Neither rendered nor extracted."""
    monkeypatch.chdir(tmp_path)
    cfg = load_config('transferattn_demo', {'model.neck.dept': 1})
    with pytest.raises(Faults, match='Did you mean depth'):
        prepare(cfg)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        (
            "[dict(type='X', at=(1, [2])), 'Y']",
            [dict(type='X', at=(1, [2])), 'Y'],
        ),
        ("{'b.c': dict(d=-1)}", {'b.c': dict(d=-1)}),
        ('1,2', [1, 2]),
        ('[x,None]', ['x', None]),
        ('c=d', 'c=d'),
        # Texts: nothing is run.
        ("dict(b=__import__('os'))", "dict(b=__import__('os'))"),
        ('dict(**{})', 'dict(**{})'),
    ],
)
def test_values_on_the_command_line(text, value):
    assert read_options([f'a={text}']) == dict(a=value)


@pytest.mark.parametrize('key', ['vis_backends', 'visualizer.vis_backends'])
def test_a_list_of_dicts_on_the_command_line(key):
    option = f"{key}=[dict(type='TensorboardVisBackend')]"
    cfg = load_config('source_only_demo', read_options([option]))
    backends = [backend['type'] for backend in cfg.visualizer.vis_backends]
    assert backends == ['LocalVisBackend', 'TensorboardVisBackend']
    assert check_settings(cfg) == []


def test_width_of_a_store(tmp_path):
    path = str(tmp_path / 'store')
    check_width(path, 8)  # not there yet
    store = FeatureStore.make(path, dict(), ['a.mp4'], [0])
    check_width(path, 8)  # nothing in it
    np.save(f'{store.stem(0)}.npy', np.zeros((3, 6), np.float32))
    text = '{"frames": [3], "crc32": [0], "faults": {}}'
    Path(f'{store.stem(0)}.json').write_text(text)
    check_width(path, 6)
    with pytest.raises(ValueError) as caught:
        check_width(path, 8)
    assert 'shard_00000.npy' in str(caught.value)
    assert 'width 6, but model.neck.in_channels=8' in str(caught.value)


def test_train_says_it_in_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run_tool(
        'train.py',
        'cleanadapt_demo',
        '--cfg-options',
        'train_dataloader.batch_size=abc',
        'stages.source.model.neck.dept=3',
        fails=True,
        debug=False,
    )
    assert 'Traceback' not in printed
    lines = [s for s in printed.splitlines() if s.startswith('error: ')]
    assert lines == [
        'error: stages.source: model.neck.dept=3 is not an argument of '
        'TransformerNeck. Did you mean depth?',
        "error: train_dataloader.batch_size='abc' must be a whole number >= 1 "
        'or None.',
    ]
    assert not list(tmp_path.iterdir())

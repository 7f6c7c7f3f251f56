"""Every shipped config trains, validates and keeps the rules of the house."""

import math
from itertools import product
from pathlib import Path

import pytest
import torch
from helpers.configs import (
    CLIP,
    CONFIGS,
    HUGGING_FACE,
    REDUCTION,
    ROOT,
    nodes,
    typed,
    uncached,
)
from helpers.runs import SeenLosses, differing, make_runner, state_of, train
from mmengine.config import Config, ConfigDict
from mmengine.hooks import Hook

import mmaction_uda
from mmaction_uda.config import fit, load_config
from mmaction_uda.models.backbones import FrozenBackbone

LOSSES = {  # by the first part of the name of a config
    'source': {'loss_cls'},
    'oracle': {'loss_cls'},
    'target': {'loss_cls'},
    'dann': {'loss_cls', 'loss_domain'},
    'mmd': {'loss_cls', 'loss_align'},
    'jan': {'loss_cls', 'loss_align'},
    'coral': {'loss_cls', 'loss_align'},
    'entropy': {'loss_cls', 'loss_entropy'},
    'baseline': {'loss_cls', 'loss_domain', 'loss_entropy'},
    'transferattn': {'loss_cls', 'loss_domain', 'loss_entropy', 'loss_ib'},
    'udavt': {'loss_cls', 'loss_ib'},
    'ta3n': {'loss_cls', 'loss_domain', 'loss_domain_frame'},
    'ma2ltd': {'loss_cls', 'loss_domain', 'loss_entropy'},
    'cleanadapt': {'loss_cls'},
    'unite': {'loss_cls', 'loss_pseudo'},
    'motion': {'loss_cls', 'loss_pseudo', 'loss_policy'},
    'dallv': {'loss_cls'},
    'costar': {'loss_distill', 'loss_pseudo'},
    'transvae': {
        'loss_cls',
        'loss_domain',
        'loss_domain_frame',
        'loss_domain_relation',
        'loss_recon',
        'loss_kl_static',
        'loss_kl_dynamic',
        'loss_mi',
        'loss_triplet',
        'loss_pseudo',
    },
}


def losses_of(name: str) -> set:
    """What the method of a config is made of."""
    if name.startswith(('udavt_phase1', 'unite_source', 'costar_source')):
        return {'loss_cls'}
    if name.startswith('transferattn_source'):  # no head of the domain
        entropy = {'loss_entropy'} if '_source_free_' in name else set()
        return {'loss_cls', 'loss_ib'} | entropy
    if name == 'dallv_demo':
        return {'loss_cls', 'loss_distill'}
    if name.startswith('transferattn_teacher'):
        return LOSSES['transferattn'] | {'loss_pseudo'}
    attention = {'loss_tam'} if '_tam_' in name else set()
    if name.startswith('ta3n') and '_tem' not in name:  # no step to it
        attention = {'loss_domain_relation', 'loss_entropy'}
    return LOSSES[name.split('_')[0]] | attention


class SeenLabels(Hook):
    """Collects, by domain, what of labels gets to the model and before."""

    def __init__(self) -> None:
        self.before, self.seen = dict(), dict()

    def before_train(self, runner) -> None:
        runner.model.data_preprocessor.register_forward_hook(
            lambda module, args, out: self.collect(
                out['data_samples'] if module.training else []
            )
        )

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        batches = data_batch
        if 'source' not in data_batch:  # a stage on one domain alone
            domain = runner.model.data_preprocessor.train_domain
            batches = {domain: data_batch}
        for domain, batch in batches.items():
            for sample in batch['data_samples']:
                self.before.setdefault(domain, []).append(labels_in(sample))

    def collect(self, samples: list) -> None:
        for sample in samples:
            if 'domain' in sample:  # not those of the validation
                self.seen.setdefault(sample.domain, []).append(
                    labels_in(sample)
                )


def labels_in(sample) -> list:
    """Whatever a sample holds under the name of a label."""
    return [key for key in sample.all_keys() if 'label' in key]


def test_rows_of_the_papers_tables_are_there():
    tasks = ('ucf2hmdb', 'hmdb2ucf')
    methods = ('source_only', 'ma2ltd', 'transvae', 'baseline', 'transferattn')
    rows = {'_'.join(r) for r in product(methods, ('i3d', 'stam'), tasks)}
    rows |= {f'{m}_stam_kinetics2necdrone' for m in (*methods, 'udavt')}
    others = ('udavt', 'udavt_tam', 'udavt_dtab')
    rows |= {f'{m}_stam_{t}' for m in others for t in tasks}
    rows |= {f'cleanadapt_two_stream_i3d_{t}' for t in tasks}
    assert len(rows) == 34 and rows < set(CONFIGS)


# The first ones with a class that no demo has; other tasks are the same nets.
FIRST = (
    'baseline_i3d_hmdb2ucf',
    'baseline_lite0_ut1to2',
    'baseline_skeleton_jhmdb2utd',
    'baseline_stam_hmdb2ucf',
    'cleanadapt_two_stream_i3d_hmdb2ucf',
    'ma2ltd_r101_ucf2hmdb',
    'transferattn_r50i3d_ucf2hmdb',
    'transferattn_r50i3d_ucf2hmdb_augmented',
    'transvae_i3d_ucf2hmdb',
    'transvae_sprites',
    'udavt_dtab_stam_hmdb2ucf',
)


class Unmoved(Hook):
    """Trained parameters that in some step no loss reaches."""

    def before_train(self, runner) -> None:
        named = runner.model.named_parameters()
        trained = {k: p for k, p in named if p.requires_grad}
        self.all, self.reached, self.names = {*trained}, set(), set()
        for name, parameter in trained.items():
            parameter.register_post_accumulate_grad_hook(
                lambda _, name=name: self.reached.add(name)
            )

    def after_train_iter(self, runner, batch_idx, *args, **kwargs) -> None:
        self.names |= self.all - self.reached
        self.reached.clear()


def is_first(name: str) -> bool:
    return '_demo' in name or name in FIRST


@pytest.mark.full
def test_first_configs_have_all_classes():
    found, wanted = set(), set()
    for name in CONFIGS:
        types = {str(node['type']) for node in typed(load_config(name))}
        wanted |= types
        found |= types if is_first(name) else set()
    assert found == wanted


@pytest.mark.parametrize(
    'name',
    [
        name if is_first(name) else pytest.param(name, marks=pytest.mark.full)
        for name in CONFIGS
    ],
)
def test_config_trains_and_validates(name, make_config):
    """All losses are finite; only the oracle's training has target labels."""
    cfg = make_config(name)
    losses, labels, unmoved = SeenLosses(), SeenLabels(), Unmoved()
    runner = train(cfg, losses, labels, unmoved)

    accuracy = runner.message_hub.get_scalar('val/acc/top1').current()
    assert 0 <= accuracy <= 1
    if cfg.train_cfg.type == 'NoTrainLoop':
        assert not losses.losses and not labels.before and not labels.seen
        return
    assert len(losses.losses) == len(runner.train_dataloader) >= 3
    for step in losses.losses:
        assert step['loss'] > 0 and math.isfinite(step['loss'])
        assert all(map(math.isfinite, step.values())), step
        found = {key for key in step if key.startswith('loss_')}
        assert found == losses_of(name)
    # Several processes would wait for their gradients.
    assert not unmoved.names or cfg.get('find_unused_parameters')

    oracle = name.startswith(('oracle', 'target_only'))
    rows = 2 * len(losses.losses)
    expected = dict(
        source=[['gt_label']] * rows,
        target=[['gt_label'] if oracle else []] * rows,
    )
    if cfg.train_dataloader.sampler.type == 'DefaultSampler':  # of one domain
        domain = cfg.model.data_preprocessor.get('train_domain', 'source')
        expected = {domain: expected[domain]}
    if cfg.train_dataloader.sampler.type == 'PseudoLabelSampler':
        expected = dict(target=[['gt_label']] * rows)  # the model's own
    assert labels.before == labels.seen == expected


def unlabel(list_file: Path) -> None:
    lines = list_file.read_text().splitlines()
    list_file.write_text(''.join(f'{s.split()[0]} -1\n' for s in lines))


def test_target_labels_change_no_weight(make_config):
    cfg = make_config('transferattn_demo')
    cfg.train_cfg.max_epochs = 2  # in the first, nothing is reversed
    with_labels = state_of(train(cfg).model)
    target = cfg.train_dataloader.dataset.target.videos.ann_file
    unlabel(Path(target))
    runner = train(cfg)
    labels = {
        runner.train_dataloader.dataset.target.get_data_info(i)['label']
        for i in range(32)
    }
    assert labels == {-1}
    assert not differing(with_labels, state_of(runner.model))


def test_only_frozen_parts_keep_their_weights(make_config):
    cfg = make_config('transferattn_demo')
    cfg.train_cfg.max_epochs = 2  # in the first, nothing is reversed
    mmaction_uda.engine.prepare(cfg)
    runner = make_runner(cfg)
    before = state_of(runner.model)
    runner.train()
    changed = set(differing(before, state_of(runner.model)))
    frozen = {
        k
        for k in before
        if k.startswith(('cls_head.', 'ib_head.projector.', 'backbone.'))
    }
    assert {k.split('.')[0] for k in frozen} == {
        'cls_head',
        'ib_head',
        'backbone',
    }
    # No queue on small data: its pointer stands still as well.
    empty = {k for k in before if k.startswith('ib_head.queue')}
    parameters = dict(runner.model.named_parameters())
    assert not changed & (frozen | empty)
    assert changed == set(parameters) - frozen


COMBINED = [
    'transferattn_source@demo',
    'transferattn_source_free@r50i3d_ucf2hmdb@small_data',
    'transferattn@r50i3d_hmdb2ucf',
    'transferattn@i3d_ucf2hmdb@small_data',
    'transferattn_tam@i3d_ucf2hmdb',
    'transferattn_tam@demo_flow',
]


def queue_of(name: str):
    """Rows of the queue: those of the figure, or of the released code."""
    if name.startswith('transferattn_source'):
        return 'classes'
    if name.startswith('transferattn_release'):
        return 512
    parts = 'demo', 'small_data', 'skeleton', 'lite0'
    small = any(part in name for part in parts)
    # A queue would pair rows of RGB with rows of flow.
    return 0 if small or 'multimodal' in name else 512


@pytest.mark.parametrize(
    'name', [n for n in CONFIGS if n.startswith('transferattn')] + COMBINED
)
def test_what_transferattn_resolves_to(name):
    model = load_config(name).model
    assert model.ib_head.queue_size == queue_of(name)
    assert model.ib_head.ib_pairs == 'class' and model.ib_head.projector.frozen
    neck = model.neck.get('neck', model.neck)
    parts = [neck.last_attention, model.get('domain_head') or {}]
    found = [part.get('from_logits', True) for part in parts]
    assert found == 2 * [not name.startswith('transferattn_release')]


def test_fit_lays_numbers_over_numbers_alone():
    model = dict(head=dict(queue=512, rows='classes', norm=None), none=None)
    numbers = dict(head=dict(queue=0, rows=0, norm=5, lacks=1), none=dict(a=1))
    assert fit(model, numbers | dict(other=dict(a=1))) == dict(
        head=dict(queue=0, rows='classes', norm=None), none=None
    )
    assert model['head']['queue'] == 512


def test_frozen_backbone_is_unchanged_by_training(make_config):
    cfg = uncached(make_config('transferattn_demo'))
    mmaction_uda.engine.prepare(cfg)
    runner = make_runner(cfg)
    backbone = runner.model.backbone
    assert isinstance(backbone, FrozenBackbone)
    before = state_of(backbone.net)
    runner.train()
    assert not differing(before, state_of(backbone.net))
    assert any('running_mean' in key for key in before)
    assert not any(m.training for m in backbone.net.modules())
    assert not any(p.requires_grad for p in backbone.net.parameters())


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize(
    'pattern, limit',
    [
        ('configs/*.py', 70),
        ('mmaction_uda/models/recognizers/*.py', 150),
        ('mmaction_uda/models/**/*.py', 200),
    ],
)
def test_files_stay_short(pattern, limit):
    files = list(ROOT.glob(pattern))
    assert files
    long = {str(f): line_count(f) for f in files if line_count(f) > limit}
    assert not long


# -- Layers of models, also those that no experiment names ------------------
LAYERS = sorted(
    p.stem
    for p in (ROOT / 'configs/_base_/backbones').glob('*.py')
    # What they share; frames, not tokens.
    if p.stem not in ('video', 'raw_clips', 'vit_tiny')
)
NORMALISATIONS = dict(  # of values in [0, 1]
    i3d=((0, 0, 0), (1, 1, 1)),
    i3d_native=((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    i3d_transvae=((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    stam=((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    stam_official=((0, 0, 0), (1, 1, 1)),
    stam_udavt=((0.4345, 0.4051, 0.3775), (0.2768, 0.2713, 0.2737)),
)


def load_layer(name: str) -> Config:
    """Backbone, preprocessor, width and extraction."""
    layer = Config.fromfile(ROOT / f'configs/_base_/backbones/{name}.py')
    return ConfigDict(layer._backbone, extraction=layer._extraction)


@pytest.mark.parametrize('name', LAYERS)
def test_tokens_are_as_wide_as_the_encoder_expects(name):
    layer = load_layer(name)
    if 'features' in layer.backbone:  # made elsewhere
        assert layer.extraction.name == layer.backbone.features
        return
    for node in nodes(layer):
        small = REDUCTION.get(node.get('type'), {})
        node.update({k: v for k, v in small.items() if node.get(k) != 0})
        if str(node.get('model')) in HUGGING_FACE:
            pytest.importorskip('transformers')
            node.config = HUGGING_FACE[node.pop('model')]
    backbone = dict(layer.backbone, cached=False, seed=0, checkpoint=None)
    if layer.backbone.backbone.get('num_frames') == CLIP:
        if backbone['window']:
            backbone['window'].update(size=CLIP)
    tokens = FrozenBackbone(**_without_type(backbone))(
        torch.randn(1, 1, len(layer.data_preprocessor.mean), CLIP, 32, 32)
    )
    assert tokens.shape[:2] == (1, 1) and tokens.size(2) >= 1
    assert tokens.size(3) == layer.neck.in_channels


def _without_type(cfg: dict) -> dict:
    return {k: v for k, v in cfg.items() if k != 'type'}


@pytest.mark.parametrize('name', NORMALISATIONS)
def test_published_extractions(name):
    layer = load_layer(name)
    mean, std = NORMALISATIONS[name]
    found = layer.data_preprocessor
    assert [m / 255 for m in found.mean] == pytest.approx(mean, abs=1e-4)
    assert [s / 255 for s in found.std] == pytest.approx(std, abs=1e-4)
    before = dict(i3d_transvae=8).get(name, 7)
    assert layer.backbone.window.size == 16
    assert layer.backbone.window.before == before
    size = dict(i3d_transvae=224).get(name, 256)
    (resize,) = (t for t in layer.extraction.pipeline if t.type == 'Resize')
    (crop,) = (t for t in layer.extraction.pipeline if t.type == 'CenterCrop')
    assert tuple(resize.scale) == (-1, size) and crop.crop_size == 224
    names = [load_layer(other).extraction.name for other in LAYERS]
    assert len(set(names)) == len(names)  # no two share a store

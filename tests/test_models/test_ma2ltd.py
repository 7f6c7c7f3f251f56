"""MA2LT-D against loops over frames, steps and networks, in float64.

No part couples samples but the batch norms of the frame encoder.
"""

import copy
import math
from pathlib import Path

import pytest
import torch
from helpers.configs import method_model
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.registry import DefaultScope

from mmaction_uda.config import load_config
from mmaction_uda.engine.readings import readings
from mmaction_uda.models.heads import MultiScaleDomainHead
from mmaction_uda.models.layers import DiscriminatorBank, TemporalDilation
from mmaction_uda.models.necks import FrameEncoderNeck

CONFIGS = Path(__file__).parents[2] / 'configs'
B, V, T, CHANNELS, WIDTH, COEFF = 5, 2, 9, 4, 3, 0.3
LENGTHS = (7, 1)  # of the dilations 1, 3
SAMPLES = [
    ActionDataSample(metainfo=dict(domain=domain))
    for domain in ('source', 'source', 'target', 'target', 'target')
]
HEAD = dict(
    type='MultiScaleDomainHead',
    dilations=(1, 3),
    hidden_channels=6,
    dropout=0.0,
    grl=dict(amplitude=COEFF, ramp=None),
)
ATTENTIONS = ('released', 'published', None)


@pytest.fixture(autouse=True)
def default_scope():
    """As every config has it."""
    with DefaultScope.overwrite_default_scope('mmaction'):
        yield


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def randomize(module: torch.nn.Module) -> torch.nn.Module:
    """Weights and biases that all matter."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.7)
    return module.double()


def make_neck(**head) -> FrameEncoderNeck:
    head = dict(HEAD, **head)
    return randomize(
        FrameEncoderNeck(CHANNELS, T, WIDTH, dropout=0.0, domain_head=head)
    )


def make_head(**changes) -> MultiScaleDomainHead:
    return make_neck(**changes).domain_head


def frames() -> torch.Tensor:
    return randn(B, V, T, WIDTH).requires_grad_()


def close(a, b) -> bool:
    a, b = (torch.as_tensor(x, dtype=torch.float64).detach() for x in (a, b))
    return a.shape == b.shape and bool((a - b).abs().max() <= 1e-9)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


# -- By hand ----------------------------------------------------------------
def naive_encoder(neck, x) -> list:
    """Frames ``[V][B][T]`` of one domain; the norm sees those of a view."""
    layers = list(neck.frame_encoder)
    views = []
    for v in range(x.size(1)):
        rows = [x[b, v, t] for b in range(x.size(0)) for t in range(T)]
        for linear, norm in ((layers[0], layers[1]), (layers[4], layers[5])):
            rows = [linear.weight @ row + linear.bias for row in rows]
            centre = mean(rows)
            spread = (mean((r - centre) ** 2 for r in rows) + 1e-5).sqrt()
            rows = [
                ((r - centre) / spread * norm.weight + norm.bias).clamp(min=0)
                for r in rows
            ]
        views.append([rows[b * T : (b + 1) * T] for b in range(x.size(0))])
    return views


def naive_domains(neck, x) -> list:
    """The same of both domains, which the norm sees apart."""
    source, target = (naive_encoder(neck, part) for part in (x[:2], x[2:]))
    return [s + t for s, t in zip(source, target)]


def naive_layer(layer, steps: list) -> list:
    """One dilated layer on a list of vectors."""
    wide, narrow = layer.branch[0], layer.branch[2]
    out = []
    for t in range(len(steps) - 2 * layer.dilation):
        touched = [steps[t + k * layer.dilation] for k in range(3)]
        hidden = sum(wide.weight[:, :, k] @ x for k, x in enumerate(touched))
        hidden = (hidden + wide.bias).clamp(min=0)
        branch = narrow.weight[:, :, 0] @ hidden + narrow.bias
        out.append(mean(touched) + branch)
    return out


def naive_network(bank, p: int, x) -> torch.Tensor:
    """The logit of network ``p``."""
    linears = [layer for layer in bank if hasattr(layer, 'weight')]
    for i, linear in enumerate(linears):
        x = x.clamp(min=0) if i else x
        x = x @ linear.weight[p] + linear.bias[p, 0]
    return x[0]


def reverse(x: torch.Tensor) -> torch.Tensor:
    """The value of ``x``, ``-COEFF`` times its gradient."""
    return -COEFF * x + (1 + COEFF) * x.detach()


def cross_entropy(logit, label: int) -> torch.Tensor:
    p = 1 / (1 + (-logit).exp())
    return -p.log() if label else -(1 - p).log()


def naive_weights(head, means: list) -> list:
    """Scale attention of one view of one video."""
    if head.scale_attention is None:
        return [1 / len(means)] * len(means)
    entropies = []
    for g, x in enumerate(means):
        logit = naive_network(head.scale_units, g, x.detach())
        p = 1 / (1 + math.exp(-logit.detach()))
        entropies.append(-p * math.log(p) - (1 - p) * math.log(1 - p))
    return [h / sum(entropies) for h in entropies]


def naive_head(head, x) -> tuple:
    """``L`` and the loss of the scale units, by loops over everything."""
    terms, unit_terms = {0: [], 1: []}, {0: [], 1: []}
    for b, sample in enumerate(SAMPLES):
        label = int(sample.domain == 'target')
        for v in range(x.size(1)):
            steps = [reverse(x[b, v, t]) for t in range(x.size(2))]
            errors, means, p = [], [], 0
            for layer in head.dilation:
                steps = naive_layer(layer, steps)
                means.append(mean(steps))
                answers = [
                    naive_network(head.discriminators, p + t, step)
                    for t, step in enumerate(steps)
                ]
                p += len(steps)
                errors.append(mean(cross_entropy(a, label) for a in answers))
            weights = naive_weights(head, means)
            terms[label].append(sum(w * e for w, e in zip(weights, errors)))
            if head.scale_attention == 'published':
                unit_terms[label].append(
                    mean(
                        cross_entropy(
                            naive_network(head.scale_units, g, m.detach()),
                            label,
                        )
                        for g, m in enumerate(means)
                    )
                )
    loss = (mean(terms[0]) + mean(terms[1])) / 2
    if head.scale_attention != 'published':
        return loss, None
    return loss, (mean(unit_terms[0]) + mean(unit_terms[1])) / 2


# -- Frame encoder ----------------------------------------------------------
def test_frame_encoder_equals_loops():
    neck, x = make_neck(), randn(B, V, T, CHANNELS)
    expected = naive_domains(neck, x)
    found = neck.encode(x, SAMPLES)
    for v in range(V):
        for b in range(B):
            assert close(found[b, v], torch.stack(expected[v][b]))
    pooled, losses = neck(x, SAMPLES)
    for v in range(V):
        for b in range(B):
            assert close(pooled[b, v], mean(expected[v][b]))
    found = neck.domain_head.loss_by_feat(
        neck.domain_head(neck.encode(x, SAMPLES)), SAMPLES
    )
    assert close(losses['loss_domain'], found['loss_domain'])


def test_norms_see_all_views_of_the_source_then_those_of_the_target():
    """A running mean of 5 views: 63 % of the target, 1 / (1 + 0.9^5)."""
    neck = FrameEncoderNeck(CHANNELS, T, WIDTH, dropout=0.0).double()
    linear, norm = neck.frame_encoder[:2]
    x = randn(B, 5, T, CHANNELS)
    expected = torch.zeros(WIDTH, dtype=torch.float64)
    for rows in (x[:2], x[2:]):
        for v in range(5):
            frames = [
                linear.weight @ f + linear.bias for r in rows for f in r[v]
            ]
            expected = 0.9 * expected + 0.1 * mean(frames)
    neck(x, SAMPLES)
    assert close(norm.running_mean, expected)
    constant = torch.cat((torch.zeros(2, 5, T, 1), torch.ones(3, 5, T, 1)))
    with torch.no_grad():
        linear.weight.fill_(1.0 / CHANNELS)
        linear.bias.zero_()
        for _ in range(30):
            neck(constant.double().expand(B, 5, T, CHANNELS), SAMPLES)
    share = torch.full((WIDTH,), 1 / (1 + 0.9**5)).double()
    assert (norm.running_mean - share).abs().max() < 1e-6


def test_a_batch_of_one_domain_is_encoded():
    neck, x = make_neck(), randn(B, V, T, CHANNELS)
    assert close(neck.encode(x[:2], SAMPLES[:2]), neck.encode(x[:2]))


def test_initial_weights():
    torch.manual_seed(0)
    linear, norm = FrameEncoderNeck(64, 9, 256).frame_encoder[:2]
    assert abs(linear.weight.std() / math.sqrt(2 / (64 + 256)) - 1) < 0.03
    assert not norm.bias.any()
    assert abs(norm.weight.mean() - 1) < 0.005
    assert abs(norm.weight.std() - 0.02) < 0.003
    bank = DiscriminatorBank(20, 64, 128)
    variances = (2 / (64 + 128), 2 / (128 + 128), 2 / (128 + 1))
    for layer, variance in zip(list(bank)[::3], variances, strict=True):
        assert not layer.bias.any()
        assert abs(layer.weight.std() / math.sqrt(variance) - 1) < 0.05


def test_at_test_no_row_depends_on_another_or_on_its_domain():
    neck = make_neck().eval()
    x = randn(B, V, T, CHANNELS)
    pooled, losses = neck(x)
    assert losses == {}
    assert close(pooled, neck(x, SAMPLES)[0])
    for b in range(B):
        assert close(pooled[b], neck(x[b : b + 1])[0][0])


@pytest.mark.parametrize(
    'shape', [(B, T, CHANNELS), (B, V, T + 1, CHANNELS), (B, V, T, WIDTH)]
)
def test_neck_refuses_other_tokens(shape):
    with pytest.raises(ValueError, match='neck.num_frames'):
        make_neck()(torch.zeros(shape).double())


# -- Parts of the domain head -----------------------------------------------
def test_dilated_layers_equal_loops():
    layers = randomize(TemporalDilation(WIDTH, T, (1, 3)))
    x = randn(B, T, WIDTH)
    scales = layers(x)
    assert tuple(s.size(1) for s in scales) == LENGTHS
    for b in range(B):
        steps = list(x[b])
        for layer, scale in zip(layers, scales):
            steps = naive_layer(layer, steps)
            assert close(scale[b], torch.stack(steps))


def test_lengths_of_53_frames():
    with torch.device('meta'):
        layers = TemporalDilation(256, 53)
        scales = layers(torch.zeros(2, 53, 256))
    assert layers.lengths == [51, 45, 31, 1]
    assert [tuple(s.shape) for s in scales] == [
        (2, length, 256) for length in layers.lengths
    ]


def test_too_few_frames_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match='at least 53 frames, got 52.*set '):
        TemporalDilation(4, 52)


def test_every_position_has_a_network_of_its_own():
    bank = randomize(DiscriminatorBank(4, WIDTH, 6, dropout=0.0))
    x = randn(B, 4, WIDTH).requires_grad_()
    logits = bank(x)
    for b in range(B):
        for p in range(4):
            assert close(logits[b, p], naive_network(bank, p, x[b, p]))
    logits[:, 1].sum().backward()
    for part in (x.grad.transpose(0, 1), *(w.grad for w in bank.parameters())):
        touched = part.flatten(1).any(1)
        assert touched.tolist() == [False, True, False, False]


def test_dropout_is_drawn_for_every_network():
    torch.manual_seed(0)
    layers = list(DiscriminatorBank(3, WIDTH, 1000, dropout=0.2))
    x = torch.ones(3, 2, WIDTH)
    alive = layers[0](x) > 0
    kept = layers[2](alive.float()) > 0
    shares = kept.sum(-1) / alive.sum(-1)
    assert ((shares - 0.8).abs() < 0.08).all()
    assert len((alive & ~kept).flatten(0, 1).unique(dim=0)) == 6


# -- The whole head ---------------------------------------------------------
@pytest.mark.parametrize('attention', ATTENTIONS)
def test_loss_and_gradients_equal_loops(attention):
    """Also what the one reversal turns round, and by how much."""
    head = make_head(scale_attention=attention)
    results = []
    for naive in (False, True):
        x = frames()
        if naive:
            loss, units = naive_head(head, x)
        else:
            losses = head.loss_by_feat(head(x), SAMPLES)
            loss = losses['loss_domain']
            units = losses.get('loss_attention')
        total = loss if units is None else loss + units
        weights = [p for p in head.parameters() if p.requires_grad]
        results.append([loss, *torch.autograd.grad(total, [x, *weights])])
        if units is not None:
            results[-1].append(units)
    for found, expected in zip(*results, strict=True):
        assert close(found, expected) and expected.abs().max() > 1e-4


@pytest.mark.parametrize('coeff', [0.0, 0.5, 1.0])
def test_encoder_ascends_by_the_coefficient(coeff):
    """The head itself descends whatever the coefficient is."""
    grads = {}
    for c in (coeff, -1.0):  # -1: an ordinary gradient
        head = make_head(grl=dict(amplitude=c, ramp=None))
        x = frames()
        losses = head.loss_by_feat(head(x), SAMPLES)
        assert losses['grl_coeff'] == c
        losses['loss_domain'].backward()
        grads[c] = x.grad, head.dilation[0].branch[0].weight.grad
    assert close(grads[coeff][0], -coeff * grads[-1.0][0])
    assert close(grads[coeff][1], grads[-1.0][1])
    assert grads[-1.0][0].abs().max() > 1e-3


def test_attention_weights_are_shares_of_the_entropy():
    head = make_head()
    units = randn(B, V, 2)
    p = units.sigmoid()
    nats = -p * p.log() - (1 - p) * (1 - p).log()
    for g in range(2):  # an error of 1 in one scale reads its weight
        errors = torch.zeros(B, V, sum(LENGTHS)).double()
        errors.split(LENGTHS, -1)[g].fill_(1.0)
        assert close(head.weigh(errors, units), nats[..., g] / nats.sum(-1))
    sure = torch.full((B, V, 2), 1e4, dtype=torch.float64)
    assert head.weigh(errors, sure).isfinite().all()


@pytest.mark.parametrize('attention', ATTENTIONS[:2])
def test_who_trains_the_scale_units(attention):
    head = make_head(scale_attention=attention)
    x = frames()
    losses = head.loss_by_feat(head(x), SAMPLES)
    losses['loss_domain'].backward(retain_graph=True)
    units = list(head.scale_units.parameters())
    assert len(units) == 2 and all(p.grad is None for p in units)
    trained = attention == 'published'
    assert all(p.requires_grad == trained for p in units)
    assert ('loss_attention' in losses) == trained
    if trained:
        x.grad = None
        losses['loss_attention'].backward()
        assert all(p.grad.any() for p in units) and x.grad is None


def test_trained_units_prefer_the_scale_that_domains_share():
    head = make_head(scale_attention='published')
    means = 0.1 * randn(B, V, 2, WIDTH)
    means[:2, :, 0] += 3.0  # the first scale tells the domains apart
    labels = torch.tensor([0.0, 0, 1, 1, 1]).double()[:, None, None]
    optimizer = torch.optim.Adam(head.scale_units.parameters(), lr=0.1)
    for _ in range(100):
        units = head.scale_units(means.flatten(0, 1)).unflatten(0, (B, V))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            units, labels.expand_as(units)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    errors = torch.zeros(B, V, sum(LENGTHS)).double()
    errors[..., -1] = 1.0
    assert (head.weigh(errors, units) > 0.7).all()


def test_random_units_weigh_scales_about_equally():
    torch.manual_seed(0)
    head = MultiScaleDomainHead(256, hidden_channels=8)
    x = torch.randn(4, 1, 53, 256).relu()
    errors = torch.zeros(4, 1, 128)
    for scale in errors.split(head.dilation.lengths, -1):
        scale.fill_(1.0)
        weights = head.weigh(errors, head(x)[1])
        assert ((weights - 0.25).abs() < 0.05).all()
        scale.fill_(0.0)


def test_domain_accuracy():
    head = make_head()
    logits = head(frames())[0]
    right = (logits[:2] < 0).sum() + (logits[2:] > 0).sum()
    found = head.loss_by_feat(head(frames()), SAMPLES)['domain_acc']
    assert abs(float(found) - float(right) / logits.numel()) < 1e-6


def test_no_row_of_the_head_depends_on_another():
    head, x = make_head(), frames()
    logits, units = head(x)
    for b in range(B):
        for v in range(V):
            alone = head(x[b : b + 1, v : v + 1])
            assert close(logits[b, v], alone[0][0, 0])
            assert close(units[b, v], alone[1][0, 0])


def test_other_attentions_are_refused():
    with pytest.raises(ValueError, match='scale_attention'):
        MultiScaleDomainHead(4, scale_attention='frames')


def test_parameters_at_full_size():
    with torch.device('meta'):
        neck = FrameEncoderNeck(
            2048, domain_head=dict(type='MultiScaleDomainHead')
        )
    head = neck.domain_head

    def count(module):
        return sum(p.numel() for p in module.parameters())

    assert count(head.discriminators) == 168_165_504
    units = count(head.scale_units)
    assert count(head.discriminators) + units == 168_166_532
    rest = count(neck) - count(head.discriminators) - units
    assert rest + 256 * 12 + 12 == 1_645_068  # with 12 classes


# -- The method -------------------------------------------------------------
def method_config(name: str) -> dict:
    """The model of a method's layer, made small."""
    model = method_model(name)
    model['data_preprocessor'] = dict(type='UDADataPreprocessor')
    model['backbone'] = dict(
        type='FrozenBackbone',
        backbone=dict(type='ShiftNet', widths=(4, 6)),
        seed=0,
        cached=True,
    )
    model['neck'].update(
        in_channels=CHANNELS, num_frames=T, embed_dims=WIDTH, dropout=0.0
    )
    model['neck']['domain_head'].update(
        hidden_channels=6,
        dropout=0.0,
        dilations=(1, 3),
        grl=dict(amplitude=COEFF, ramp=None),
    )
    model['cls_head']['num_classes'] = 3
    return model


def method_losses(config: dict) -> tuple:
    torch.manual_seed(0)
    model = MODELS.build(copy.deepcopy(config)).double()
    samples = copy.deepcopy(SAMPLES)
    for label, sample in enumerate(samples[:2]):
        sample.set_gt_label(label)
    x = randn(B, V, T, CHANNELS)
    return model, x, model.loss(x, samples)


def test_initial_weights_of_the_classifier():
    """Xavier-normal, sqrt(2 / (256 + 12)) = 0.0864; biases are 0."""
    config = method_config('ma2ltd')
    config['neck']['embed_dims'], config['cls_head']['num_classes'] = 256, 12
    torch.manual_seed(0)
    model = MODELS.build(config)
    model.init_weights()
    (linear,) = model.cls_head.mlp
    assert abs(linear.weight.std() / 0.0864 - 1) < 0.05
    assert not linear.bias.any()


@pytest.mark.parametrize('name', ['ma2ltd', 'ma2ltd_published'])
def test_method_equals_loops(name):
    model, x, losses = method_losses(method_config(name))
    views = naive_domains(model.neck, x)
    classes, entropies = [], []
    for view in views:
        for b, row in enumerate(view):
            linear = model.cls_head.mlp[0]
            p = (linear.weight @ mean(row) + linear.bias).exp()
            p = p / p.sum()
            if b < 2:
                classes.append(-p[b].log())
            else:
                entropies.append(-mean(p * p.log()))  # over classes too
    stacked = torch.stack(
        [torch.stack([torch.stack(row) for row in v]) for v in views], 1
    )
    domain, units = naive_head(model.neck.domain_head, stacked)
    expected = dict(
        loss_cls=mean(classes),
        loss_entropy=mean(entropies),
        loss_domain=domain,
    )
    if units is not None:
        expected['loss_attention'] = units
    assert expected.keys() == {k for k in losses if 'loss' in k}
    for key, value in expected.items():
        assert close(losses[key], value), key
    sum(losses[key] for key in expected).backward()
    idle = {n for n, p in model.named_parameters() if p.grad is None}
    frozen = {n for n, p in model.named_parameters() if not p.requires_grad}
    assert idle == frozen
    frozen = {n for n in frozen if not n.startswith('backbone.')}
    assert all('scale_units' in n for n in frozen)
    assert bool(frozen) == (name == 'ma2ltd')


def turn_off(config: dict, part: str) -> None:
    if part == 'entropy':
        config['loss_entropy'] = None
    elif part == 'discriminators':
        config['neck']['domain_head'] = None
    else:
        change = dict(
            dilation=dict(dilations=(1, 1)),
            attention=dict(scale_attention=None),
            reversal=dict(grl=dict(amplitude=0.0, ramp=None)),
        )
        config['neck']['domain_head'].update(change[part])


@pytest.mark.parametrize(
    'part', ['dilation', 'attention', 'discriminators', 'entropy', 'reversal']
)
def test_every_part_counts(part):
    """Without the reversal the loss is the same, its gradient is not."""
    results = []
    for off in (False, True):
        config = method_config('ma2ltd')
        if off:
            turn_off(config, part)
        model, _, losses = method_losses(config)
        loss = sum(v for k, v in losses.items() if 'loss' in k)
        loss.backward()
        grad = model.neck.frame_encoder[0].weight.grad
        results.append((loss.detach(), grad))
    (loss, grad), (other_loss, other_grad) = results
    assert not close(grad, other_grad)
    assert close(loss, other_loss) == (part == 'reversal')


@pytest.mark.parametrize(
    'path',
    sorted(
        set(CONFIGS.glob('ma2ltd_*2*.py')) - set(CONFIGS.glob('*skeleton*'))
    ),
    ids=lambda p: p.stem,
)
def test_published_setting(path):
    cfg = load_config(str(path))
    found = [reading.config for reading in readings(cfg)]
    assert len(found) == 5  # source, target, validation, test, its source
    for dataset in found:
        sample = dataset['pipeline'][0]
        assert (sample.num_views, sample.num_frames) == (5, 53)
        assert dataset['extraction'] == found[0]['extraction']
    assert cfg.test_dataloader == cfg.val_dataloader
    assert cfg.val_dataloader.dataset.pipeline[0].test_mode
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.lr, optimizer.weight_decay) == (3e-5, 5e-4)
    assert not cfg.param_scheduler and cfg.train_cfg.max_epochs == 300
    grl = cfg.model.neck.domain_head.grl
    assert (grl.amplitude, grl.ramp) == (0.1, 'epoch')
    assert cfg.model.feature_scale is None and not cfg.model.cls_head.frozen

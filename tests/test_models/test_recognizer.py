import copy

import pytest
import torch
from helpers.configs import method_model
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.dataset import pseudo_collate
from mmengine.registry import DefaultScope
from mmengine.runner.checkpoint import load_state_dict
from safetensors.torch import save_file
from torch.utils._python_dispatch import TorchDispatchMode

from mmaction_uda.models import UDADataPreprocessor
from mmaction_uda.models.backbones import FrozenBackbone, ShiftNet
from mmaction_uda.models.utils import (
    gt_labels,
    num_source,
    sample_tensors,
    split_domains,
    target_mask,
    target_views,
)

LOSSES = dict(
    source_only={'loss_cls'},
    target_only={'loss_cls'},
    baseline={'loss_cls', 'loss_entropy', 'loss_domain'},
    transferattn={'loss_cls', 'loss_entropy', 'loss_domain', 'loss_ib'},
    transferattn_release={
        'loss_cls',
        'loss_entropy',
        'loss_domain',
        'loss_ib',
    },
)
BATCH, T, CHANNELS, WIDTH, CLASSES = 5, 3, 5, 8, 3
SMALL_NET = dict(type='ShiftNet', widths=(4, 6))


@pytest.fixture(autouse=True)
def default_scope():
    """As every config has it."""
    with DefaultScope.overwrite_default_scope('mmaction'):
        yield


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def method_config(method: str) -> dict:
    """The model of a method's config layer, made small."""
    model = method_model(method)
    model['data_preprocessor'] = dict(type='UDADataPreprocessor')
    model['backbone'] = dict(
        type='FrozenBackbone', backbone=SMALL_NET, seed=0, cached=True
    )
    model['cls_head']['num_classes'] = CLASSES
    model['neck'].update(
        in_channels=CHANNELS,
        num_frames=T,
        embed_dims=WIDTH,
        hidden_channels=6,
        depth=2,
        num_heads=2,
    )
    if 'last_attention' in model['neck']:
        model['neck']['last_attention']['hidden_channels'] = 7
    if 'domain_head' in model:
        model['domain_head']['hidden_channels'] = 7
    if 'ib_head' in model:
        model['ib_head']['projector']['channels'] = (5, 4)
        model['ib_head']['loss_weight'] = 0.3  # so that it counts
    return model


def build(config: dict):
    torch.manual_seed(4)
    return MODELS.build(copy.deepcopy(config)).double()


def make_samples(target_labels: bool = False) -> list:
    """``BATCH`` source samples, then as many target samples."""
    samples = []
    for i in range(2 * BATCH):
        domain = 'source' if i < BATCH else 'target'
        samples.append(ActionDataSample(metainfo=dict(domain=domain)))
        if domain == 'source' or target_labels:
            samples[i].set_gt_label(i % CLASSES)
    return samples


def tokens(num_views: int = 2, seed: int = 0) -> torch.Tensor:
    """Large, so that videos differ by more than the biases."""
    return 20 * randn(2 * BATCH, num_views, T, CHANNELS, seed=seed)


def close(a, b) -> bool:
    a, b = (torch.as_tensor(t, dtype=torch.float64) for t in (a, b))
    return torch.allclose(a, b, rtol=1e-9, atol=1e-9)


# -- By hand ----------------------------------------------------------------
class ByHand:
    """Eq. 1 with the terms that the config names, view after view."""

    def __init__(self, model, config: dict) -> None:
        self.model, self.config = model, config
        self.queue = []

    def total(self, x, samples) -> torch.Tensor:
        views = [self.view(x[:, v], samples) for v in range(x.shape[1])]
        return sum(views) / len(views)

    def view(self, x, samples) -> torch.Tensor:
        pooled = [self.encode(*item) for item in zip(x, samples, strict=True)]
        feats = [f / (0.07 * f.square().sum().sqrt()) for f in pooled]
        logits = [self.classify(f) for f in feats]
        oracle = self.config.get('label_domain') == 'target'
        labelled = slice(BATCH, None) if oracle else slice(BATCH)
        loss = mean(
            -self.log_softmax(logit)[int(sample.gt_label)]
            for logit, sample in zip(
                logits[labelled], samples[labelled], strict=True
            )
        )
        if 'loss_entropy' in self.config:
            loss = loss + self.entropy(logits[BATCH:])
        if 'domain_head' in self.config:
            loss = loss + self.domain(feats)
        if 'ib_head' in self.config:
            labels = [int(s.gt_label) for s in samples[:BATCH]]
            placement = self.config['ib_head']['ib_placement']
            rows = dict(block=pooled, pooled=feats)[placement]
            guesses = [int(logit.argmax()) for logit in logits[BATCH:]]
            loss = loss + 0.3 * self.bottleneck(rows, labels, guesses)
        return loss

    def encode(self, x, sample) -> torch.Tensor:
        """One view of one video through the neck."""
        neck = self.model.neck
        for layer in neck.patch_embed:
            x = x @ layer.weight.T + layer.bias
        x = (x + neck.temporal_embed)[None]
        is_target = torch.tensor([sample.domain == 'target'])
        for block in neck.blocks:
            x = x + block.attn(block.norm1(x), is_target)[0]
            x = x + block.mlp(block.norm2(x))
        return sum(x[0]) / T

    def classify(self, f) -> torch.Tensor:
        (layer,) = self.model.cls_head.mlp
        return layer.weight @ f + layer.bias

    @staticmethod
    def log_softmax(logit) -> torch.Tensor:
        return logit - torch.log(torch.exp(logit).sum())

    def entropy(self, logits) -> torch.Tensor:
        total = mean(
            -(
                self.log_softmax(logit) * torch.exp(self.log_softmax(logit))
            ).sum()
            for logit in logits
        )
        reduction = self.config['loss_entropy']['entropy_reduction']
        return total / CLASSES if reduction == 'mean' else total

    def domain(self, feats) -> torch.Tensor:
        p = [
            torch.sigmoid(self.model.domain_head.discriminator(f))
            for f in feats
        ]
        return mean(-torch.log(1 - v) for v in p[:BATCH]) + mean(
            -torch.log(v) for v in p[BATCH:]
        )

    def bottleneck(self, rows, labels: list, guesses: list) -> torch.Tensor:
        z = [self.model.ib_head.projector(row[None])[0] for row in rows]
        current = list(zip(z[:BATCH], labels, strict=True))
        pairs = [
            (z_s, z_t)
            for z_s, label in current + self.queue
            for z_t, guess in zip(z[BATCH:], guesses, strict=True)
            if label == guess
        ]
        if self.config['ib_head']['queue_size']:  # never full here
            self.queue += [(z_s.detach(), label) for z_s, label in current]
        assert len(pairs) > 2 and len(set(guesses)) > 1
        normalize = self.config['ib_head']['ib_normalize']
        eps = dict(standardize=1e-5, correlation=1e-12)[normalize]
        sides = []
        for side in zip(*pairs, strict=True):
            rows = torch.stack(side) - mean(side)
            sides.append(rows / (rows.square().mean(0) + eps).sqrt())
        loss = 0
        for i, column_s in enumerate(sides[0].T):
            for j, column_t in enumerate(sides[1].T):
                c = (column_s * column_t).mean()
                loss = loss + ((c - 1) ** 2 if i == j else 0.005 * c**2)
        return loss


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def total_of(model, losses: dict) -> torch.Tensor:
    """The sum that mmengine descends."""
    return model.parse_losses(losses)[0]


@pytest.mark.parametrize('num_views', [1, 2, 3])
@pytest.mark.parametrize('method', LOSSES)
def test_total_loss_equals_composition_by_hand(method, num_views):
    config = method_config(method)
    model = build(config).eval()  # without dropout
    by_hand = ByHand(model, config)
    samples = make_samples(target_labels=method == 'target_only')
    for step in range(2):  # the second one reads the queue
        x = tokens(num_views, seed=step)
        losses = model.loss(x, samples)
        assert {k for k in losses if 'loss' in k} == LOSSES[method]
        expected = by_hand.total(x, samples)
        assert close(total_of(model, losses), expected)


@pytest.mark.parametrize(
    'method', ['source_only', 'target_only', 'transferattn']
)
def test_gradient_of_the_encoder(method):
    """Without reversals, that of the composition by hand."""
    config = method_config(method)
    model = build(config).eval()
    for module in model.modules():
        if hasattr(module, 'coeff'):
            module.coeff.fill_(-1.0)  # a reversal of -1 is none
    samples = make_samples(target_labels=method == 'target_only')
    wanted = [p for p in model.parameters() if p.requires_grad]
    losses = model.loss(tokens(), samples)
    grads = torch.autograd.grad(total_of(model, losses), wanted)
    naive = ByHand(model, config).total(tokens(), samples)
    naive_grads = torch.autograd.grad(naive, wanted)
    for grad, expected in zip(grads, naive_grads, strict=True):
        assert close(grad, expected) and expected.any()


def test_which_modules_follow_the_progress():
    model = build(method_config('transferattn'))
    followers = {
        name: module
        for name, module in model.named_modules()
        if hasattr(module, 'set_progress')
    }
    assert set(followers) == {'domain_head.grl', 'neck.blocks.1.attn.grl'}
    assert all(module.coeff == 0 for module in followers.values())


@pytest.mark.parametrize(
    'off, keys',
    [
        ('loss_entropy', {'loss_cls', 'loss_domain', 'loss_ib', 'loss_mdta'}),
        ('domain_head', {'loss_cls', 'loss_entropy', 'loss_ib', 'loss_mdta'}),
        ('ib_head', {'loss_cls', 'loss_domain', 'loss_entropy', 'loss_mdta'}),
        (
            'last_attention',
            {'loss_cls', 'loss_domain', 'loss_entropy', 'loss_ib'},
        ),
    ],
)
def test_each_part_can_be_turned_off(off, keys):
    config = method_config('transferattn')
    config['neck']['last_attention']['disc_supervision'] = 'bce'
    on = build(config).loss(tokens(), make_samples())
    (config['neck'] if off == 'last_attention' else config)[off] = None
    losses = build(config).loss(tokens(), make_samples())
    assert {k for k in losses if 'loss' in k} == keys
    assert len({k for k in on if 'loss' in k}) == len(keys) + 1


def test_monitors_are_no_losses():
    model = build(method_config('transferattn'))
    losses = model.loss(tokens(), make_samples())
    monitors = {k for k in losses if 'loss' not in k}
    names = 'top1_acc domain_acc grl_coeff num_pairs'
    assert monitors == set(names.split())
    total, log = model.parse_losses(losses)
    assert close(total, sum(losses[k] for k in LOSSES['transferattn']))
    assert set(log) == {'loss', *losses}


def test_feature_scale():
    config = method_config('source_only')
    for scale, norm in ((1 / 0.07, 1 / 0.07), (2.0, 2.0), (None, None)):
        config['feature_scale'] = scale
        model = build(config).eval()
        outputs, _ = model.outputs(tokens(), make_samples())
        feats, _ = model.extract_feat(tokens(), make_samples())
        assert torch.equal(feats, outputs.feats)
        if norm is None:
            assert torch.equal(feats, outputs.pooled)
        else:
            norms = feats.square().sum(-1).sqrt()
            assert close(norms, torch.full_like(norms, norm))


@pytest.mark.parametrize('method', ['transferattn', 'transferattn_release'])
def test_domain_does_not_matter_at_test(method):
    model = build(method_config(method)).eval()
    x = tokens()
    scores = []
    for domain in ('source', 'target', None):
        metainfo = {} if domain is None else dict(domain=domain)
        samples = [ActionDataSample(metainfo=metainfo) for _ in x]
        predictions = model(x, samples, mode='predict')
        scores.append(torch.stack([p.pred_score for p in predictions]))
    assert torch.equal(scores[0], scores[1])
    assert torch.equal(scores[0], scores[2])
    # ... and every row takes the target branch.
    targets = [ActionDataSample(metainfo=dict(domain='target')) for _ in x]
    feats, _ = model.extract_feat(x, targets)
    wanted = model.cls_head(feats).mean(1).softmax(1)
    assert torch.equal(scores[0], wanted)
    sources = [ActionDataSample(metainfo=dict(domain='source')) for _ in x]
    at_test, extra = model.extract_feat(x, sources, test_mode=True)
    assert torch.equal(at_test, feats) and extra == {}
    assert not torch.equal(model.extract_feat(x, sources)[0], feats) or (
        method == 'transferattn_release'
    )


def test_stages_of_a_plain_forward():
    model = build(method_config('transferattn')).eval()
    x = tokens()
    logits = model(x)  # mode='tensor'
    feats = model(x, stage='neck')
    assert feats.shape == (2 * BATCH, 2, WIDTH)
    assert torch.equal(logits, model.cls_head(feats))
    assert torch.equal(model(x, mode='tensor', stage='head'), logits)
    assert torch.equal(model(x, stage='backbone'), x)
    # ... of which predictions are made, with samples or without.
    samples = [ActionDataSample() for _ in x]
    for predicted in (model(x, mode='predict'), model(x, samples, 'predict')):
        scores = torch.stack([p.pred_score for p in predicted])
        assert torch.equal(scores, logits.mean(1).softmax(1))


def test_a_pair_batch_goes_through_a_train_step():
    """Collated pairs, preprocessor, loss, backward, as mmengine does."""
    config = method_config('transferattn_release')
    model = build(config).float()
    samples = make_samples()
    for sample in samples:
        del sample.domain
    items = [
        dict(inputs=t, data_samples=s)
        for t, s in zip(tokens().float(), samples, strict=True)
    ]
    batch = pseudo_collate(
        [
            dict(source=source, target=target)
            for source, target in zip(
                items[:BATCH], items[BATCH:], strict=True
            )
        ]
    )
    data = model.data_preprocessor(batch, training=True)
    losses = model(**data, mode='loss')
    total_of(model, losses).backward()
    for name, parameter in model.named_parameters():
        frozen = name.startswith(('cls_head', 'ib_head'))
        assert (parameter.grad is None) == frozen, name


STEPS = [*LOSSES, 'dann', 'mmd', 'jan', 'coral', 'entropy']
STEPS += ['transferattn_tam']


@pytest.mark.parametrize('method', STEPS)
def test_a_step_asks_the_device_for_no_value(method):
    """PyTorch's device without data stands for a GPU: it has no value to
    wait for, whatever asks for one fails."""
    config = method_config(method)
    if method == 'transferattn':
        config['neck']['last_attention']['disc_supervision'] = 'bce'
    model = build(config).to('meta')
    samples = make_samples(target_labels=True)
    data = dict(
        source=dict(
            inputs=list(tokens()[:BATCH]), data_samples=samples[:BATCH]
        ),
        target=dict(
            inputs=list(tokens()[BATCH:]), data_samples=samples[BATCH:]
        ),
    )
    moves = []
    with Moves(moves):
        data = model.data_preprocessor(data, training=True)
        data['inputs'] = data['inputs'].double()
        losses = model(**data, mode='loss')
        total, log = model.parse_losses(losses)
        total.backward()
    assert {v.device.type for v in log.values()} == {'meta'}
    # The tokens of two domains, and once the labels for all heads.
    assert moves == [(BATCH, 2, T, CHANNELS)] * 2 + [(2 * BATCH,)]


def test_unknown_label_domain_is_refused():
    config = method_config('source_only')
    config['label_domain'] = 'both'
    with pytest.raises(ValueError, match='label_domain'):
        build(config)


# -- UDADataPreprocessor ----------------------------------------------------
NORMALIZATION = dict(
    mean=[1.0, 20.0, 300.0], std=[2.0, 3.0, 4.0], format_shape='NCTHW'
)


def clips(num: int, seed: int) -> list:
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randint(
            0, 256, (2, 3, 4, 6, 6), generator=generator, dtype=torch.uint8
        )
        for _ in range(num)
    ]


def batch_of(inputs: list) -> dict:
    samples = [
        ActionDataSample(metainfo=dict(name=f'{i}'))
        for i in range(len(inputs))
    ]
    return dict(inputs=inputs, data_samples=samples)


def test_pair_of_domains_is_concatenated_source_first():
    source, target = clips(3, seed=1), clips(2, seed=2)
    data = dict(source=batch_of(source), target=batch_of(target))
    out = UDADataPreprocessor(**NORMALIZATION)(data)
    assert set(out) == {'inputs', 'data_samples'}
    assert [s.domain for s in out['data_samples']] == (
        3 * ['source'] + 2 * ['target']
    )
    names = [s.metainfo['name'] for s in out['data_samples']]
    assert names == ['0', '1', '2', '0', '1']
    assert out['inputs'].dtype == torch.float32
    for row, clip in zip(out['inputs'], source + target, strict=True):
        for channel in range(3):
            expected = (
                clip[:, channel].double() - NORMALIZATION['mean'][channel]
            )
            expected = expected / NORMALIZATION['std'][channel]
            assert torch.allclose(row[:, channel].double(), expected)


def test_plain_batch_is_left_to_the_host():
    out = UDADataPreprocessor(**NORMALIZATION)(batch_of(clips(3, seed=1)))
    host = MODELS.build(dict(type='ActionDataPreprocessor', **NORMALIZATION))
    host = host(batch_of(clips(3, seed=1)))
    assert torch.equal(out['inputs'], host['inputs'])
    assert set(out) == set(host)
    for a, b in zip(out['data_samples'], host['data_samples'], strict=True):
        assert a.metainfo == b.metainfo and 'domain' not in a


@pytest.mark.parametrize('pair', [True, False])
def test_cached_tokens_are_not_normalised(pair):
    stored = [randn(2, T, 5, seed=i).float() for i in range(2)]
    data = batch_of(stored)
    if pair:
        data = dict(source=data, target=batch_of(stored))
    out = UDADataPreprocessor(**NORMALIZATION)(data)
    expected = torch.stack(stored + stored if pair else stored)
    assert torch.equal(out['inputs'], expected)


def test_plain_tokens_are_stacked_as_they_are():
    stored = [randn(2, T, 5, seed=i).half() for i in range(3)]
    out = UDADataPreprocessor()(batch_of(stored))
    assert out['inputs'].dtype == torch.float32
    assert torch.equal(out['inputs'], torch.stack(stored).float())
    names = [s.metainfo['name'] for s in out['data_samples']]
    assert names == ['0', '1', '2']
    assert not any('domain' in s for s in out['data_samples'])


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('inputs', ['tokens', 'clips'])
def test_labels_and_domains_of_a_pair(inputs, training):
    def batch(labels: list) -> dict:
        stored = [randn(2, T, 5, seed=i).float() for i in labels]
        data = batch_of(
            stored if inputs == 'tokens' else clips(len(labels), seed=0)
        )
        for sample, label in zip(data['data_samples'], labels, strict=True):
            sample.set_gt_label(label)
        return data

    out = UDADataPreprocessor()(
        dict(source=batch([2, 0, 1]), target=batch([1, 1, 0])), training
    )
    samples = out['data_samples']
    assert out['inputs'].shape[:2] == (6, 2)
    assert num_source(samples) == 3
    mask = target_mask(samples, torch.device('cpu'))
    assert mask.tolist() == 3 * [False] + 3 * [True]
    views = target_views(samples, torch.zeros(6, 2))
    assert views.tolist() == 6 * [False] + 6 * [True]
    labels = gt_labels(samples, 2, torch.device('cpu'))
    assert labels.tolist() == [2, 2, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]
    assert labels.dtype == torch.long


def test_sample_tensors_stand_for_the_samples():
    samples = make_samples()
    found = sample_tensors(samples)
    assert sample_tensors(found) is found
    wanted = gt_labels(samples[:BATCH], 1, torch.device('cpu'))
    assert found.labels.tolist() == wanted.tolist() + BATCH * [-1]
    assert len(found) == len(samples) and num_source(found) == BATCH
    source, target = split_domains(found, found)
    assert (len(source), num_source(source)) == (BATCH, BATCH)
    assert (len(target), num_source(target)) == (BATCH, 0)
    assert torch.equal(gt_labels(source, 1, wanted.device), wanted)
    mask = target_mask(samples, wanted.device)
    assert torch.equal(target_mask(found, wanted.device), mask)


@pytest.mark.parametrize('domain', ['source', 'target'])
def test_plain_batches_in_training_have_one_domain(domain):
    stored = [randn(2, T, 5, seed=i).float() for i in range(3)]
    preprocessor = UDADataPreprocessor(train_domain=domain)
    out = preprocessor(batch_of(stored), training=True)
    assert [s.domain for s in out['data_samples']] == 3 * [domain]
    mask = target_mask(out['data_samples'], torch.device('cpu'))
    assert mask.tolist() == 3 * [domain == 'target']


@pytest.mark.parametrize('pair', [True, False])
def test_tokens_go_to_the_device_and_labels_do_not(pair):
    """PyTorch's device without data stands for a GPU."""
    data = batch_of([randn(2, T, 5, seed=i).float() for i in range(2)])
    for sample in data['data_samples']:
        sample.set_gt_label(1)
    moves = []
    preprocessor = UDADataPreprocessor().to('meta')
    with Moves(moves):
        data = dict(source=data, target=data) if pair else data
        out = preprocessor(data, training=True)  # reads nothing back
    assert moves == [(2, 2, T, 5)] * (1 + pair)
    assert out['inputs'].device.type == 'meta'
    for sample in out['data_samples']:
        assert sample.gt_label.device.type == 'cpu'
    moves.clear()
    with Moves(moves):
        labels = gt_labels(out['data_samples'], 3, torch.device('meta'))
        if pair:
            mask = target_mask(out['data_samples'], labels.device)
            assert mask.device.type == 'meta'
    assert moves == [(2 + 2 * pair,)]  # the labels, at once
    assert labels.device.type == 'meta'


class Moves(TorchDispatchMode):
    """Collects the shapes that are copied from the CPU to another device."""

    def __init__(self, shapes: list) -> None:
        super().__init__()
        self.shapes = shapes

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func is torch.ops.aten._to_copy.default:
            if args[0].device != out.device:
                assert kwargs.get('non_blocking')
                self.shapes.append(tuple(out.shape))
        return out


# -- FrozenBackbone ---------------------------------------------------------
FRAME_NET = dict(type='ResNet', depth=18, pretrained=None)
CLIP_NET = dict(type='ResNet3d', depth=18, pretrained=None, pretrained2d=False)


def videos() -> torch.Tensor:
    """``[B, V, 3, T, H, W]``."""
    return randn(2, 2, 3, 8, 32, 32).float()


@pytest.fixture(scope='module')
def frame_backbone():
    return FrozenBackbone(FRAME_NET, seed=0)


@pytest.fixture(scope='module')
def clip_backbone():
    return FrozenBackbone(CLIP_NET, seed=0)


def similar(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Equal up to the rounding of float32 convolutions."""
    return torch.allclose(a, b, rtol=1e-4, atol=1e-5)


def test_tokens_of_a_per_frame_net(frame_backbone):
    x = videos()
    out = frame_backbone(x)
    assert out.shape == (2, 2, 8, 512)
    for b, v, t in ((0, 0, 0), (0, 1, 3), (1, 0, 7)):
        with torch.no_grad():
            features = frame_backbone.net(x[b, v, :, t][None])
        assert similar(out[b, v, t], features[0].mean((1, 2)))
    assert similar(frame_backbone(x.flip(3)), out.flip(2))
    assert not similar(out.flip(2), out)


def test_tokens_of_a_clip_net(clip_backbone):
    x = videos()
    out = clip_backbone(x)
    for b in range(2):
        for v in range(2):
            with torch.no_grad():
                features = clip_backbone.net(x[b, v][None])[0]
            assert out.shape[2] == features.shape[1] > 1
            for t in range(out.shape[2]):
                assert similar(out[b, v, t], features[:, t].mean((1, 2)))
    assert not similar(clip_backbone(x.flip(3)), out.flip(2))


def test_stays_in_eval_mode_and_without_gradient(frame_backbone):
    frame_backbone.train()
    assert not any(m.training for m in frame_backbone.net.modules())
    x = videos().requires_grad_()
    first, second = frame_backbone(x), frame_backbone(x)
    assert torch.equal(first, second) and not first.requires_grad
    assert not any(p.requires_grad for p in frame_backbone.net.parameters())


def test_is_invisible_but_for_its_fingerprint(clip_backbone):
    assert not list(clip_backbone.parameters())
    assert not list(clip_backbone.buffers())
    assert not list(clip_backbone.children())
    state = clip_backbone.state_dict()
    assert list(state) == ['fingerprint']
    assert bytes(state['fingerprint'].tolist()).hex() == (
        clip_backbone.fingerprint
    )


def test_init_weights_leaves_the_net_alone():
    config = method_config('source_only')
    config['backbone']['cached'] = False
    model = build(config)
    before = copy.deepcopy(model.backbone.net.state_dict())
    model.init_weights()
    for key, value in model.backbone.net.state_dict().items():
        assert torch.equal(value, before[key])


def test_hidden_net_moves_along():
    backbone = FrozenBackbone(SMALL_NET, seed=0)
    holder = torch.nn.Sequential(backbone).to(torch.float64)
    assert {p.dtype for p in backbone.net.parameters()} == {torch.float64}
    assert holder(videos().double()).dtype == torch.float32
    holder.to('meta')
    assert {p.device.type for p in backbone.net.parameters()} == {'meta'}


def test_random_weights_come_from_their_seed_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    nets = [FrozenBackbone(SMALL_NET, seed=s) for s in (3, 3, 4)]
    assert torch.equal(torch.rand(3), expected)
    first, same, other = (n.net.stem[0].weight for n in nets)
    assert torch.equal(first, same) and not torch.equal(first, other)
    prints = [n.fingerprint for n in nets]
    assert prints[0] == prints[1] != prints[2]


def test_cached_tokens_pass_through_and_nothing_is_built():
    backbone = FrozenBackbone(SMALL_NET, seed=0, cached=True)
    x = randn(2, 2, T, 5)
    assert torch.equal(backbone(x), x)
    assert not backbone._net
    built = FrozenBackbone(SMALL_NET, seed=0)
    assert backbone.fingerprint == built.fingerprint
    with pytest.raises(ValueError, match='rank 4.*model.backbone.cached'):
        backbone(videos())
    with pytest.raises(ValueError, match='rank 6.*model.backbone.cached'):
        built(x)


# Weight files
def small_net_weights(seed: int = 0) -> dict:
    torch.manual_seed(seed)
    net = ShiftNet(widths=SMALL_NET['widths'])
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
    return net.state_dict()


def as_recognizer(state: dict) -> dict:
    state = {f'backbone.{k}': v for k, v in state.items()}
    return dict(state_dict={**state, 'cls_head.fc.weight': torch.ones(2)})


@pytest.mark.parametrize(
    'ending, wrap',
    [
        ('safetensors', lambda s: s),
        ('pth', lambda s: s),
        ('pth', lambda s: dict(model=s, epoch=3)),
        ('pth', lambda s: {f'module.{k}': v for k, v in s.items()}),
        ('pth', as_recognizer),
        ('pth', lambda s: {k: v for k, v in s.items() if 'num_b' not in k}),
    ],
)
def test_weight_files(tmp_path, ending, wrap):
    state = small_net_weights()
    path = str(tmp_path / f'weights.{ending}')
    save = save_file if ending == 'safetensors' else torch.save
    save(wrap(state), path)
    backbone = FrozenBackbone(SMALL_NET, checkpoint=path)
    for key, value in backbone.net.state_dict().items():
        assert torch.equal(value, state[key])


def test_fingerprint_follows_the_weights_not_the_path(tmp_path):
    prints = []
    for name, seed in (('a', 0), ('b', 0), ('c', 1)):
        path = str(tmp_path / f'{name}.safetensors')
        save_file(small_net_weights(seed), path)
        prints.append(FrozenBackbone(SMALL_NET, checkpoint=path).fingerprint)
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize('cached', [True, False])
@pytest.mark.parametrize('place', ['nowhere.pth', 'asset://nowhere.pth'])
def test_missing_weight_file_is_named(place, cached):
    with pytest.raises(FileNotFoundError) as error:
        FrozenBackbone(SMALL_NET, checkpoint=place, cached=cached)
    assert 'nowhere.pth' in str(error.value)
    assert 'model.backbone.checkpoint' in str(error.value)


@pytest.mark.parametrize('checkpoint, seed', [(None, None), ('a.pth', 0)])
def test_weights_or_seed(checkpoint, seed):
    with pytest.raises(ValueError, match='model.backbone.seed') as error:
        FrozenBackbone(SMALL_NET, checkpoint=checkpoint, seed=seed)
    assert f'seed={seed!r}' in str(error.value)


def test_weight_file_with_other_keys(tmp_path):
    path = str(tmp_path / 'other.pth')
    state = small_net_weights()
    state['trunk.0.weight'] = state.pop('stem.0.weight')
    torch.save(state, path)
    with pytest.raises(ValueError, match='stem.0.weight') as error:
        FrozenBackbone(SMALL_NET, checkpoint=path)
    assert path in str(error.value) and 'ShiftNet' in str(error.value)
    assert '(1 of ' in str(error.value)


def test_weight_file_with_other_shapes(tmp_path):
    path = str(tmp_path / 'other.pth')
    torch.save(ShiftNet(widths=(4, 8)).state_dict(), path)
    with pytest.raises(ValueError, match='blocks.0.conv1.weight') as error:
        FrozenBackbone(SMALL_NET, checkpoint=path)
    assert '(8, 4, 3, 3) in the file, (6, 4, 3, 3)' in str(error.value)


def test_unknown_backbone_lists_similar_names():
    with pytest.raises(ValueError, match="'ResNet3D'.*ResNet3d"):
        FrozenBackbone(dict(type='ResNet3D'), seed=0)


# Checkpoints
def test_checkpoint_of_the_same_backbone_is_loaded():
    config = method_config('source_only')
    cached = build(config)
    config['backbone']['cached'] = False
    model = build(config)
    with torch.no_grad():
        for parameter in cached.parameters():
            parameter.add_(1)
    load_state_dict(model, cached.state_dict(), strict=True)
    for key, value in model.state_dict().items():
        assert torch.equal(value, cached.state_dict()[key])


@pytest.mark.parametrize('strict', [True, False])
@pytest.mark.parametrize(
    'other',
    [
        dict(seed=1),
        dict(backbone=dict(SMALL_NET, shift=0.5)),
        dict(tokens=dict(mixes_time=False)),
    ],
)
def test_checkpoint_of_another_backbone_is_refused(other, strict):
    config = method_config('source_only')
    state = build(config).state_dict()
    config['backbone'].update(other)
    with pytest.raises(ValueError, match='another frozen backbone'):
        load_state_dict(build(config), state, strict=strict)


def test_checkpoint_without_a_fingerprint_is_reported():
    model = build(method_config('source_only'))
    state = model.state_dict()
    del state['backbone.fingerprint']
    with pytest.raises(RuntimeError, match='backbone.fingerprint'):
        load_state_dict(model, state, strict=True)


# -- Contracts ----------------------------------------------------------------
@pytest.mark.parametrize('test_mode', [False, True])
def test_features_of_every_stage(test_mode):
    model = build(method_config('transferattn')).eval()
    x, samples = tokens(), make_samples()
    shapes = dict(
        backbone=(2 * BATCH, 2, T, CHANNELS),
        neck=(2 * BATCH, 2, WIDTH),
        head=(2 * BATCH, 2, CLASSES),
    )
    for stage, shape in shapes.items():
        found, further = model.extract_feat(
            x, samples, stage=stage, test_mode=test_mode
        )
        assert found.shape == shape and further == {}
        if test_mode:
            assert torch.equal(model(x, stage=stage), found)


def test_every_part_is_a_term():
    config = method_config('transferattn')
    config['loss_align'] = dict(type='MMDLoss')
    config['loss_pseudo'] = dict(type='PseudoLabelLoss', threshold=0.0)
    model = build(config).eval()
    x, samples = tokens(), make_samples()
    outputs, _ = model.outputs(x, samples)
    heads = model.cls_head, model.domain_head, model.ib_head
    terms = [head.loss for head in heads]
    terms += [model.loss_entropy, model.loss_align, model.loss_pseudo]
    parts = {k: v for term in terms for k, v in term(outputs, samples).items()}
    assert all(value.ndim == 0 for value in parts.values())
    losses = build(config).eval().loss(x, samples)
    assert set(parts) == set(losses)
    assert all(close(parts[name], value) for name, value in losses.items())

"""TranSVAE against loops in float64, from the formulas alone."""

import copy
from itertools import cycle
from math import exp, log, pi
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from helpers.configs import method_model
from helpers.forked import spread
from helpers.runs import SeenLosses, train
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import DefaultScope, init_default_scope
from torch.nn.parallel import DistributedDataParallel

from mmaction_uda.config import load_config
from mmaction_uda.engine import InverseDecayLR
from mmaction_uda.models.heads import DomainHead
from mmaction_uda.models.losses import (
    ClassBalancedCrossEntropy,
    Gaussian,
    PseudoLabelLoss,
    domain_adversarial_loss,
    kl_divergence,
    mutual_information,
    pairwise_log_density,
)
from mmaction_uda.models.necks import TranSVAENeck
from mmaction_uda.models.utils import Outputs

CONFIGS = Path(__file__).parents[2] / 'configs'
BATCH, VIEWS, T, CHANNELS, WIDTH, CLASSES = 3, 2, 4, 6, 5, 4
VIDEOS = 40
WORLD = 2  # processes


@pytest.fixture(autouse=True)
def default_scope():
    """As every config has it."""
    with DefaultScope.overwrite_default_scope('mmaction'):
        yield


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def gaussian(*shape: int, seed: int = 0) -> Gaussian:
    return Gaussian(
        draw(*shape, seed=seed), 0.5 * draw(*shape, seed=seed + 100)
    )


def method_config(**neck) -> dict:
    """The model of the method's config layer, made small, no dropout."""
    model = method_model('transvae')
    model['backbone'] = dict(
        type='FrozenBackbone', features='any', cached=True
    )
    model['cls_head']['num_classes'] = CLASSES
    model['loss_pseudo'].update(threshold=0.3, start=0.0)
    model['neck'].update(
        in_channels=CHANNELS,
        num_frames=T,
        embed_dims=7,
        hidden_channels=WIDTH,
        latent_channels=WIDTH,
        relation_channels=8,
        dropout=0.0,
        num_videos=VIDEOS,
    )
    for head in (
        model['neck']['frame_head'],
        model['neck']['relation_head'],
        model['domain_head'],
    ):
        head['hidden_channels'] = 9
        head['domain_weights'] = (1 / 3, 1 / 5)
    model['neck'].update(neck)
    return model


def build(config: dict):
    """Random weights and biases, large enough to matter."""
    model = MODELS.build(copy.deepcopy(config)).double()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(std=0.4, generator=generator)
    return model


def tokens(batch: int = BATCH) -> torch.Tensor:
    return draw(2 * batch, VIEWS, T, CHANNELS)


def make_samples(batch: int = BATCH) -> list:
    """``batch`` source samples with labels, then as many target samples."""
    samples = []
    for i in range(2 * batch):
        domain = 'source' if i < batch else 'target'
        samples.append(ActionDataSample(metainfo=dict(domain=domain)))
        if domain == 'source':
            samples[i].set_gt_label(i % CLASSES)
    return samples


def losses_of(model, x=None, seed: int = 0) -> dict:
    torch.manual_seed(seed)  # permutations and negatives
    found = model.loss(tokens() if x is None else x, make_samples())
    return {k: v for k, v in found.items() if 'loss' in k}


def mean(values):
    values = list(values)
    return sum(values) / len(values)


# -- Gaussians ----------------------------------------------------------------
def naive_log_density(x, mu, deviation) -> torch.Tensor:
    terms = [
        -((a - m) ** 2) / (2 * s**2) - s.log() - log(2 * pi) / 2
        for a, m, s in zip(x, mu, deviation)
    ]
    return sum(terms)


def naive_kl(q: Gaussian, p: Gaussian) -> torch.Tensor:
    result = 0
    for mq, vq, mp_, vp in zip(q.mean, q.logvar, p.mean, p.logvar):
        sq, sp = (vq / 2).exp(), (vp / 2).exp()
        gap = (sq**2 + (mq - mp_) ** 2) / (2 * sp**2)
        result = result + (sp / sq).log() + gap - 0.5
    return result


def test_divergence_from_the_standard_normal():
    q = gaussian(3, WIDTH)
    standard = Gaussian(torch.zeros(WIDTH), torch.zeros(WIDTH))
    for row, found in enumerate(kl_divergence(q)):
        expected = naive_kl(Gaussian(q.mean[row], q.logvar[row]), standard)
        assert abs(found - expected) <= 1e-9 and expected > 0.1
    assert not kl_divergence(standard).any()


def test_divergence_of_two_gaussians():
    """The prior of a frame is the same for all videos."""
    q, p = gaussian(3, T, WIDTH), gaussian(T, WIDTH, seed=7)
    found = kl_divergence(q, p)
    assert found.shape == (3, T)
    for row in range(3):
        for t in range(T):
            expected = naive_kl(
                Gaussian(q.mean[row, t], q.logvar[row, t]),
                Gaussian(p.mean[t], p.logvar[t]),
            )
            assert abs(found[row, t] - expected) <= 1e-9
    assert kl_divergence(q, q).abs().max() <= 1e-12


def deviation_of(logvar, variance: str) -> torch.Tensor:
    return (logvar if variance == 'released' else logvar / 2).exp()


@pytest.mark.parametrize('variance', ['released', 'exact'])
def test_densities_of_all_pairs(variance):
    x, q = draw(2, 3, WIDTH, seed=1), gaussian(2, 4, WIDTH, seed=2)
    found = pairwise_log_density(x, q, variance)
    assert found.shape == (2, 3, 4)
    deviation = deviation_of(q.logvar, variance)
    for t in range(2):
        for i in range(3):
            for m in range(4):
                expected = naive_log_density(
                    x[t, i], q.mean[t, m], deviation[t, m]
                )
                assert abs(found[t, i, m] - expected) <= 1e-9


def test_densities_far_from_the_origin():
    """In float32, of clouds whose distance is much beyond their size."""
    x, q = draw(5, 64, seed=1) / 10, gaussian(5, 64, seed=2)
    exact = pairwise_log_density(x + 100, Gaussian(x + 100, q.logvar))
    far = Gaussian((x + 100).float(), q.logvar.float())
    found = pairwise_log_density((x + 100).float(), far)
    assert (found - exact).abs().max() < 1e-2


def naive_mutual_information(
    static, dynamic, variance, videos=VIDEOS
) -> torch.Tensor:
    rows = len(static.mean)
    total = videos * rows
    s_dev = deviation_of(static.logvar, variance)
    d_dev = deviation_of(dynamic.logvar, variance)
    values = []
    for t in range(dynamic.mean.shape[1]):
        for i in range(rows):
            alone_s = alone_d = both = 0
            for m in range(rows):
                a = naive_log_density(static.mean[i], static.mean[m], s_dev[m])
                b = naive_log_density(
                    dynamic.mean[i, t], dynamic.mean[m, t], d_dev[m, t]
                )
                joint = naive_log_density(
                    torch.cat((static.mean[i], dynamic.mean[i, t])),
                    torch.cat((static.mean[m], dynamic.mean[m, t])),
                    torch.cat((s_dev[m], d_dev[m, t])),
                )
                alone_s, alone_d = alone_s + a.exp(), alone_d + b.exp()
                both = both + joint.exp()
            log_s, log_d, log_b = (
                q.log() - log(total) for q in (alone_s, alone_d, both)
            )
            values.append(log_b - log_s - log_d)
    return torch.stack(values).clamp(min=0).mean()


@pytest.mark.parametrize('variance', ['released', 'exact'])
def test_mutual_information(variance):
    static, dynamic = gaussian(5, WIDTH), gaussian(5, T, 3, seed=4)
    for videos in (VIDEOS, 1):  # with one, some terms are negative
        found = mutual_information(static, dynamic, videos, variance)
        expected = naive_mutual_information(static, dynamic, variance, videos)
        assert abs(found - expected) <= 1e-9 and found > 0.1
    other = dict(released='exact', exact='released')[variance]
    assert found != mutual_information(static, dynamic, VIDEOS, other)


def test_mutual_information_of_one_row():
    """Nothing but the size of the data set."""
    static, dynamic = gaussian(1, WIDTH), gaussian(1, T, 3, seed=4)
    found = mutual_information(static, dynamic, VIDEOS)
    assert abs(found - log(VIDEOS)) <= 1e-9


# -- The autoencoder ----------------------------------------------------------
def linear(layer, x):
    return layer.weight @ x + layer.bias


def leaky(x):
    return torch.where(x > 0, x, 0.1 * x)


def lstm_step(x, state, weights):
    """One step of an LSTM, gates in PyTorch's order."""
    w_ih, w_hh, b_ih, b_hh = weights
    h, c = state
    i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).chunk(4)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


class ByHand:
    """The losses of the neck for one video after the other."""

    def __init__(self, neck) -> None:
        self.neck, self.vae = neck, neck.vae

    def outputs(self, codes) -> list:
        lstm, zero = self.vae.posterior.lstm, torch.zeros(WIDTH).double()
        ways = []
        for suffix, order in (('', 1), ('_reverse', -1)):
            weights = [
                getattr(lstm, f'{n}_l0{suffix}')
                for n in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')
            ]
            state, steps = (zero, zero), []
            for code in codes[::order]:
                state = lstm_step(code, state, weights)
                steps.append(state[0])
            ways.append(steps[::order])
        return [torch.cat(pair) for pair in zip(*ways)]

    def codes(self, video) -> list:
        return [leaky(linear(self.vae.encoder[0], x)) for x in video]

    def static(self, codes) -> Gaussian:
        out = self.outputs(codes)
        last = torch.cat((out[-1][:WIDTH], out[0][WIDTH:]))
        maps = self.vae.posterior.static
        return Gaussian(linear(maps.mean, last), linear(maps.logvar, last))

    def dynamic(self, codes) -> list:
        rnn, maps = self.vae.posterior.rnn, self.vae.posterior.dynamic
        h, result = torch.zeros(WIDTH).double(), []
        for x in self.outputs(codes):
            h = (
                rnn.weight_ih_l0 @ x
                + rnn.bias_ih_l0
                + rnn.weight_hh_l0 @ h
                + rnn.bias_hh_l0
            ).tanh()
            result.append(
                Gaussian(linear(maps.mean, h), linear(maps.logvar, h))
            )
        return result

    def prior(self) -> list:
        zero = torch.zeros(WIDTH).double()
        states, mean_, result = 2 * [(zero, zero)], zero, []
        for _ in range(T):
            x = mean_
            for i, cell in enumerate(self.vae.prior.cells):
                weights = (
                    cell.weight_ih,
                    cell.weight_hh,
                    cell.bias_ih,
                    cell.bias_hh,
                )
                states[i] = lstm_step(x, states[i], weights)
                x = states[i][0]
            head = self.vae.prior.head
            mean_ = linear(head.mean, x)
            result.append(Gaussian(mean_, linear(head.logvar, x)))
        return result

    def recon(self, video, static, dynamic) -> torch.Tensor:
        error = 0
        for frame, z in zip(video, dynamic):
            hidden = torch.cat((z.mean, static.mean))
            for layer in (self.vae.decoder[0], self.vae.decoder[2]):
                hidden = leaky(linear(layer, hidden))
            error = error + ((hidden - frame) ** 2).sum()
        return error

    def losses(self, x, owners) -> dict:
        """``owners``: whose variance the static factor of each row has."""
        found = dict(loss_recon=[], loss_kl_static=[], loss_kl_dynamic=[])
        self.statics, self.dynamics, prior = [], [], self.prior()
        standard = Gaussian(torch.zeros(WIDTH), torch.zeros(WIDTH))
        for video in x.flatten(0, 1):
            codes = self.codes(video)
            s, d = self.static(codes), self.dynamic(codes)
            found['loss_recon'].append(self.recon(video, s, d))
            found['loss_kl_dynamic'].append(
                sum(naive_kl(q, p) for q, p in zip(d, prior))
            )
            self.statics.append(s)
            self.dynamics.append(d)
        means, logvars = zip(*self.statics)
        static = [Gaussian(m, logvars[o]) for m, o in zip(means, owners)]
        found['loss_kl_static'] = [naive_kl(s, standard) for s in static]
        found = {name: mean(values) for name, values in found.items()}
        static = Gaussian(*map(torch.stack, zip(*static)))
        dynamic = Gaussian(
            *(
                torch.stack([torch.stack([q[k] for q in d]) for d in all_d])
                for k, all_d in enumerate(2 * [self.dynamics])
            )
        )
        found['loss_mi'] = naive_mutual_information(
            static, dynamic, 'released'
        )
        return found


NEGATIVES = [2, 0, 0], [1, 1, 2]  # drawn for the source, for the target
OWNERS = dict(  # rows whose variance the views of the rows have
    own=range(2 * BATCH * VIEWS),
    negative=[VIEWS * i + v for i in (5, 3, 3, 1, 1, 2) for v in (0, 1)],
)


@pytest.fixture
def drawn_negatives(monkeypatch):
    """``NEGATIVES`` in every step; others draw the seed of a dropout."""
    randint, drawn = torch.randint, cycle(NEGATIVES)

    def choose(high, size, **kwargs):
        return torch.tensor(next(drawn)) if size else randint(high, size)

    monkeypatch.setattr(torch, 'randint', choose)


@pytest.mark.parametrize('variance', ['own', 'negative'])
def test_equal_to_loops_with_gradients(variance, drawn_negatives):
    """Reconstruction, both divergences, mutual information: every weight."""
    weights = dict(
        recon_weight=0.5,
        kl_static_weight=2.0,
        kl_dynamic_weight=3.0,
        mi_weight=4.0,
    )
    model = build(
        method_config(triplet_weight=0, static_variance=variance, **weights)
    )
    found = losses_of(model)
    expected = ByHand(model.neck).losses(tokens(), OWNERS[variance])
    for key, value in expected.items():
        value = weights[key.replace('loss_', '') + '_weight'] * value
        expected[key] = value
        assert (found[key] - value).abs() <= 1e-9, key
        assert value > 1e-2, key
    parameters = dict(model.neck.vae.named_parameters())
    gradients = [
        torch.autograd.grad(total, list(parameters.values()))
        for total in (
            sum(found[key] for key in expected),
            sum(expected.values()),
        )
    ]
    for name, a, b in zip(parameters, *gradients):
        assert (a - b).abs().max() <= 1e-9, name
        assert b.abs().max() > 1e-6, name


def test_triplet(monkeypatch, drawn_negatives):
    """Frames and negatives as drawn; the distance is torch's, with 1e-6."""
    model = build(method_config())
    orders = torch.stack(
        [torch.randperm(T) for _ in range(2 * BATCH * VIEWS)]
    ).view(2 * BATCH, VIEWS, T)
    monkeypatch.setattr(torch, 'rand', lambda *s, **k: orders.argsort(-1))
    found = losses_of(model)['loss_triplet']
    hand = ByHand(model.neck)
    codes = [[hand.codes(view) for view in video] for video in tokens()]
    expected = []
    for start, other, drawn in zip((0, 3), (3, 0), NEGATIVES):
        for i in range(BATCH):
            for v in range(VIEWS):
                frames = codes[start + i][v]
                shuffled = [frames[k] for k in orders[start + i, v]]
                a, p, n = (
                    hand.static(c).mean
                    for c in (frames, shuffled, codes[other + drawn[i]][v])
                )
                gap = [((a - b + 1e-6) ** 2).sum().sqrt() for b in (p, n)]
                expected.append((gap[0] - gap[1] + 1).clamp(min=0))
    # The sum of the means of the two domains.
    assert abs(found - 2 * mean(expected)) <= 1e-9 and found > 0.1


def test_triplets_are_drawn_from_the_global_state():
    model = build(method_config())
    first, again, other = (
        losses_of(model, seed=seed)['loss_triplet'] for seed in (0, 0, 1)
    )
    assert first == again != other


def test_relations_are_those_of_the_dynamic_factors():
    """Domain losses: weighted means of rows; attention to told scales."""
    model = build(method_config())
    found = losses_of(model)
    hand, neck = ByHand(model.neck), model.neck
    rows = dict(frame=[], relation=[], video=[])
    features = []
    for video in tokens():
        for view in video:
            z = [q.mean for q in hand.dynamic(hand.codes(view))]
            rows['frame'].append([probability(neck.frame_head, x) for x in z])
            feature = 0
            scores = []
            for layer, head in zip(neck.relations, neck.relation_heads):
                scale = sum(
                    linear(
                        layer[1], torch.cat([z[i] for i in chosen]).relu()
                    ).relu()
                    for chosen in layer.subsets.tolist()
                )
                p = probability(head, scale)
                scores.append(p)
                entropy = -p * p.log() - (1 - p) * (1 - p).log()
                feature = feature + (2 - entropy) * scale
            rows['relation'].append(scores)
            rows['video'].append([probability(model.domain_head, feature)])
            features.append(feature)
    pooled, _ = neck(tokens())
    assert (pooled.flatten(0, 1) - torch.stack(features)).abs().max() <= 1e-9
    for name, key in (
        ('frame', 'loss_domain_frame'),
        ('relation', 'loss_domain_relation'),
        ('video', 'loss_domain'),
    ):
        total = weight = 0
        for i, scores in enumerate(rows[name]):
            target = i >= BATCH * VIEWS
            for p in scores:
                w = 1 / 5 if target else 1 / 3
                total = total - w * (p if target else 1 - p).log()
                weight = weight + w
        assert (found[key] - total / weight).abs() <= 1e-9, key


def probability(head, x) -> torch.Tensor:
    """Of the target, by the two logits of a domain head."""
    first, _, _, last = head.discriminator
    logits = linear(last, linear(first, x).relu())
    return logits.exp()[1] / logits.exp().sum()


def test_reversals_ascend_the_domain_losses():
    """A head learns to tell the domain, what is below it to confuse it."""
    model = build(method_config())
    names = {p: n for n, p in model.named_parameters()}
    below = [model.neck.vae.encoder[0].weight]
    for key, head in (
        ('loss_domain_frame', model.neck.frame_head),
        ('loss_domain_relation', model.neck.relation_heads),
        ('loss_domain', model.domain_head),
    ):
        before, own = losses_of(model)[key], list(head.parameters())
        gradients = torch.autograd.grad(before, below + own)
        moves = [(own, gradients[1:], -1)]
        if key != 'loss_domain':  # attention reverses a part twice
            moves.append((below, gradients[:1], 1))
        for parameters, found, sign in moves:
            moved = copy.deepcopy(model)
            with torch.no_grad():
                for p, g in zip(parameters, found):
                    moved.get_parameter(names[p]).sub_(1e-3 * g / g.norm())
            assert sign * (losses_of(moved)[key] - before) > 0, key


# -- Parts --------------------------------------------------------------------
PARTS = dict(
    recon=dict(recon_weight=0),
    kl_static=dict(kl_static_weight=0),
    kl_dynamic=dict(kl_dynamic_weight=0),
    mi=dict(mi_weight=0),
    triplet=dict(triplet_weight=0),
    domain_relation=dict(relation_head=None, domain_attention=False),
    domain_frame=dict(frame_head=None),
)


@pytest.mark.parametrize('name', PARTS)
def test_every_part_can_be_left_out(name):
    """Its loss is gone and was not 0; what is left has all its gradients."""
    everything = losses_of(build(method_config()))
    model = build(method_config(**PARTS[name]))
    found = losses_of(model)
    assert set(everything) - set(found) == {f'loss_{name}'}
    assert everything[f'loss_{name}'] > 1e-3
    sum(found.values()).backward()
    for key, p in model.named_parameters():
        assert (p.grad is not None) == p.requires_grad, key


def test_the_bare_neck_leaves_out_what_no_loss_reads():
    off = {f'{n}_weight': 0 for n in PARTS if 'domain' not in n}
    model = build(
        method_config(
            frame_head=None, relation_head=None, domain_attention=False, **off
        )
    )
    vae = model.neck.vae
    assert vae.decoder is None and vae.prior is None
    assert not vae.couples_samples
    frozen = {n for n, p in vae.named_parameters() if not p.requires_grad}
    assert {n.split('.')[1] for n in frozen} == {'static', 'dynamic'}
    assert 'posterior.dynamic.mean.weight' not in frozen
    assert set(losses_of(model)) == {'loss_cls', 'loss_domain', 'loss_pseudo'}


@pytest.mark.parametrize('variance', ['own', 'negative'])
def test_rows_stand_for_negatives(variance):
    """A divergence that takes their variance couples the batch."""
    parts = dict(mi_weight=0, triplet_weight=0, static_variance=variance)
    vae = build(method_config(**parts)).neck.vae
    assert vae.couples_samples == (variance == 'negative')


def test_clips_are_their_own_targets():
    """``[B, V, 3, T, H, W]``: frames come forward, modules map them."""

    class Flat(torch.nn.Linear):
        def forward(self, x):
            assert x.shape[1:] == (3, 2, 2)
            return super().forward(x.flatten(1))

    class Picture(torch.nn.Linear):
        def forward(self, x):
            return super().forward(x).unflatten(1, (3, 2, 2))

    def make(**kwargs):
        return TranSVAENeck(
            num_frames=T,
            embed_dims=7,
            hidden_channels=WIDTH,
            latent_channels=WIDTH,
            num_videos=VIDEOS,
            **kwargs,
        )

    with pytest.raises(ValueError, match='in_channels'):
        make()
    MODELS.register_module('FlatFrames', module=Flat)
    MODELS.register_module('Pictures', module=Picture)
    try:
        neck = make(
            encoder=dict(type='FlatFrames', in_features=12, out_features=7),
            decoder=dict(
                type='Pictures', in_features=2 * WIDTH, out_features=12
            ),
        ).double()
    finally:
        MODELS._module_dict.pop('FlatFrames')
        MODELS._module_dict.pop('Pictures')
    clips = draw(2 * BATCH, VIEWS, 3, T, 2, 2)
    neck.dropout.p = 0.0
    feature, losses = neck(clips, make_samples())
    frames = clips.movedim(3, 2)
    _, static, dynamic = neck.vae(frames)
    z = [torch.cat((dynamic.mean[:, :, t], static.mean), -1) for t in range(T)]
    error = sum(
        (neck.vae.decoder(z[t].flatten(0, 1)) - frames[:, :, t].flatten(0, 1))
        .square()
        .sum()
        for t in range(T)
    )
    expected = error / (2 * BATCH * VIEWS)
    assert abs(losses['loss_recon'] - expected) <= 1e-9
    assert feature.shape == (2 * BATCH, VIEWS, 256)
    with pytest.raises(ValueError, match='neck.num_frames'):
        neck(clips[:, :, :, :-1])


def test_bad_arguments():
    with pytest.raises(ValueError, match='num_videos'):
        build(method_config(num_videos=None))
    with pytest.raises(ValueError, match='mi_variance'):
        build(method_config(mi_variance='other'))
    with pytest.raises(ValueError, match='static_variance'):
        build(method_config(static_variance='other'))
    with pytest.raises(ValueError, match=r'tokens \[B, V, T, C\]'):
        build(method_config()).neck(draw(2, 1, T + 1, CHANNELS))
    with pytest.raises(ValueError, match='threshold'):
        PseudoLabelLoss(93)
    with pytest.raises(ValueError, match='class_counts'):
        ClassBalancedCrossEntropy([3, 0])


def test_no_domain_is_needed_at_test():
    model = build(method_config())
    with torch.no_grad():
        found, losses = model.neck(tokens())
        expected, _ = model.neck(tokens(), make_samples())
    assert not losses and torch.equal(found, expected)


# -- Pseudo-labels ------------------------------------------------------------
LOGITS = torch.tensor(  # source first; probabilities of the target's below
    [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0.9, 0.05, 0.05], [0.2, 0.6, 0.2]]
    + 2 * [[0.02, 0.96, 0.02]],
    dtype=torch.float64,
)


def pseudo(loss) -> tuple:
    logits = LOGITS.log().unsqueeze(1).requires_grad_()
    value = loss(Outputs(logits, None, None), make_samples())['loss_pseudo']
    (grad,) = torch.autograd.grad(value, logits)
    return value.item(), grad[:, 0]


def test_pseudo_labels():
    """Rows above the threshold, their own class, a mean over these rows."""
    value, grad = pseudo(PseudoLabelLoss(0.5, loss_weight=3.0))
    assert value == pytest.approx(
        -3 * (log(0.6) + 2 * log(0.96)) / 3, rel=1e-9
    )
    assert not grad[:3].any()
    assert grad[3].tolist() == pytest.approx([0.2, -0.4, 0.2])
    value, grad = pseudo(PseudoLabelLoss(0.7))
    assert value == pytest.approx(-log(0.96))
    assert not grad[:4].any() and grad[4].any()


@pytest.mark.parametrize('threshold', [0.97, 1.0])
def test_no_sure_row(threshold):
    value, grad = pseudo(PseudoLabelLoss(threshold))
    assert value == 0 and not grad.any()  # not NaN


def test_pseudo_labels_start_at_epoch_101():
    loss = PseudoLabelLoss(0.5, start=0.1)
    assert pseudo(loss)[0] == 0
    active = []
    for number in range(1, 1001):  # epochs, as people count them
        loss.set_progress((number - 1) / 1000, 0.0)
        active.append(bool(loss.active))
    assert active == 100 * [False] + 900 * [True]
    assert pseudo(loss)[0] > 0


# -- Weights of classes and domains -------------------------------------------
def test_rows_weigh_one_over_the_count_of_their_class():
    logits, labels = draw(5, 3), torch.tensor([0, 2, 2, 1, 0])
    loss = ClassBalancedCrossEntropy([10, 20, 40], loss_weight=2.0)
    weights = [1 / [10, 20, 40][k] for k in labels]
    rows = [
        -log(exp(row[k]) / sum(exp(x) for x in row))
        for row, k in zip(logits.tolist(), labels)
    ]
    expected = 2 * sum(map(float.__mul__, weights, rows)) / sum(weights)
    assert abs(loss(logits, labels) - expected) <= 1e-9
    with pytest.raises(ValueError, match='num_classes is 4'):
        loss(draw(5, 4), labels)


def test_weights_of_domains():
    """Only the ratio counts; equal weights are none."""
    logits, samples = draw(2 * BATCH, VIEWS), make_samples()

    def loss(**kwargs):
        head = DomainHead(WIDTH, 8, **kwargs)
        return head.loss_by_feat(logits, samples)['loss_domain']

    plain = domain_adversarial_loss(logits[:BATCH], logits[BATCH:])
    assert loss() == loss(domain_weights=(3, 3)) == plain
    source = torch.nn.functional.softplus(logits[:BATCH]).mean()
    target = torch.nn.functional.softplus(-logits[BATCH:]).mean()
    found = loss(domain_weights=(1 / 300, 1 / 100), loss_weight=0.5)
    assert abs(found - (source / 4 + 3 * target / 4)) <= 1e-12


# -- Published settings -------------------------------------------------------
@pytest.fixture(scope='module')
def published():
    """UCF101 to HMDB51 on I3D, as initialised."""
    init_default_scope('mmaction')
    model = load_config('transvae_i3d_ucf2hmdb').model
    model.backbone = dict(type='FrozenBackbone', features='any', cached=True)
    model = MODELS.build(model)
    model.init_weights()
    return model


def count(module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_parameters_of_the_published_network(published):
    """Counted from the description: 2048-wide frames, 8 of them."""
    vae, neck = published.neck.vae, published.neck
    assert count(vae.encoder) == 2048 * 1024 + 1024
    assert count(vae.posterior.lstm) == 2 * 4 * 512 * (1024 + 512 + 2)
    assert count(vae.posterior.rnn) == 512 * (1024 + 512 + 2)
    assert count(vae.posterior.static) == 2 * (1024 * 512 + 512)
    assert count(vae.posterior.dynamic) == 2 * (512 * 512 + 512)
    assert count(vae.prior.cells) == 2 * 4 * 512 * (512 + 512 + 2)
    assert count(vae.prior.head) == 2 * (512 * 512 + 512)
    assert count(vae.decoder) == 1024 * 1025 + 2048 * 1025
    assert [count(r) for r in neck.relations] == [
        g * 512 * 256 + 256 for g in range(8, 1, -1)
    ]
    assert count(neck.frame_head) == 512 * 513 + 2 * 513
    head = 256 * 257 + 2 * 257
    assert [count(h) for h in neck.relation_heads] == 7 * [head]
    assert count(published.domain_head) == head
    assert count(published.cls_head) == 256 * 12 + 12
    assert all(p.requires_grad for p in published.parameters())


def test_initial_weights(published):
    """N(0, 0.01^2) and zeros but for the recurrent layers."""
    linears = [
        m for m in published.modules() if isinstance(m, torch.nn.Linear)
    ]
    assert len(linears) == 1 + 4 + 2 + 2 + 7 + 2 + 7 * 2 + 2 + 1
    for layer in linears:
        n = layer.weight.numel()
        assert layer.weight.std().item() == pytest.approx(
            0.01, rel=5 / (2 * n) ** 0.5
        )
        assert not layer.bias.any()
    bound = 512**-0.5
    for p in published.neck.vae.posterior.lstm.parameters():
        assert p.abs().max() <= bound < 1.1 * p.abs().max()


SETTINGS = dict(  # frames, eta, MI, adversarial, triplet, epoch
    ucf2hmdb=(8, 0.93, 50, 1, 1, 1536),
    hmdb2ucf=(9, 0.96, 0.5, 0.1, 10, 896),
    kinetics2necdrone=(8, 0.93, 50, 1, 1, 8192),
)


@pytest.mark.parametrize('backbone', ['i3d_transvae', 'stam'])
@pytest.mark.parametrize('task', SETTINGS)
def test_published_settings(backbone, task):
    cfg = load_config(f'transvae_{task}@{backbone}_{task}')
    neck, loader = cfg.model.neck, cfg.train_dataloader
    frames, eta, mi, adversarial, triplet, epoch = SETTINGS[task]
    assert neck.num_frames == frames
    assert cfg.model.loss_pseudo.threshold == eta
    assert cfg.model.loss_pseudo.start * cfg.train_cfg.max_epochs == 100
    assert (neck.mi_weight, neck.triplet_weight) == (mi, triplet)
    assert neck.mi_variance == 'released'
    assert neck.static_variance == 'negative'
    for head in (neck.frame_head, neck.relation_head, cfg.model.domain_head):
        assert 2 * head.loss_weight == adversarial
        source, target = (1 / w for w in head.domain_weights)
        assert round(source + target) == neck.num_videos
    assert loader.sampler.epoch_length == epoch
    assert loader.batch_size == 128 and not loader.sampler.class_balanced
    for dataset in (loader.dataset, cfg.val_dataloader.dataset):
        assert dataset.pipeline[0].num_frames == frames
        assert dataset.pipeline[0].test_mode  # centres
    assert neck.in_channels == dict(i3d_transvae=2048, stam=768)[backbone]


def test_learning_rate():
    """1e-3 / (1 + 10 p)^0.75, p = (step + epoch E) / (1000 E), epochs 1..."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1e-3)
    cfg = Config.fromfile(CONFIGS / '_base_/schedules/transvae.py')
    (kwargs,) = cfg.param_scheduler
    kwargs = {k: v for k, v in kwargs.items() if k not in ('type',)}
    assert kwargs.pop('convert_to_iter_based')
    scheduler = InverseDecayLR.build_iter_from_epoch(
        optimizer, end=cfg.train_cfg.max_epochs, epoch_length=12, **kwargs
    )
    for number in range(1, 4):
        for step in range(12):
            p = (step + number * 12) / (1000 * 12)
            expected = 1e-3 / (1 + 10 * p) ** 0.75
            assert optimizer.param_groups[0]['lr'] == pytest.approx(
                expected, rel=1e-12
            )
            optimizer.step()
            scheduler.step()


# -- Training and processes ---------------------------------------------------
def test_pseudo_labels_begin_in_a_training(make_config):
    cfg = make_config('transvae_demo')
    cfg.train_cfg.max_epochs = 2
    cfg.model.loss_pseudo.update(threshold=0.0, start=0.5)
    losses = SeenLosses()
    train(cfg, losses)
    values = [step['loss_pseudo'] for step in losses.losses]
    half = len(values) // 2
    assert not any(values[:half]) and all(values[half:])


def two_steps(rank: int, world: int) -> list:
    """Losses and gradients on this process's part of the batches; no draws."""
    config = method_config(triplet_weight=0, static_variance='own')
    config['cls_head']['loss_cls'] = dict(
        type='ClassBalancedCrossEntropy', class_counts=[3, 5, 7, 2]
    )
    config['loss_pseudo']['threshold'] = 0.5
    model, records = build(config), []
    forward = model
    if world > 1:
        forward = DistributedDataParallel(model)
    mine = slice(rank, None, world)  # as the sampler deals out pairs
    x = draw(2, 4, VIEWS, T, CHANNELS, seed=9)[:, mine].flatten(0, 1)
    samples = make_samples(4)
    samples = samples[:4][mine] + samples[4:][mine]
    for _ in range(2):
        model.zero_grad()
        losses = forward(x, samples, mode='loss')
        losses = {k: v for k, v in losses.items() if 'loss' in k}
        sum(losses.values()).backward()
        record = {k: v.detach().clone() for k, v in losses.items()}
        if world > 1:  # means over rows, or the same everywhere
            for value in record.values():
                dist.all_reduce(value)
                value /= world
        gradients = {n: p.grad.clone() for n, p in model.named_parameters()}
        records.append({**record, **gradients})
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.01 * p.grad
    return records


def work(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    init_default_scope('mmaction')
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=WORLD,
    )
    torch.save(two_steps(rank, WORLD), f'{folder}/{rank}.pt')
    dist.destroy_process_group()


def test_two_processes_equal_one_with_the_whole_batch(tmp_path):
    """Mutual information, class weights, pseudo-labels and all the rest."""
    spread(work, WORLD, str(tmp_path))
    alone = two_steps(0, 1)
    assert alone[0]['loss_mi'] > 0 and alone[0]['loss_pseudo'] > 0
    for rank in range(WORLD):
        for found, expected in zip(torch.load(tmp_path / f'{rank}.pt'), alone):
            assert set(found) == set(expected)
            for key, value in expected.items():
                error = (found[key] - value).norm()
                assert error <= 1e-9 * (1 + value.norm()), key

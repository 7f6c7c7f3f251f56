"""TA3N against loops in float64, row by row, from the formulas alone.

No part of it couples samples: every loss is a mean over rows, so there is
nothing that processes would have to exchange.
"""

import copy
from itertools import combinations
from math import ceil, isclose
from pathlib import Path

import pytest
import torch
from helpers.configs import method_model
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmaction_uda.config import load_config
from mmaction_uda.engine import InverseDecayLR
from mmaction_uda.models.layers import FrameRelation, spread_subsets
from mmaction_uda.models.losses import AttentiveEntropyLoss
from mmaction_uda.models.necks import TRNNeck
from mmaction_uda.models.utils import Outputs

CONFIGS = Path(__file__).parents[2] / 'configs'
BATCH, VIEWS, T, CHANNELS, CLASSES = 3, 2, 5, 6, 4
BETAS = dict(relation=0.7, video=0.6, frame=0.5)
GAMMA = 0.3
STEPS = ('ta3n_tempooling', 'ta3n_temrelation', 'ta3n')


@pytest.fixture(autouse=True)
def default_scope():
    """As every config has it."""
    with DefaultScope.overwrite_default_scope('mmaction'):
        yield


def method_config(method: str = 'ta3n') -> dict:
    """The model of a method's config layer, made small, no dropout."""
    model = method_model(method)
    model['backbone'] = dict(
        type='FrozenBackbone',
        backbone=dict(type='ShiftNet', widths=(4, 6)),
        seed=0,
        cached=True,
    )
    model['cls_head']['num_classes'] = CLASSES
    neck = model['neck']
    neck.update(in_channels=CHANNELS, embed_dims=7, dropout=0.0)
    if neck['relation_channels']:
        neck['relation_channels'] = 8
    heads = dict(
        frame=neck['frame_head'],
        relation=neck.get('relation_head'),
        video=model['domain_head'],
    )
    for name, head in heads.items():
        if head:
            head['hidden_channels'] = 9
            head['grl'] = dict(amplitude=BETAS[name], ramp=None)
    if 'loss_entropy' in model:
        model['loss_entropy']['loss_weight'] = GAMMA
    return model


def build(config: dict):
    """Random weights and biases, large enough to matter."""
    model = MODELS.build(copy.deepcopy(config)).double()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(std=0.4, generator=generator)
    return model


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def tokens(num_frames: int = T) -> torch.Tensor:
    return draw(2 * BATCH, VIEWS, num_frames, CHANNELS)


def make_samples(batch: int = BATCH) -> list:
    """``batch`` source samples with labels, then as many target samples."""
    samples = []
    for i in range(2 * batch):
        domain = 'source' if i < batch else 'target'
        samples.append(ActionDataSample(metainfo=dict(domain=domain)))
        if domain == 'source':
            samples[i].set_gt_label(i % CLASSES)
    return samples


def total_of(model, losses: dict) -> torch.Tensor:
    return model.parse_losses(losses)[0]


# -- By hand ------------------------------------------------------------------
def reverse(x: torch.Tensor, coeff: float) -> torch.Tensor:
    """The value of ``x``, ``-coeff`` times its gradient."""
    return -coeff * x + (1 + coeff) * x.detach()


def softmax(logits: torch.Tensor) -> torch.Tensor:
    powers = [x.exp() for x in logits]
    return torch.stack([x / sum(powers) for x in powers])


def entropy(p: torch.Tensor) -> torch.Tensor:
    return -sum(x * x.log() for x in p)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


class ByHand:
    """The sum of all losses, one row, one subset of frames at a time."""

    def __init__(self, model) -> None:
        self.model = model

    def losses(self, x, samples) -> dict:
        self.rows = dict(frame=[], relation=[], video=[])
        labels, guesses, entropies = [], [], []
        for video, sample in zip(x, samples, strict=True):
            label = int(sample.domain == 'target')
            for view in video:
                feature = self.encode(view, label)
                guess = softmax(
                    self.linear(self.model.cls_head.mlp[0])(feature)
                )
                domain = self.domain('video', self.model.domain_head, feature)
                self.rows['video'].append(-domain[label].log())
                entropies.append((1 + entropy(domain)) * entropy(guess))
                if not label:
                    labels.append(int(sample.gt_label))
                    guesses.append(guess)
        return dict(
            loss_cls=mean(-p[k].log() for p, k in zip(guesses, labels)),
            loss_domain=mean(self.rows['video']),
            loss_domain_frame=mean(self.rows['frame']),
            loss_domain_relation=mean(self.rows['relation']),
            loss_entropy=GAMMA * mean(entropies),
        )

    @staticmethod
    def linear(layer):
        return lambda x: layer.weight @ x + layer.bias

    def domain(self, name, head, x) -> torch.Tensor:
        """Probabilities of source and target."""
        first, _, _, last = head.discriminator
        hidden = self.linear(first)(reverse(x, BETAS[name])).clamp(min=0)
        return softmax(self.linear(last)(hidden))

    def encode(self, view, label: int) -> torch.Tensor:
        neck = self.model.neck
        frames = [self.linear(neck.frame_map[0])(t).clamp(min=0) for t in view]
        for frame in frames:
            answer = self.domain('frame', neck.frame_head, frame)
            self.rows['frame'].append(-answer[label].log())
        result = 0
        for position, size in enumerate(range(len(frames), 1, -1)):
            everything = list(combinations(range(len(frames)), size))
            n, m = len(everything), min(3, len(everything))
            scale = 0
            for i in range(m):
                chosen = everything[ceil(i * n / m)]
                joined = torch.cat([frames[j] for j in chosen]).clamp(min=0)
                layer = neck.relations[position][1]
                scale = scale + self.linear(layer)(joined).clamp(min=0)
            head = neck.relation_heads[position]
            answer = self.domain('relation', head, scale)
            self.rows['relation'].append(-answer[label].log())
            result = result + (1 + (1 - entropy(answer))) * scale
        return result


def test_equal_to_loops_with_gradients():
    """Values, and through every reversal the gradient of every weight."""
    model = build(method_config())
    samples = make_samples()
    found = model.loss(tokens(), samples)
    expected = ByHand(model).losses(tokens(), samples)
    assert expected.keys() == {k for k in found if k.startswith('loss')}
    for key, value in expected.items():
        assert (found[key] - value).abs() <= 1e-9, key
        assert value > 1e-3
    parameters = dict(model.named_parameters())
    gradients = [
        torch.autograd.grad(total, list(parameters.values()))
        for total in (total_of(model, found), sum(expected.values()))
    ]
    for name, a, b in zip(parameters, *gradients):
        assert (a - b).abs().max() <= 1e-9, name
        assert b.abs().max() > 1e-6, name


# -- Subsets ------------------------------------------------------------------
def test_subsets_of_five_frames():
    """Numbers 0, 4, 7 of ten, 0, 2, 4 of five."""
    assert spread_subsets(5, 5) == [[0, 1, 2, 3, 4]]
    assert spread_subsets(5, 4) == [[0, 1, 2, 3], [0, 1, 3, 4], [1, 2, 3, 4]]
    assert spread_subsets(5, 3) == [[0, 1, 2], [0, 2, 4], [1, 2, 4]]
    assert spread_subsets(5, 2) == [[0, 1], [1, 2], [2, 3]]


@pytest.mark.parametrize('num_frames', [2, 3, 4, 9])
def test_subsets_are_those_of_the_list(num_frames):
    for size in range(2, num_frames + 1):
        listed = [list(c) for c in combinations(range(num_frames), size)]
        assert spread_subsets(num_frames, size, len(listed)) == listed
        few = spread_subsets(num_frames, size)
        n, m = len(listed), min(3, len(listed))
        assert few == [listed[ceil(i * n / m)] for i in range(m)]


def test_many_frames_are_no_problem():
    assert spread_subsets(53, 26)[0] == list(range(26))


@pytest.mark.parametrize('num_frames', [2, 4, 7])
def test_other_numbers_of_frames(num_frames):
    config = method_config()
    config['neck']['num_frames'] = num_frames
    model = build(config)
    assert len(model.neck.relations) == num_frames - 1
    losses = model.loss(tokens(num_frames), make_samples())
    expected = ByHand(model).losses(tokens(num_frames), make_samples())
    for key, value in expected.items():
        assert (losses[key] - value).abs() <= 1e-9, key


def test_relation_of_signed_frames():
    """ReLU before and behind the map; frames in their order."""
    relation = FrameRelation(T, 3, CHANNELS, 8).double()
    frames = tokens()
    joined = [
        torch.cat([frames[:, :, t] for t in chosen], -1).clamp(min=0)
        for chosen in ([0, 1, 2], [0, 2, 4], [1, 2, 4])
    ]
    expected = sum(relation[1](rows).clamp(min=0) for rows in joined)
    assert (relation(frames) - expected).abs().max() <= 1e-9


# -- Parts --------------------------------------------------------------------
def part_off(name: str) -> dict:
    """TA3N without one of its parts."""
    config = method_config()
    neck = config['neck']
    if name == 'frame':
        neck['frame_head'] = None
    if name == 'relation':
        neck.update(relation_head=None, domain_attention=False)
    if name == 'attention':
        neck['domain_attention'] = False
    if name == 'entropy':
        config['loss_entropy'] = None
    if name == 'video':
        config.update(domain_head=None, loss_entropy=None)
    if name == 'TRN':
        neck.update(
            relation_head=None, domain_attention=False, relation_channels=None
        )
    return config


@pytest.mark.parametrize(
    'name, gone',
    [
        ('frame', {'loss_domain_frame'}),
        ('relation', {'loss_domain_relation'}),
        ('attention', set()),
        ('entropy', {'loss_entropy'}),
        ('video', {'loss_domain', 'loss_entropy'}),
        ('TRN', {'loss_domain_relation'}),
    ],
)
def test_every_part_counts(name, gone):
    whole = build(method_config())
    model = build(part_off(name))
    known = whole.state_dict()
    shapes = {k: v.shape for k, v in known.items()}
    state = model.state_dict()
    model.load_state_dict(
        {
            k: known[k] if shapes.get(k) == v.shape else v
            for k, v in state.items()
        }
    )
    before = whole.loss(tokens(), make_samples())
    after = model.loss(tokens(), make_samples())
    assert {k for k in before if k.startswith('loss')} - after.keys() == gone
    totals = total_of(whole, before), total_of(model, after)
    assert not torch.isclose(*totals, rtol=1e-4)
    alike = torch.isclose(before['loss_cls'], after['loss_cls'])
    assert alike == (name in ('frame', 'entropy', 'video'))


def test_tempooling_is_the_mean_over_frames():
    model = build(method_config('ta3n_tempooling'))
    feats, _ = model.extract_feat(tokens(), make_samples())
    frames = [model.neck.frame_map(tokens()[:, :, t]) for t in range(T)]
    assert (feats - mean(frames)).abs().max() <= 1e-9


@pytest.mark.parametrize('name', ['frame', 'relation', 'video'])
@pytest.mark.parametrize('coeff', [0.0, 0.25, 2.0])
def test_heads_descend_what_the_encoder_ascends(name, coeff):
    """Alone, every adversary reaches the shared map times ``-coeff``."""
    config = method_config()
    config['neck']['domain_attention'] = False

    def gradients(value: float) -> tuple:
        changed = copy.deepcopy(config)
        grl = dict(amplitude=value, ramp=None)
        place = changed if name == 'video' else changed['neck']
        key = 'domain_head' if name == 'video' else f'{name}_head'
        place[key]['grl'] = grl
        model = build(changed)
        key = 'loss_domain' if name == 'video' else f'loss_domain_{name}'
        model.loss(tokens(), make_samples())[key].backward()
        heads = dict(
            frame=model.neck.frame_head,
            relation=model.neck.relation_heads[2],
            video=model.domain_head,
        )
        shared = model.neck.frame_map[0].weight.grad
        return shared, heads[name].discriminator[0].weight.grad

    straight, head = gradients(-1.0)
    reversed_, same = gradients(coeff)
    assert straight.abs().max() > 1e-6 and head.abs().max() > 1e-6
    torch.testing.assert_close(reversed_, -coeff * straight)
    torch.testing.assert_close(same, head)


@pytest.mark.parametrize('method', STEPS)
def test_losses_are_means_over_rows(method):
    """Every row twice changes nothing; neither does halving the batch."""
    model = build(method_config(method))
    x, samples = tokens(), make_samples()
    once = model.loss(x, samples)
    order = [i for i in range(2 * BATCH) for _ in range(2)]
    twice = model.loss(x[order], [samples[i] for i in order])
    single = [
        model.loss(x[[i, i + BATCH]], [samples[i], samples[i + BATCH]])
        for i in range(BATCH)
    ]
    losses = {k for k in once if k.startswith('loss')}
    assert len(losses) == (5 if method == 'ta3n' else 3)
    for key in losses:
        torch.testing.assert_close(twice[key], once[key])
        torch.testing.assert_close(mean(s[key] for s in single), once[key])


def test_no_loss_where_nothing_is_told():
    """Heads of zeros: log 2 each, H(d) = log 2 and w = 1 - log 2."""
    model = build(method_config())
    log2 = torch.tensor(2.0).double().log()
    with torch.no_grad():
        for head in (
            model.neck.frame_head,
            *model.neck.relation_heads,
            model.domain_head,
            model.cls_head,
        ):
            for parameter in head.parameters():
                parameter.zero_()
    losses = model.loss(tokens(), make_samples())
    for name in ('', '_frame', '_relation'):
        torch.testing.assert_close(losses[f'loss_domain{name}'], log2)
    uniform = torch.tensor(float(CLASSES)).double().log()
    torch.testing.assert_close(
        losses['loss_entropy'], GAMMA * (1 + log2) * uniform
    )
    feats, _ = model.extract_feat(tokens(), make_samples())
    model.neck.domain_attention = False
    plain, _ = model.extract_feat(tokens(), make_samples())
    torch.testing.assert_close(feats, (2 - log2) * plain)


# -- At test, wrong input -----------------------------------------------------
def test_domain_does_not_matter_at_test():
    config = method_config()
    config['neck']['dropout'] = 0.5
    model = build(config).eval()
    scores = []
    for domain in ('source', 'target', None):
        metainfo = {} if domain is None else dict(domain=domain)
        samples = [ActionDataSample(metainfo=metainfo) for _ in tokens()]
        predictions = model(tokens(), samples, mode='predict')
        scores.append(torch.stack([p.pred_score for p in predictions]))
    assert torch.equal(scores[0], scores[1])
    assert torch.equal(scores[0], scores[2])
    assert model.neck(tokens())[1] == {}


@pytest.mark.parametrize(
    'shape', [(T, 6), (2, T, 6), (2, 1, 4, 6), (2, 1, T, 7)]
)
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ValueError, match='num_frames.*in_channels') as error:
        TRNNeck(CHANNELS)(torch.zeros(shape))
    assert str(tuple(shape)) in str(error.value)


@pytest.mark.parametrize(
    'options, match',
    [
        (dict(domain_attention=True), 'relation_head'),
        (
            dict(relation_head=dict(), relation_channels=None),
            'relation_channels',
        ),
        (dict(num_frames=1), 'num_frames'),
    ],
)
def test_parts_that_need_others(options, match):
    if 'relation_head' in options:
        options = dict(options, relation_head=dict(type='DomainHead'))
    with pytest.raises(ValueError, match=match):
        TRNNeck(CHANNELS, **options)


def test_attentive_entropy_needs_a_domain_head():
    with pytest.raises(ValueError, match='Set model.domain_head'):
        AttentiveEntropyLoss()(Outputs(*3 * [draw(2, 1, CLASSES)]), [])


# -- Full size ----------------------------------------------------------------
@pytest.fixture(scope='module')
def published():
    """The model of the published config with its initial weights."""
    with DefaultScope.overwrite_default_scope('mmaction'):
        config = load_config('ta3n_r101_ucf2hmdb').model
        config.backbone.update(
            checkpoint=None, seed=0, backbone=dict(type='ShiftNet')
        )
        torch.manual_seed(0)
        model = MODELS.build(config)
        model.init_weights()
    return model


def count(module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_parameters_at_full_size(published):
    neck = published.neck
    assert count(neck.frame_map) == 2048 * 512 + 512
    assert count(neck.frame_head) == (512 * 512 + 512) + (512 * 2 + 2)
    assert [count(r) for r in neck.relations] == [
        g * 512 * 256 + 256 for g in (5, 4, 3, 2)
    ]
    head = (256 * 256 + 256) + (256 * 2 + 2)
    assert [count(h) for h in neck.relation_heads] == 4 * [head]
    assert count(published.domain_head) == head
    assert count(published.cls_head) == 256 * 12 + 12
    assert count(published) == 3_483_416
    assert all(p.requires_grad for p in published.parameters())


def test_initial_weights(published):
    """N(0, 0.001^2) and zeros but for the relations and their heads."""
    linears = {
        name: module
        for name, module in published.named_modules()
        if isinstance(module, torch.nn.Linear)
    }
    assert len(linears) == 1 + 2 + 4 + 4 * 2 + 1 + 2
    for name, layer in linears.items():
        if name.startswith(('neck.relations.', 'neck.relation_heads.')):
            bound = layer.in_features**-0.5
            expected, biased = bound / 3**0.5, True
        else:
            expected, biased = 0.001, False
        if name.endswith('relation_heads.0.discriminator.0'):
            assert expected == pytest.approx(3.6e-2, rel=0.01)
        # Of n weights the deviation is known to 1 / sqrt(2 n).
        tolerance = 4 / (2 * layer.weight.numel()) ** 0.5
        assert isclose(
            layer.weight.std().item(), expected, rel_tol=tolerance
        ), name
        assert bool(layer.bias.any()) == biased, name


def test_coefficients_of_the_published_runs(published):
    neck = published.neck
    heads = [*neck.relation_heads, published.domain_head, neck.frame_head]
    assert [h.grl.coeff for h in heads] == 4 * [0.75] + [0.75, 0.5]
    assert all(h.loss_weight == 0.5 for h in heads)
    assert published.loss_entropy.loss_weight == 0.003


# -- Learning rate ------------------------------------------------------------
def scheduled(steps: int, state: dict = None) -> tuple:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.03)
    schedule = CONFIGS / '_base_/schedules/ta3n.py'
    (config,) = Config.fromfile(schedule).param_scheduler
    scheduler = InverseDecayLR.build_iter_from_epoch(
        optimizer, end=30, by_epoch=True, epoch_length=12, first=config.first
    )
    if state:
        scheduler.load_state_dict(state)
    rates = []
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]['lr'])
    return rates, scheduler


def test_learning_rate_falls_with_every_step():
    """0.03 / (1 + 10 p)^0.75, ``p`` from 1 / 30 on in steps of 1 / 360."""
    rates, scheduler = scheduled(359)
    expected = [0.03 / (1 + 10 * i / 360) ** 0.75 for i in range(12, 372)]
    first = scheduler.optimizer.param_groups[0]['initial_lr']
    assert first == 0.03 and expected[0] == pytest.approx(0.0242, abs=5e-5)
    assert rates == pytest.approx(expected[1:], rel=1e-12)
    assert rates[0] == pytest.approx(0.0238, abs=5e-5)


@pytest.mark.parametrize(
    'videos, batch, steps', [((1438, 840), 74, 12), ((840, 1438), 128, 7)]
)
def test_an_epoch_keeps_its_last_batch(videos, batch, steps):
    """The authors' steps; 26 and 72 pairs are left for the last one."""
    loader = load_config('ta3n_r101_ucf2hmdb').train_dataloader
    assert loader.batch_size == 74 and loader.sampler.epoch_length == 'min'
    length, dataset = min(videos), range(min(videos))
    found = torch.utils.data.DataLoader(
        dataset, batch, drop_last=loader.drop_last
    )
    sizes = [len(rows) for rows in found]
    assert len(sizes) == steps and sizes[-1] == length - (steps - 1) * batch


def test_learning_rate_goes_on_after_a_resume():
    rates, _ = scheduled(50)
    _, stopped = scheduled(20)
    assert scheduled(30, stopped.state_dict())[0] == rates[20:]

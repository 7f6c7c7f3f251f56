import math

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from mmaction_uda.models.heads import (
    DomainHead,
    InformationBottleneckHead,
    MLPClsHead,
)
from mmaction_uda.models.layers import Projector
from mmaction_uda.models.utils import Outputs

WIDTH, CLASSES = 6, 4


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def make_samples(source_labels: list, num_target: int) -> list:
    """Labelled source samples, then unlabelled target samples."""
    samples = []
    for label in source_labels:
        sample = ActionDataSample(metainfo=dict(domain='source'))
        samples.append(sample.set_gt_label(label))
    for _ in range(num_target):
        samples.append(ActionDataSample(metainfo=dict(domain='target')))
    return samples


def close(a, b) -> bool:
    a, b = (torch.as_tensor(t, dtype=torch.float64) for t in (a, b))
    return torch.allclose(a, b, rtol=1e-9, atol=1e-9)


# -- MLPClsHead -------------------------------------------------------------
def weights_of(global_seed: int, **kwargs) -> dict:
    torch.manual_seed(global_seed)
    return MLPClsHead(CLASSES, WIDTH, **kwargs).state_dict()


def equal(a: dict, b: dict) -> bool:
    return all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize('hidden', [(), (5,)])
def test_classifier_is_drawn_by_its_seed_alone(hidden):
    weights = weights_of(0, seed=3, hidden_channels=hidden)
    assert equal(weights, weights_of(1, seed=3, hidden_channels=hidden))
    assert not equal(weights, weights_of(0, seed=4, hidden_channels=hidden))


def test_weights_survive_init_weights():
    """The host calls init_weights() before training."""
    head = MLPClsHead(CLASSES, WIDTH)
    before = {k: v.clone() for k, v in head.state_dict().items()}
    head.init_weights()
    assert equal(before, head.state_dict())


def test_one_linear_map_of_default_init():
    weights = weights_of(0)
    torch.manual_seed(0)
    linear = torch.nn.Linear(WIDTH, CLASSES)
    assert torch.equal(weights['mlp.0.weight'], linear.weight)
    assert torch.equal(weights['mlp.0.bias'], linear.bias)


@pytest.mark.parametrize(
    'build',
    [
        lambda: MLPClsHead(CLASSES, WIDTH, seed=3),
        lambda: Projector(WIDTH, (5, 5), seed=3),
        lambda: InformationBottleneckHead(WIDTH, dict(channels=(5,))),
    ],
)
def test_global_random_stream_goes_on_undisturbed(build):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    build()
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize('frozen', [True, False])
def test_frozen_classifier_passes_the_gradient_on(frozen):
    head = MLPClsHead(CLASSES, WIDTH, frozen=frozen).double()
    assert [p.requires_grad for p in head.parameters()] == 2 * [not frozen]
    feats = randn(3, 2, WIDTH).requires_grad_()
    losses = head.loss_by_feat(head(feats), make_samples([0, 1, 2], 0))
    losses['loss_cls'].backward()
    assert all((p.grad is None) == frozen for p in head.parameters())
    assert feats.grad.any()


def test_classifier_forward_equals_naive_mlp():
    head = MLPClsHead(CLASSES, WIDTH, hidden_channels=(5, 3)).double()
    x = randn(2, 3, WIDTH)
    y = x
    for i in (0, 2, 4):
        y = y @ head.mlp[i].weight.T + head.mlp[i].bias
        y = y.clamp(min=0) if i < 4 else y
    assert close(head(x), y)


def test_loss_over_views_is_the_mean_of_the_losses_of_views():
    logits, labels = 2 * randn(5, 3, CLASSES), [2, 0, 3, 3, 1]
    head = MLPClsHead(CLASSES, WIDTH)
    losses = head.loss_by_feat(logits, make_samples(labels, 0))
    per_view, hits = [], 0
    for view in range(3):
        terms = []
        for row, label in zip(logits[:, view].tolist(), labels, strict=True):
            total = sum(math.exp(value) for value in row)
            terms.append(-math.log(math.exp(row[label]) / total))
            hits += row.index(max(row)) == label
        per_view.append(sum(terms) / len(terms))
    assert close(losses['loss_cls'], sum(per_view) / 3)
    assert losses['top1_acc'].item() == pytest.approx(hits / 15)
    assert 0 < hits < 15


def test_prediction_averages_logits_over_views():
    # The first view is sure of class 0, two others lean to class 1: the
    # mean of logits says 0, the mean of probabilities says 1.
    logits = torch.tensor([[[9.0, 0, 0, 0], [0, 3, 0, 0], [0, 3, 0, 0]]])
    head = MLPClsHead(CLASSES, WIDTH)
    (sample,) = head.predict_by_feat(logits, make_samples([1], 0))
    wanted = torch.tensor([3.0, 2.0, 0.0, 0.0]).softmax(0)
    assert close(sample.pred_score, wanted)
    assert sample.pred_label.item() == 0
    (alone,) = head.predict_by_feat(logits)  # of no sample
    assert torch.equal(alone.pred_score, sample.pred_score)
    head = MLPClsHead(CLASSES, WIDTH, average_clips='prob')
    (sample,) = head.predict_by_feat(logits, make_samples([1], 0))
    assert sample.pred_score.sum().item() == pytest.approx(1)
    assert sample.pred_label.item() == 1


# -- DomainHead -------------------------------------------------------------
def domain_head(coeff: float, **kwargs) -> DomainHead:
    torch.manual_seed(0)
    grl = dict(amplitude=coeff, ramp=None)
    return DomainHead(WIDTH, 7, grl=grl, **kwargs).double()


def naive_domain_logit(head: DomainHead, x: torch.Tensor) -> torch.Tensor:
    first, second, last = (head.discriminator[i] for i in (0, 3, 6))
    hidden = (first.weight @ x + first.bias).clamp(min=0)
    hidden = (second.weight @ hidden + second.bias).clamp(min=0)
    return (last.weight @ hidden + last.bias)[0]


def naive_domain_loss(head: DomainHead, feats: torch.Tensor, num_source: int):
    """Loss and accuracy; source 0, target 1."""
    terms, hits = {False: [], True: []}, 0
    for b in range(len(feats)):
        is_target = b >= num_source
        for x in feats[b]:
            p = 1 / (1 + torch.exp(-naive_domain_logit(head, x)))
            terms[is_target].append(-torch.log(p if is_target else 1 - p))
            hits += (p > 0.5).item() == is_target
    loss = sum(sum(t) / len(t) for t in terms.values())
    return loss, hits / feats[..., 0].numel()


@pytest.mark.parametrize('num_source', [3, 1])
def test_domain_head_equals_naive_loops(num_source):
    head = domain_head(0.5, loss_weight=0.7).eval()
    feats = randn(5, 2, WIDTH)
    samples = make_samples([0] * num_source, 5 - num_source)
    losses = head.loss_by_feat(head(feats), samples)
    naive, accuracy = naive_domain_loss(head, feats, num_source)
    assert close(losses['loss_domain'], 0.7 * naive)
    assert losses['domain_acc'].item() == pytest.approx(accuracy)
    assert losses['grl_coeff'].item() == 0.5
    assert 0 < accuracy < 1


def test_domain_head_reverses_the_gradient_of_features_alone():
    coeff = 0.3
    head = domain_head(coeff, dropout=0.0)
    feats = randn(6, 1, WIDTH).requires_grad_()
    wanted = [feats, *head.parameters()]
    loss = head.loss_by_feat(head(feats), make_samples([0] * 3, 3))[
        'loss_domain'
    ]
    grads = torch.autograd.grad(loss, wanted)
    plain, _ = naive_domain_loss(head, feats, 3)
    naive = torch.autograd.grad(plain, wanted)
    assert naive[0].abs().max() > 1e-3
    assert close(grads[0], -coeff * naive[0])
    for grad, expected in zip(grads[1:], naive[1:], strict=True):
        assert close(grad, expected)


def test_domain_head_from_probabilities_saturates():
    """In float32, as the release: a sure mistake has lost its gradient."""
    head = DomainHead(WIDTH, 7, from_logits=False)
    logits = torch.tensor([17.0, 1.0, -30.0, -110.0], requires_grad=True)
    losses = head.loss_by_feat(logits[:, None], make_samples([0, 0], 2))
    losses['loss_domain'].backward()
    expected = (100 + 1.313262) / 2 + (30 + 100) / 2
    assert losses['loss_domain'].item() == pytest.approx(expected, rel=1e-5)
    slopes = [0.0, 0.731059 / 2, -0.0935762 / 2, 0.0]
    assert logits.grad.tolist() == pytest.approx(slopes, rel=1e-5, abs=0)


def test_domain_head_starts_as_the_release_does():
    """Xavier-normal weights, zero biases."""
    torch.manual_seed(0)
    head = DomainHead(200, 300)
    for i, (fan_in, fan_out) in ((0, (200, 300)), (3, (300, 300))):
        layer = head.discriminator[i]
        std = math.sqrt(2 / (fan_in + fan_out))
        assert layer.weight.std().item() == pytest.approx(std, rel=0.02)
        assert not layer.bias.any()
        normal = layer.weight.abs().max().item() / std
        assert normal > 3.5  # a uniform draw ends at 1.73
    assert not head.discriminator[6].bias.any()


# -- InformationBottleneckHead ----------------------------------------------
class NaiveHead:
    """Plain lists for the queue, loops for the loss."""

    def __init__(self, head, queue_size: int, eps: float, pairs: str):
        self.head, self.eps, self.pairs = head, eps, pairs
        self.queue = [None] * queue_size
        self.position = 0

    def project(self, x: torch.Tensor) -> torch.Tensor:
        for i, layer in enumerate(self.head.projector):
            if isinstance(layer, torch.nn.Linear):
                x = layer.weight @ x + layer.bias
            elif isinstance(layer, torch.nn.LayerNorm):
                centred = x - x.mean()
                variance = centred.square().mean()
                x = centred / (variance + 1e-5).sqrt()
            else:
                assert i % 3 == 2
                x = x.clamp(min=0)
        return x

    def loss(self, x, logits, labels: list):
        """Mean over views; the queue is written after each view."""
        losses = []
        for view in range(x.shape[1]):
            z = [self.project(row) for row in x[:, view]]
            source, target = z[: len(labels)], z[len(labels) :]
            rows = logits[len(labels) :, view].tolist()
            guesses = [row.index(max(row)) for row in rows]
            current = list(zip(source, labels, strict=True))
            losses.append(self.view_loss(current, target, guesses))
            for z_s, label in current:
                if self.queue:
                    self.queue[self.position] = (z_s.detach(), label)
                    self.position = (self.position + 1) % len(self.queue)
        return sum(losses) / len(losses)

    def view_loss(self, current: list, target: list, guesses: list):
        if self.pairs == 'batch':
            pairs = [
                (z_s, z_t)
                for (z_s, _), z_t in zip(current, target, strict=True)
            ]
        else:
            stored = [entry for entry in self.queue if entry is not None]
            pairs = [
                (z_s, z_t)
                for z_s, label in current + stored
                for z_t, guess in zip(target, guesses, strict=True)
                if label == guess
            ]
        return naive_bottleneck(pairs, self.eps)


def naive_bottleneck(pairs: list, eps: float):
    if len(pairs) <= 2:
        return torch.zeros((), dtype=torch.float64)
    sides = []
    for side in zip(*pairs, strict=True):
        z = torch.stack(side)
        z = z - z.mean(0)
        sides.append(z / ((z**2).mean(0) + eps).sqrt())
    loss = 0
    for i, column_s in enumerate(sides[0].T):
        for j, column_t in enumerate(sides[1].T):
            c = (column_s * column_t).mean()
            loss = loss + ((c - 1) ** 2 if i == j else 0.005 * c**2)
    return loss


def ib_head(**kwargs) -> InformationBottleneckHead:
    kwargs = dict(projector=dict(channels=(5, 4)), loss_weight=1.0) | kwargs
    return InformationBottleneckHead(WIDTH, **kwargs).double()


def step_inputs(step: int, batch: int, num_views: int = 2):
    """Features, logits and source labels of one step."""
    feats = randn(2 * batch, num_views, WIDTH, seed=10 + step)
    logits = randn(2 * batch, num_views, CLASSES, seed=50 + step)
    labels = [(step + i * i) % CLASSES for i in range(batch)]
    return feats.requires_grad_(), logits, labels


def assert_queue(head, naive: NaiveHead) -> None:
    """Compare from the oldest place to the newest."""
    for age in range(len(naive.queue)):
        slot = (int(head.queue_pointer) + age) % len(naive.queue)
        entry = naive.queue[(naive.position + age) % len(naive.queue)]
        if entry is None:
            assert head.queue_labels[slot] == -1
        else:
            assert close(head.queue[slot], entry[0])
            assert head.queue_labels[slot] == entry[1]


@pytest.mark.parametrize(
    'batch, queue_size',
    [(4, 0), (4, 8), (4, 10), (4, 64), (4, 4), (6, 5), (6, 1)],
    ids=[
        'no_queue',
        'multiple_of_the_batch',
        'not_a_multiple',
        'never_full',
        'one_batch',
        'batch_larger',
        'one_row',
    ],
)
@pytest.mark.parametrize(
    'normalize, eps', [('standardize', 1e-5), ('correlation', 1e-12)]
)
def test_bottleneck_steps_equal_naive_loops(batch, queue_size, normalize, eps):
    head = ib_head(queue_size=queue_size, ib_normalize=normalize)
    naive = NaiveHead(head, queue_size, eps, 'class')
    for step in range(4):
        feats, logits, labels = step_inputs(step, batch)
        samples = make_samples(labels, batch)
        losses = head.loss(Outputs(logits, 0 * feats, feats), samples)
        expected = naive.loss(feats, logits, labels)
        assert set(losses) == {'loss_ib', 'num_pairs'} and expected > 0
        assert close(losses['loss_ib'], expected)
        (grad,) = torch.autograd.grad(losses['loss_ib'], feats)
        (naive_grad,) = torch.autograd.grad(expected, feats)
        assert close(grad, naive_grad) and grad.any()
        assert_queue(head, naive)


@pytest.mark.parametrize('num_views', [1, 3])
def test_bottleneck_of_other_numbers_of_views(num_views):
    head = ib_head(queue_size=7)
    naive = NaiveHead(head, 7, 1e-12, 'class')
    for step in range(2):
        feats, logits, labels = step_inputs(step, 4, num_views)
        samples = make_samples(labels, 4)
        loss = head.loss(Outputs(logits, 0 * feats, feats), samples)['loss_ib']
        assert close(loss, naive.loss(feats, logits, labels))
    assert_queue(head, naive)


def test_second_view_sees_the_source_rows_of_the_first():
    """One row of each domain: only the queue makes enough pairs."""
    head = ib_head(queue_size=8)
    feats = randn(2, 4, WIDTH)
    logits = torch.zeros(2, 4, CLASSES).double()
    logits[..., 1] = 1
    samples = make_samples([1], 1)
    two_views = head.loss(
        Outputs(logits[:, :2], feats[:, :2], feats[:, :2]), samples
    )
    assert two_views['loss_ib'] == 0  # 1, then 2 pairs
    assert two_views['num_pairs'] == 1.5
    third = head.loss(
        Outputs(logits[:, 2:], feats[:, 2:], feats[:, 2:]), samples
    )
    assert third['loss_ib'] > 0  # 3, then 4 pairs
    assert third['num_pairs'] == 3.5


def test_pairs_of_the_batch_as_they_come():
    head = ib_head(ib_pairs='batch')
    naive = NaiveHead(head, 0, 1e-12, 'batch')
    feats, logits, labels = step_inputs(0, 5)
    samples = make_samples(labels, 5)
    loss = head.loss(Outputs(logits, 0 * feats, feats), samples)['loss_ib']
    expected = naive.loss(feats, logits, labels)
    assert close(loss, expected) and loss > 0
    grads = (torch.autograd.grad(x, feats)[0] for x in (loss, expected))
    assert close(*grads)


@pytest.mark.parametrize(
    'placement, used', [('block', 'pooled'), ('pooled', 'feats')]
)
def test_placement_chooses_the_input(placement, used):
    head = ib_head(ib_placement=placement)
    x, logits, labels = step_inputs(0, 4)
    inputs = {
        'pooled': randn(*x.shape, seed=1).requires_grad_(),
        'feats': randn(*x.shape, seed=2).requires_grad_(),
    }
    outputs = Outputs(logits, **inputs)
    loss = head.loss(outputs, make_samples(labels, 4))
    naive = NaiveHead(head, 0, 1e-12, 'class')
    assert close(loss['loss_ib'], naive.loss(inputs[used], logits, labels))
    loss['loss_ib'].backward()
    for name, tensor in inputs.items():
        assert (tensor.grad is not None) == (name == used)


def test_loss_weight():
    feats, logits, labels = step_inputs(0, 4)
    samples = make_samples(labels, 4)
    light, full = (
        ib_head(loss_weight=w).loss(Outputs(logits, feats, feats), samples)[
            'loss_ib'
        ]
        for w in (0.025, 1.0)
    )
    assert close(light, 0.025 * full) and full > 0


def test_no_gradient_through_pseudo_labels_or_the_queue():
    head = ib_head(queue_size=8)
    for step in range(2):
        feats, logits, labels = step_inputs(step, 4)
        logits.requires_grad_()
        samples = make_samples(labels, 4)
        head.loss(Outputs(logits, feats, feats), samples)['loss_ib'].backward()
        assert logits.grad is None
    assert not head.queue.requires_grad


@pytest.mark.parametrize('frozen', [True, False])
def test_frozen_projector_passes_the_gradient_on(frozen):
    head = ib_head(projector=dict(channels=(5, 4), frozen=frozen))
    feats, logits, labels = step_inputs(0, 4)
    head.loss(Outputs(logits, feats, feats), make_samples(labels, 4))[
        'loss_ib'
    ].backward()
    assert feats.grad.any()
    for parameter in head.projector.parameters():
        assert parameter.requires_grad != frozen
        assert (parameter.grad is None) == frozen


def test_projector_is_drawn_by_its_seed_alone():
    torch.manual_seed(0)
    first = Projector(WIDTH, (5, 5), seed=3).state_dict()
    torch.manual_seed(1)
    assert equal(first, Projector(WIDTH, (5, 5), seed=3).state_dict())
    assert not equal(first, Projector(WIDTH, (5, 5), seed=4).state_dict())


def test_layers_of_the_projector():
    names = [type(layer).__name__ for layer in Projector(WIDTH)]
    assert names == 2 * ['Linear', 'LayerNorm', 'ReLU'] + ['Linear']
    assert Projector(WIDTH)[-1].out_features == 1024


def test_without_a_projector_features_are_taken_as_they_are():
    head = ib_head(projector=None, queue_size=4)
    feats, logits, labels = step_inputs(0, 4, num_views=1)
    head.loss(Outputs(logits, 0 * feats, feats), make_samples(labels, 4))
    assert close(head.queue, feats[:4, 0].detach())
    assert head.queue_labels.tolist() == labels


def test_queue_is_restored_from_a_checkpoint():
    head, other = ib_head(queue_size=6), ib_head(queue_size=6)
    for step in range(2):
        feats, logits, labels = step_inputs(step, 4)
        head.loss(Outputs(logits, feats, feats), make_samples(labels, 4))
    assert head.queue_pointer == 4  # 16 rows through 6 places
    assert set(head.state_dict()) >= {'queue', 'queue_labels', 'queue_pointer'}
    other.load_state_dict(head.state_dict())
    for step in range(2, 4):
        feats, logits, labels = step_inputs(step, 4)
        samples = make_samples(labels, 4)
        a, b = (
            h.loss(Outputs(logits, feats, feats), samples)['loss_ib']
            for h in (head, other)
        )
        assert torch.equal(a, b)
    for key, value in head.state_dict().items():
        assert torch.equal(value, other.state_dict()[key])


@pytest.mark.parametrize('name', ['ib_placement', 'ib_pairs', 'ib_normalize'])
def test_unknown_choices_are_refused(name):
    with pytest.raises(ValueError, match=name):
        InformationBottleneckHead(WIDTH, **{name: 'other'})


def test_pairs_of_the_batch_refuse_a_queue():
    with pytest.raises(ValueError, match='queue_size=0'):
        InformationBottleneckHead(WIDTH, ib_pairs='batch', queue_size=8)


@pytest.mark.parametrize(
    'name', ['MLPClsHead', 'DomainHead', 'InformationBottleneckHead']
)
def test_heads_are_registered_with_the_host(name):
    assert MODELS.get(name).__module__.startswith('mmaction_uda')

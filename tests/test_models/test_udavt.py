"""UDAVT's parts, +TAM and +DTAB, against computations by hand in float64."""

import copy
import math
from functools import partial

import pytest
import torch
from helpers.configs import method_model
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from mmaction_uda.models.backbones.stam import Aggregate
from mmaction_uda.models.heads import InformationBottleneckHead, MLPClsHead
from mmaction_uda.models.layers import PostNormBlock, Projector
from mmaction_uda.models.necks import ClassTokenNeck
from mmaction_uda.models.utils import Outputs

PAIRS, VIEWS, T, WIDTH, HEADS, DEPTH, HIDDEN = 2, 2, 3, 6, 2, 2, 9
HEAD_WIDTH, CLASSES = WIDTH // HEADS, 3
IS_TARGET = [False] * PAIRS * VIEWS + [True] * PAIRS * VIEWS  # per view
SMALL = dict(
    in_channels=WIDTH,
    num_frames=T,
    depth=DEPTH,
    num_heads=HEADS,
    hidden_channels=HIDDEN,
)
STILL = dict(dropout=0.0, proj_dropout=0.0, disc_dropout=0.0)
PLAIN = dict(type='MultiheadSelfAttention', dropout=0.0)
TAM = dict(type='TransferabilityAdaptionAttention', class_token=True)
MDTA = dict(type='MultiheadDomainTransferableAttention', hidden_channels=7)


def shake(module: torch.nn.Module) -> torch.nn.Module:
    """In float64, all weights different from what they start with."""
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in module.double().named_parameters():
            parameter.normal_(mean=float('norm' in name), std=0.5)
    return module


def make_neck(**kwargs) -> ClassTokenNeck:
    return shake(ClassTokenNeck(**{**SMALL, **kwargs}))


def make_last(attention: dict, coeff: float = 1.0) -> ClassTokenNeck:
    """A neck without dropout, with this attention in its last layer."""
    last = dict(grl=dict(amplitude=coeff, ramp=None), **attention, **STILL)
    return make_neck(dropout=0.0, attention=PLAIN, last_attention=last)


def randn(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def tokens(seed: int = 1) -> torch.Tensor:
    return randn(2 * PAIRS, VIEWS, T, WIDTH, seed=seed)


def make_samples(pairs: int = PAIRS) -> list:
    source = [
        ActionDataSample(metainfo=dict(domain='source')).set_gt_label(i)
        for i in range(pairs)
    ]
    return source + [ActionDataSample(metainfo=dict(domain='target'))] * pairs


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-9, atol=1e-9)


# -- The neck by hand, systems.md 8, 3.5, 4 and 1.5 -------------------------
def naive_linear(weights: dict, name: str, x: torch.Tensor) -> torch.Tensor:
    return x @ weights[f'{name}.weight'].T + weights[f'{name}.bias']


def naive_norm(weights: dict, name: str, x: torch.Tensor) -> torch.Tensor:
    x = x - x.mean(-1, keepdim=True)
    x = x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return x * weights[f'{name}.weight'] + weights[f'{name}.bias']


def naive_rating(weights: dict, name: str, vector) -> torch.Tensor:
    """The discriminator's probability for one vector."""
    for i in (0, 3, 6):
        vector = naive_linear(weights, f'{name}.discriminator.{i}', vector)
        vector = vector.clamp(min=0) if i < 6 else vector
    return 1 / (1 + (-vector[0]).exp())


def softmax(scores: list) -> list:
    total = sum(score.exp() for score in scores)
    return [score.exp() / total for score in scores]


def ordinary(q, k, **kwargs) -> tuple:
    scale = math.sqrt(HEAD_WIDTH)
    return [softmax([(a * b).sum() / scale for b in k]) for a in q], []


def naive_tam(q, k, rate, is_target, reverse) -> tuple:
    """Of the class token's row, all but the class token is scaled."""
    rows, _ = ordinary(q, k)
    p = [rate(reverse(key)) for key in k[1:]]
    t = [-x * x.log2() - (1 - x) * (1 - x).log2() for x in p]
    rows[0] = [rows[0][0]] + [a * b for a, b in zip(rows[0][1:], t)]
    return rows, [-(1 - x).log() if is_target else -x.log() for x in p]


def naive_mdta(q, k, rate, is_target, reverse) -> tuple:
    """The class token is rated as the frames are."""

    def error(vector):
        p = rate(reverse(vector))
        return reverse(-(1 - p).log() if is_target else -p.log())

    a, b = [error(v) for v in q], [error(v) for v in k]
    scale = math.sqrt(HEAD_WIDTH)
    return [softmax([x * y / scale for y in b]) for x in a], []


class Naive:
    """Sequence after sequence, head after head, token after token."""

    def __init__(self, neck, last=ordinary, coeff: float = -1.0) -> None:
        self.weights = dict(neck.named_parameters())
        self.last, self.coeff = last, coeff  # -1: no reversal
        self.terms = {False: [], True: []}

    def reverse(self, x: torch.Tensor) -> torch.Tensor:
        """The value of ``x``, ``-coeff`` times its gradient."""
        return -self.coeff * x + (1 + self.coeff) * x.detach()

    def attend(self, name: str, x, is_target: bool, attention):
        maps = x @ self.weights[f'{name}.in_proj_weight'].T
        maps = maps + self.weights[f'{name}.in_proj_bias']
        rate = partial(naive_rating, self.weights, name)
        heads = []
        for h in range(HEADS):
            q, k, v = (
                part[:, h * HEAD_WIDTH : (h + 1) * HEAD_WIDTH]
                for part in maps.chunk(3, -1)
            )
            rows, terms = attention(
                q, k, rate=rate, is_target=is_target, reverse=self.reverse
            )
            self.terms[is_target] += terms
            heads.append(torch.stack([torch.stack(row) @ v for row in rows]))
        return naive_linear(
            self.weights, f'{name}.out_proj', torch.cat(heads, -1)
        )

    def encode(self, x, is_target: bool) -> torch.Tensor:
        """Tokens ``[1 + T, C]`` behind the final norm."""
        x = torch.cat((self.weights['cls_token'][0], x))
        x = x + self.weights['pos_embed'][0]
        for j in range(DEPTH):
            name = f'transformer_enc.layers.{j}'
            attention = self.last if j == DEPTH - 1 else ordinary
            y = self.attend(f'{name}.self_attn', x, is_target, attention)
            x = naive_norm(self.weights, f'{name}.norm1', x + y)
            y = naive_linear(self.weights, f'{name}.linear1', x).clamp(min=0)
            y = naive_linear(self.weights, f'{name}.linear2', y)
            x = naive_norm(self.weights, f'{name}.norm2', x + y)
        return naive_norm(self.weights, 'transformer_enc.norm', x)

    def feats(self, x, readout=lambda y: y[0]) -> torch.Tensor:
        """Features ``[B, V, C]``."""
        rows = [
            readout(self.encode(sequence, is_target))
            for sequence, is_target in zip(x.flatten(0, 1), IS_TARGET)
        ]
        return torch.stack(rows).unflatten(0, x.shape[:2])

    def domain_loss(self) -> torch.Tensor:
        means = [torch.stack(terms).mean() for terms in self.terms.values()]
        return sum(means) / 2


def gradients(neck, feats, loss=0.0) -> dict:
    weights = torch.linspace(-1, 1, feats.numel()).double()
    total = (feats.flatten() * weights).sum() + 3 * loss
    names, parameters = zip(*neck.named_parameters())
    return dict(zip(names, torch.autograd.grad(total, parameters)))


# -- Against STAM's temporal transformer ------------------------------------
def stams_own() -> Aggregate:
    return shake(Aggregate(T, WIDTH, DEPTH, HEADS, HIDDEN)).eval()


def test_neck_is_stams_temporal_transformer():
    """Its weights fit as they are."""
    aggregate, neck = stams_own(), ClassTokenNeck(**SMALL).double().eval()
    neck.load_state_dict(aggregate.state_dict(), strict=True)
    x = tokens()
    feats, losses = neck(x)
    assert feats.shape == (2 * PAIRS, VIEWS, WIDTH) and losses == {}
    assert close(feats, aggregate(x.flatten(0, 1)).unflatten(0, x.shape[:2]))


@pytest.mark.parametrize('attention', [TAM, MDTA])
def test_stams_weights_lack_the_discriminator_alone(attention):
    neck = make_last(attention)
    own = {k for k in neck.state_dict() if 'discriminator' in k}
    last = f'transformer_enc.layers.{DEPTH - 1}.self_attn.discriminator.'
    assert all(k.startswith(last) for k in own)
    found = neck.load_state_dict(stams_own().state_dict(), strict=False)
    assert set(found.missing_keys) == own and len(own) == 6
    assert found.unexpected_keys == []


@pytest.mark.parametrize('training', [False, True])
def test_block_equals_the_layer_of_torch(training):
    attention = dict(type='MultiheadSelfAttention', dropout=0.0)
    block = shake(PostNormBlock(WIDTH, HEADS, attention, HIDDEN, 0.0))
    layer = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0.0, batch_first=True
    ).double()
    layer.load_state_dict(block.state_dict(), strict=True)
    block.train(training), layer.train(training)
    x = randn(4, T, WIDTH)
    out, losses = block(x)
    assert close(out, layer(x)) and losses == {}
    found, wanted = gradients(block, out), gradients(layer, layer(x))
    for name in wanted:
        assert close(found[name], wanted[name]), name
        assert wanted[name].any()


def test_dropout_of_the_block_lies_where_that_of_torch_does():
    """The same random numbers in the same places."""
    attention = dict(type='MultiheadSelfAttention', dropout=0.1)
    block = shake(PostNormBlock(WIDTH, HEADS, attention, HIDDEN, 0.1))
    layer = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0.1, batch_first=True
    ).double()
    layer.load_state_dict(block.state_dict())
    # Torch's attention leaves the steps outermost in memory, and a dropout
    # draws in the order of the memory.
    layer.self_attn.register_forward_hook(
        lambda module, args, out: (out[0].contiguous(), None)
    )
    x, outs = randn(40, T, WIDTH), []
    for forward in (lambda x: block(x)[0], layer):
        torch.manual_seed(3)
        outs.append(forward(x))
    assert close(*outs)


# -- Against loops ----------------------------------------------------------
@pytest.mark.parametrize(
    'readout, naive', [('class_token', lambda y: y[0]), ('mean', None)]
)
def test_readouts(readout, naive):
    neck = make_neck(readout=readout, attention=PLAIN).eval()
    expected = Naive(neck).feats(
        tokens(), naive or (lambda y: (y[1] + y[2] + y[3]) / 3)
    )
    assert close(neck(tokens())[0], expected)


@pytest.mark.parametrize('coeff', [1.0, 0.3])
@pytest.mark.parametrize(
    'attention, naive', [(TAM, naive_tam), (MDTA, naive_mdta)]
)
def test_last_layer_equals_loops_with_gradients(attention, naive, coeff):
    """All parameters of all layers, reversals included."""
    neck = make_last(attention, coeff)
    feats, losses = neck(tokens(), make_samples())
    by_hand = Naive(neck, naive, coeff)
    expected = by_hand.feats(tokens())
    assert close(feats, expected)
    loss = naive_loss = 0.0
    if attention is TAM:
        loss, naive_loss = losses['loss_tam'], 0.01 * by_hand.domain_loss()
        assert close(loss, naive_loss) and loss > 0
        assert len(by_hand.terms[True]) == PAIRS * VIEWS * HEADS * T
    else:
        assert losses == {}
    found = gradients(neck, feats, 100 * loss)
    wanted = gradients(neck, expected, 100 * naive_loss)
    for name in wanted:
        assert close(found[name], wanted[name]), name
        assert wanted[name].abs().max() > 1e-6, name


def last_layer(grads: dict) -> dict:
    """Gradients of the last attention, queries to values apart."""
    prefix = f'transformer_enc.layers.{DEPTH - 1}.self_attn.'
    grads = {
        k.removeprefix(prefix): v
        for k, v in grads.items()
        if k.startswith(prefix)
    }
    for kind in ('weight', 'bias'):
        rows = grads.pop(f'in_proj_{kind}').chunk(3)
        grads.update(zip((f'{c}.{kind}' for c in 'qkv'), rows))
    return grads


@pytest.mark.parametrize('coeff', [1.0, 0.5])
def test_gradient_facts_of_mdta(coeff):
    """systems.md 1.5: W_Q, W_K +c^2, A -c, W_V and W_O ordinary."""
    neck = make_last(MDTA, coeff)
    found = last_layer(gradients(neck, neck(tokens(), make_samples())[0]))
    plain = Naive(neck, naive_mdta).feats(tokens())
    plain = last_layer(gradients(neck, plain))
    ratios = dict(q=coeff**2, k=coeff**2, discriminator=-coeff)
    for name, grad in plain.items():
        ratio = ratios.get(name.split('.')[0], 1.0)
        assert close(found[name], ratio * grad), name
        assert grad.abs().max() > 1e-6, name


@pytest.mark.parametrize('coeff', [1.0, 0.3])
def test_gradient_signs_of_tams_loss(coeff):
    """The discriminator descends it, the keys ascend it."""
    neck = make_last(TAM, coeff)
    loss = neck(tokens(), make_samples())[1]['loss_tam']
    by_hand = Naive(neck, naive_tam)
    by_hand.feats(tokens())
    wanted = dict(neck.named_parameters())
    attention = f'transformer_enc.layers.{DEPTH - 1}.self_attn.'
    names = [attention + 'in_proj_weight']
    names += [k for k in wanted if 'discriminator' in k]
    for name in names:
        grads = [
            torch.autograd.grad(x, wanted[name], retain_graph=True)[0]
            for x in (loss, 0.01 * by_hand.domain_loss())
        ]
        ratio = 1.0 if 'discriminator' in name else -coeff
        assert close(grads[0], ratio * grads[1]) and grads[0].any(), name


def test_rows_of_the_weights_with_a_class_token():
    """Only the class token's changes, and not at the class token."""
    attention = make_last(TAM).transformer_enc.layers[-1].self_attn
    x = randn(4, 1 + T, WIDTH)
    weights, t = tam_weights(attention, x)
    v = attention.split(x)[2]
    assert t.shape == (4, HEADS, T) and t.max() < 1 and t.std() > 1e-3
    torch.nn.init.eye_(attention.out_proj.weight)
    torch.nn.init.zeros_(attention.out_proj.bias)
    found = attention(x)[0].unflatten(-1, (HEADS, -1)).transpose(1, 2)
    assert close(found[:, :, 1:], weights[:, :, 1:] @ v)
    weights[:, :, 0, 1:] *= t
    assert close(found[:, :, 0], (weights @ v)[:, :, 0])


def tam_weights(attention, x: torch.Tensor) -> tuple:
    """Those of an ordinary attention, and what TAM multiplies them by."""
    q, k, _ = attention.split(x)
    logits = attention.discriminator(k[:, :, 1:])
    p = logits.sigmoid()
    t = -p * p.log2() - (1 - p) * (1 - p).log2()
    return (q @ k.mT / math.sqrt(HEAD_WIDTH)).softmax(-1), t


# -- Frame weights ----------------------------------------------------------
@pytest.mark.parametrize('attention', [PLAIN, TAM, MDTA])
def test_frame_weights_sum_to_one(attention):
    neck = make_neck(last_attention=attention).eval()
    weights = neck.frame_weights(tokens())
    assert weights.shape == (2 * PAIRS, VIEWS, T)
    assert close(weights.sum(-1), torch.ones(2 * PAIRS, VIEWS).double())
    assert weights.std(-1).min() > 1e-4


def test_frame_weights_of_tam_are_those_of_the_class_token():
    neck = make_last(TAM).eval()
    *_, last = neck.transformer_enc.layers
    seen = []
    last.self_attn.register_forward_pre_hook(
        lambda module, args: seen.append(args[0])
    )
    neck(tokens())
    weights, t = tam_weights(last.self_attn, seen[0])
    rows = (weights[:, :, 0, 1:] * t).mean(1)
    rows = rows / rows.sum(-1, keepdim=True)
    assert close(neck.frame_weights(tokens()).flatten(0, 1), rows)


# -- Use --------------------------------------------------------------------
@pytest.mark.parametrize('attention', [None, TAM, MDTA])
@pytest.mark.parametrize('readout', ['class_token', 'mean'])
def test_gradients_are_everywhere_with_dropout(attention, readout):
    last = attention and dict(grl=dict(ramp=None), **attention)
    neck = make_neck(last_attention=last, readout=readout)
    feats, losses = neck(tokens(), make_samples())
    again, _ = neck(tokens(), make_samples())
    assert not torch.equal(feats, again)  # dropout is on
    found = gradients(neck, feats, sum(losses.values()))
    assert all(grad.any() for grad in found.values())
    assert found['pos_embed'].abs().amax(-1).min() > 0  # at all positions
    neck.eval()
    assert torch.equal(neck(tokens())[0], neck(tokens())[0])


def test_at_test_every_row_is_a_target():
    neck = make_last(MDTA).eval()
    targets = [ActionDataSample(metainfo=dict(domain='target'))] * 2 * PAIRS
    found, losses = neck(tokens())
    assert torch.equal(found, neck(tokens(), targets)[0]) and losses == {}
    assert not close(found, neck(tokens(), make_samples())[0])


@pytest.mark.parametrize(
    'shape', [(2, T, WIDTH), (1, 2, T + 1, WIDTH), (1, 2, T, WIDTH + 1)]
)
def test_neck_refuses_other_tokens(shape):
    with pytest.raises(ValueError, match='neck.num_frames'):
        make_neck()(torch.zeros(shape).double())


def test_unknown_readout_is_refused():
    with pytest.raises(ValueError, match='neck.readout'):
        ClassTokenNeck(**SMALL, readout='max')


# -- The bottleneck behind batch norms, systems.md 3.1 ----------------------
def naive_projection(projector, rows: torch.Tensor) -> torch.Tensor:
    """Column by column; one domain, all views."""
    first, bn1, _, second, bn2, _, third = projector
    for linear, bn in ((first, bn1), (second, bn2)):
        rows = rows @ linear.weight.T + linear.bias
        columns = []
        for i, column in enumerate(rows.T):
            mean = sum(column) / len(column)
            variance = sum((column - mean) ** 2) / len(column)
            column = (column - mean) / (variance + 1e-5).sqrt()
            columns.append(column * bn.weight[i] + bn.bias[i])
        rows = torch.stack(columns, 1).clamp(min=0)
    return rows @ third.weight.T + third.bias


def naive_bottleneck(pairs: list) -> torch.Tensor:
    z = [torch.stack(side) for side in zip(*pairs)]
    z = [(s - s.mean(0)) / (s.var(0, False) + 1e-5).sqrt() for s in z]
    c = z[0].T @ z[1] / len(pairs)
    off = c - torch.diag(c.diagonal())
    return ((c.diagonal() - 1) ** 2).sum() + 0.005 * (off**2).sum()


@pytest.mark.parametrize('queue_size', [0, 4, 10])
def test_bottleneck_equals_loops_over_steps(queue_size):
    """Each domain is normalised by itself; 8 rows a step: the queue wraps."""
    pairs, stored = 4, []
    projector = dict(channels=(5, 4, 3), norm='BN', frozen=True)
    head = InformationBottleneckHead(
        WIDTH,
        projector,
        queue_size,
        ib_placement='pooled',
        ib_normalize='standardize',
        loss_weight=0.3,
    )
    shake(head)
    assert not any(p.requires_grad for p in head.projector.parameters())
    assert not list(head.projector.buffers())  # no running statistics
    for step in range(4):
        feats = randn(2 * pairs, VIEWS, WIDTH, seed=10 + step)
        feats.requires_grad_()
        logits = randn(2 * pairs, VIEWS, CLASSES, seed=50 + step)
        labels = [(i + step) % CLASSES for i in range(pairs)]
        samples = make_samples(pairs)
        for sample, label in zip(samples, labels):
            sample.set_gt_label(label)
        z_s, z_t = (
            naive_projection(head.projector, x.flatten(0, 1)).unflatten(
                0, (pairs, VIEWS)
            )
            for x in (feats[:pairs], feats[pairs:])
        )
        views = []
        for v in range(VIEWS):
            source = list(zip(z_s[:, v], labels))
            guesses = logits[pairs:, v].argmax(-1).tolist()
            matched = [
                (a, b)
                for a, label in source + stored[-queue_size or len(stored) :]
                for b, guess in zip(z_t[:, v], guesses)
                if label == guess
            ]
            views.append(naive_bottleneck(matched))
            if queue_size:
                stored += [(z.detach(), label) for z, label in source]
        expected = 0.3 * sum(views) / VIEWS
        loss = head.loss(Outputs(logits, feats, 0 * feats), samples)['loss_ib']
        assert close(loss, expected) and loss > 0
        (found,) = torch.autograd.grad(loss, feats)
        (wanted,) = torch.autograd.grad(expected, feats)
        assert close(found, wanted) and found.any()
        for age, (z, label) in enumerate(reversed(stored[-queue_size:])):
            place = (int(head.queue_pointer) - 1 - age) % queue_size
            assert close(head.queue[place], z)
            assert head.queue_labels[place] == label


# -- Sizes, systems.md 3.1, 3.5 and 8 ---------------------------------------
def count(module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_parameters_at_full_size():
    with torch.device('meta'):
        neck = ClassTokenNeck()
        names = dict(neck.state_dict())
        stams_own = Aggregate(16, 768, 6, 8, 2048)
        tam, mdta = (
            ClassTokenNeck(
                last_attention={**a, 'hidden_channels': hidden}
            ).transformer_enc.layers[-1]
            for a, hidden in ((TAM, None), (MDTA, 1024))
        )
        classifier = MLPClsHead(12, 768, frozen=False)
        projector = Projector(768, (2048, 2048, 2048), norm='BN')
    assert count(neck) == 33_099_264
    shapes = {k: v.shape for k, v in stams_own.state_dict().items()}
    assert {k: v.shape for k, v in names.items()} == shapes
    assert count(classifier) == 768 * 12 + 12
    linear = 768 * 2048 + 2048 + 2 * (2048 * 2048 + 2048)
    assert count(projector) == linear + 2 * (2 * 2048) == 9_975_808
    assert count(tam.self_attn.discriminator) == 2 * (96 * 96 + 96) + 96 + 1
    assert count(mdta.self_attn.discriminator) == (
        (96 * 1024 + 1024) + (1024 * 1024 + 1024) + 1024 + 1
    )


# -- The methods ------------------------------------------------------------
METHODS = ('udavt', 'udavt_tam', 'udavt_dtab')


def method_config(method: str) -> dict:
    """The model of a method's layer, made small."""
    model = method_model(method)
    model.update(
        data_preprocessor=dict(type='UDADataPreprocessor'),
        backbone=dict(
            type='FrozenBackbone',
            backbone=dict(type='ShiftNet', widths=(4, 6)),
            seed=0,
            cached=True,
        ),
    )
    for part in (model['neck'], model['cls_head']):
        part.pop('init_cfg')  # weights of the first phase
    model['neck'].update(SMALL, dropout=0.0, attention=PLAIN)
    if method != 'udavt':
        model['neck']['last_attention'].update(STILL, hidden_channels=7)
    model['cls_head']['num_classes'] = CLASSES
    model['ib_head']['projector']['channels'] = (5, 4, 3)
    model['ib_head'].update(queue_size=16, loss_weight=0.3)
    return model


def totals(config: dict, steps: int = 1, views: int = VIEWS) -> list:
    """Sum of the losses of each step, the weights standing still."""
    model = shake(MODELS.build(copy.deepcopy(config)))
    samples, found = make_samples(6), []
    for i, sample in enumerate(samples[:6]):
        sample.set_gt_label(i % CLASSES)
    for step in range(steps):
        x = randn(12, views, T, WIDTH, seed=step)
        losses = model.loss(x, samples)
        found.append(sum(v for k, v in losses.items() if 'loss' in k).item())
    return found


@pytest.mark.parametrize('method', METHODS)
def test_layers_of_methods(method):
    model = MODELS.build(method_config(method))
    frozen = {k for k, p in model.named_parameters() if not p.requires_grad}
    projector = {k for k, _ in model.ib_head.projector.named_parameters()}
    assert frozen == {f'ib_head.projector.{k}' for k in projector}
    losses = model.loss(tokens().float(), make_samples())
    extra = {'loss_tam'} if method == 'udavt_tam' else set()
    found = {k for k in losses if 'loss' in k}
    assert found == {'loss_cls', 'loss_ib'} | extra


def test_tam_and_dtab_change_the_last_attention_alone():
    changed = [method_config(m) for m in METHODS]
    lasts = [c['neck'].pop('last_attention', None) for c in changed]
    assert changed[0] == changed[1] == changed[2] and lasts[0] is None
    assert lasts[1]['class_token'] and lasts[2]['dde_label'] == 'by_domain'


def test_queue_counts_from_the_second_step_on():
    """... with one view: a later view reads what an earlier one wrote."""
    config = method_config('udavt')
    without = copy.deepcopy(config)
    without['ib_head']['queue_size'] = 0
    assert abs(totals(config)[0] - totals(without)[0]) > 1e-6
    found, expected = (totals(c, steps=2, views=1) for c in (config, without))
    assert found[0] == expected[0] and abs(found[1] - expected[1]) > 1e-6


@pytest.mark.parametrize('method', METHODS)
def test_every_part_changes_the_loss(method):
    config = method_config(method)
    base = totals(config)
    variants = [copy.deepcopy(config) for _ in range(3)]
    variants[0].pop('ib_head')
    variants[1]['neck']['readout'] = 'mean'
    variants[2]['neck']['last_attention'] = None
    for variant in variants[: 2 if method == 'udavt' else 3]:
        assert abs(totals(variant)[0] - base[0]) > 1e-6

"""DALL-V: its adapter, losses and selection, against naive loops."""

import math
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from torch import nn

import mmaction_uda  # noqa: F401
from mmaction_uda.engine import TeacherLabelHook
from mmaction_uda.models.layers import Adapter
from mmaction_uda.models.losses import ensemble_labels, text_contrastive_loss
from mmaction_uda.models.utils import Outputs

N, T, D, K, M = 4, 5, 8, 3, 6
SENTENCES = [f'{{}} number {m}' for m in range(M)]


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def make_head(**text_loss):
    head = MODELS.build(
        dict(
            type='TextClsHead',
            num_classes=K,
            in_channels=D,
            templates=SENTENCES,
            label_domain='target',
            text_loss=text_loss,
        )
    ).double()
    head.texts.data = draw(M, K, D)
    return head


def targets(labels) -> list:
    samples = [ActionDataSample().set_gt_label(int(x)) for x in labels]
    for sample in samples:
        sample.set_field('target', 'domain', field_type='metainfo')
    return samples


# -- the adapter ------------------------------------------------------------
def test_adapter():
    """``W2 relu(W1 x)``, homogeneous, 524 288 weights at a width of 1024."""
    adapter = Adapter(D).double()
    x = draw(2, D)
    (down, up) = (p.detach() for p in adapter.parameters())
    for row, found in zip(x.tolist(), adapter(x).tolist()):
        hidden = [max(0, sum(w * v for w, v in zip(r, row))) for r in down]
        wanted = [sum(w * h for w, h in zip(r, hidden)) for r in up]
        assert found == pytest.approx([float(w) for w in wanted], abs=1e-12)
    torch.testing.assert_close(adapter(7 * x), 7 * adapter(x))
    assert sum(p.numel() for p in Adapter(1024).parameters()) == 524288


@pytest.mark.parametrize('fusion', ['before', 'after'])
@pytest.mark.parametrize('normalize', [False, True])
def test_neck(fusion, normalize):
    neck = MODELS.build(
        dict(
            type='AdapterNeck',
            in_channels=D,
            normalize=normalize,
            test_fusion=fusion,
        )
    ).double()
    x = draw(2, 3, T, D)
    frames = x / x.norm(dim=-1, keepdim=True) if normalize else x
    mean = neck.adapter(sum(frames[:, :, t] for t in range(T)) / T)
    torch.testing.assert_close(neck.train()(x)[0], mean)
    wanted = mean
    if fusion == 'after':
        wanted = neck.adapter(frames).reshape(2, 3 * T, D)
    torch.testing.assert_close(neck.eval()(x)[0], wanted)


# -- stages 1 and 2 ---------------------------------------------------------
def naive_contrast(v, t, labels, scale=100.0) -> float:
    """Of lists, one number after the other."""

    def kl(scores) -> float:
        total = 0.0
        for i, row in enumerate(scores):
            same = [math.exp(10 * (labels[i] == label)) for label in labels]
            q = [s / sum(same) for s in same]
            top = max(row)
            z = sum(math.exp(s - top) for s in row)
            log_p = [s - top - math.log(z) for s in row]
            total += sum(a * (math.log(a) - b) for a, b in zip(q, log_p))
        return total / len(scores)

    def cosine(a, b) -> float:
        dot = sum(x * y for x, y in zip(a, b))
        return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))

    rows = [[scale * cosine(a, b) for b in t] for a in v]
    return (kl(rows) + kl([list(column) for column in zip(*rows)])) / 2


def test_contrast_of_two_lists():
    torch.manual_seed(0)
    v, t, labels = draw(6, D), draw(6, D), [0, 1, 0, 2, 2, 2]
    found = text_contrastive_loss(v, t, torch.tensor(labels))
    wanted = naive_contrast(v.tolist(), t.tolist(), labels)
    assert found.item() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize('kind', ['given', 'zero_shot'])
def test_loss_of_a_step(kind):
    """A template is drawn for each row; labels are given, or CLIP's."""
    torch.manual_seed(1)
    head = make_head(type='TextContrastiveLoss', labels=kind)
    tokens, feats = draw(N, 1, T, D), draw(N, 1, D).requires_grad_()
    outputs = Outputs(None, feats, feats, tokens=tokens)
    given = [2, 0, 0, 1]
    zero_shot = head(tokens[:, 0]).argmax(-1)[:, 0].tolist()
    assert zero_shot != given
    labels = given if kind == 'given' else zero_shot
    torch.manual_seed(2)
    found = head.loss(outputs, targets(given))
    torch.manual_seed(2)
    chosen = torch.randint(M, (N,)).tolist()
    assert len(set(chosen)) > 1
    texts = [head.texts[m, label].tolist() for m, label in zip(chosen, labels)]
    wanted = naive_contrast(feats[:, 0].tolist(), texts, labels)
    assert found['loss_cls'].item() == pytest.approx(wanted, rel=1e-10)
    hits = head(feats).argmax(-1)[:, 0] == torch.tensor(labels)
    assert found['top1_acc'] == hits.float().mean()
    found['loss_cls'].backward()
    assert feats.grad.abs().max() > 0 and head.texts.grad is None


# -- stage 3 ----------------------------------------------------------------
def scores_of(*classes: int) -> torch.Tensor:
    """Of three, who name these classes."""
    return 0.1 * F.one_hot(torch.tensor(classes), K).double()[:, None]


@pytest.mark.parametrize(
    ('classes', 'label', 'agreed'),
    [
        ((0, 0, 2), 0, True),
        ((0, 2, 0), 0, True),
        ((2, 0, 0), 0, True),
        ((1, 2, 2), 2, True),
        ((1, 1, 1), 1, True),
        ((2, 1, 0), 2, False),  # .5 of the first weighs most
    ],
)
def test_label_rule(classes, label, agreed):
    found = ensemble_labels(scores_of(*classes))
    assert [x.item() for x in found] == [label, agreed]


def test_label_rule_of_the_code():
    """An agreed class 0 counts as none there: the vote may differ."""
    scores = scores_of(2, 0, 0)
    scores[0] *= 3  # of itself a tie of .5 and .3 + .2
    assert ensemble_labels(scores, rule='release')[0] == 2
    assert ensemble_labels(scores)[0] == 0
    common = scores_of(1, 1, 2)
    assert ensemble_labels(common, rule='release')[0] == 1


def test_distillation():
    torch.manual_seed(3)
    adapter = dict(reduction=2)
    head = make_head(
        type='AdapterDistillationLoss', source=adapter, target=adapter
    )
    loss = head.text_loss
    tokens, feats = draw(N, 1, T, D), draw(N, 1, D).requires_grad_()
    found = head.loss(
        Outputs(None, feats, feats, tokens=tokens), targets(N * [0])
    )
    texts = F.normalize(head.texts, dim=-1)
    kl, ce = [], []
    for n in range(N):
        c = []
        for adapted in (nn.Identity(), loss.source, loss.target):
            frames = [F.normalize(adapted(f), dim=-1) for f in tokens[n, 0]]
            cosines = [f @ t.T for f in frames for t in texts]
            assert len(cosines) == T * M
            c.append(sum(cosines) / (T * M))
        student = sum(feats[n, 0] @ t.T for t in texts) / M
        names = [x.argmax().item() for x in c]
        vote = (0.5 * c[0] + 0.3 * c[1] + 0.2 * c[2]).argmax().item()
        common = [k for k in names if names.count(k) > 1]
        label = common[0] if common else vote
        p = sum((x / 2).softmax(-1) for x in c) / 3
        q = (student / 2).softmax(-1)
        kl.append(sum(a * (a / b).log() for a, b in zip(p, q)))
        ce.append(-student.log_softmax(-1)[label])
    torch.testing.assert_close(found['loss_distill'], 0.9 * sum(kl) / N)
    torch.testing.assert_close(found['loss_cls'], 0.1 * sum(ce) / N)
    (found['loss_distill'] + found['loss_cls']).backward()
    assert feats.grad.abs().max() > 0
    assert not any(p.requires_grad for p in head.parameters())


# -- which videos stage 2 learns from ---------------------------------------
class Sampler:
    keep_ratio = 0.2

    def select(self, indices, labels) -> None:
        self.selection = dict(zip(indices.tolist(), labels.tolist()))


@pytest.mark.parametrize('order', ['confident', 'listed'])
def test_selection_of_an_unsorted_list(order):
    """The most confident of each class are not the first of the list."""
    torch.manual_seed(4)
    scores = draw(60, K) + 3 * F.one_hot(torch.arange(60) % K, K)
    sampler = Sampler()
    dataset = SimpleNamespace(teacher_scores=scores)
    loader = SimpleNamespace(sampler=sampler, dataset=dataset)
    hook = TeacherLabelHook(order)
    hook.before_train(SimpleNamespace(train_dataloader=loader))
    p = scores.softmax(-1)
    for k in range(K):
        own = [i for i in range(60) if p[i].argmax() == k]
        if order == 'confident':
            own.sort(key=lambda i: -p[i].max())
        kept = [i for i, label in sampler.selection.items() if label == k]
        assert len(kept) in (len(own) // 5, len(own) // 5 + 1)
        assert set(kept) == set(own[: len(kept)])


def test_without_a_teacher():
    dataset = SimpleNamespace(teacher_scores=None)
    loader = SimpleNamespace(sampler=Sampler(), dataset=dataset)
    with pytest.raises(ValueError, match='train_dataloader.dataset.teacher'):
        TeacherLabelHook().before_train(
            SimpleNamespace(train_dataloader=loader)
        )

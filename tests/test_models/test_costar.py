"""Co-STAR: its weights, loss, memory, teacher and neck, against loops."""

from importlib.util import find_spec
from itertools import combinations
from math import ceil, exp, log

import pytest
import torch
from helpers.configs import method_model
from helpers.runs import SeenLosses, differing, make_runner, state_of, train
from mmaction.registry import MODELS
from mmengine.hooks import Hook

from mmaction_uda.faults import Faults
from mmaction_uda.inference import load_trained
from mmaction_uda.models.losses import (
    AdaptiveCurriculum,
    CoSTARLoss,
    PredictionMemory,
    reliability,
)
from mmaction_uda.models.utils import Outputs, SampleTensors

S, T, V = 2, 9, 2


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def softmax(row: list, temperature: float = 1.0) -> list:
    powers = [exp(x / temperature) for x in row]
    return [x / sum(powers) for x in powers]


def kl(p: list, q: list) -> float:
    return sum(a * log(a / b) for a, b in zip(p, q) if a)


def mean(rows) -> list:
    return [sum(column) / len(rows) for column in zip(*rows)]


# -- weights ------------------------------------------------------------------
def test_reliability():
    p, q = softmax(draw(5).tolist()), softmax(draw(5).tolist())
    wanted = exp(-0.5 * 0.5 * (kl(p, q) + kl(q, p)))
    logs = (torch.tensor(x, dtype=torch.float64).log() for x in (p, q))
    assert reliability(*logs).item() == pytest.approx(wanted, abs=1e-12)
    far = torch.tensor([[0.0, 2e4], [2e4, 0.0]]).log_softmax(-1)
    assert reliability(far[0], far[1]) == 0  # finite
    assert reliability(far, far).tolist() == [1, 1]


def batch(classes: int, sharpness: float = 1.0) -> tuple:
    """Outputs and samples: ``S`` source rows, ``T`` targets."""
    logits = sharpness * draw(S + T, V, classes)
    outputs = Outputs(
        logits.requires_grad_(),
        None,
        None,
        averaged_logits=sharpness * draw(S + T, V, classes),
    )
    scores = sharpness * draw(S + T, classes)
    scores[:S] = torch.nan
    places = torch.tensor([-1] * S + [3, 0, 7, 5, 1, 9, 4, 2, 8])
    labels = torch.full((S + T,), -1)
    return outputs, SampleTensors(labels, S, scores, indices=places)


def rows_by_hand(outputs, samples, loss, progress: float) -> list:
    """``(w, KL, CE)`` of every target row, CE None without a label."""
    found = []
    for i in range(S, S + T):
        z = mean(outputs.logits[i].tolist())
        p = softmax(z, 2)
        p_t = softmax(mean(outputs.averaged_logits[i].tolist()), 2)
        scores = samples.teacher_scores[i].tolist()
        p_r = softmax(scores, loss.reliability_temperature)
        p_c = softmax(scores, loss.label_temperature)
        r = exp(-0.25 * (kl(p_t, p_r) + kl(p_r, p_t)))
        w = min(max(r * exp(0.6 * progress), 0.1), 0.6)
        sure = [x for x in (p_t, p_c) if max(x) >= loss.threshold]
        if p_t.index(max(p_t)) == p_c.index(max(p_c)):
            sure = [p_t]
        label = None
        if sure:
            surest = max(sure, key=max)
            label = surest.index(max(surest))
        entropy = label is not None and -log(softmax(z)[label])
        found.append((w, kl(p_t, p), entropy))
    return found


@pytest.mark.parametrize('weighting', ['row', 'mean'])
@pytest.mark.parametrize('classes, sharpness', [(5, 1.0), (12, 0.7)])
def test_loss_is_the_loop(classes, sharpness, weighting):
    """With twelve classes some rows have no label and are left out."""
    torch.manual_seed(0)
    outputs, samples = batch(classes, sharpness)
    loss = CoSTARLoss(
        reliability_temperature=0.25,
        label_temperature=0.8,
        threshold=0.1 if classes < 10 else 0.2,
        limits=(0.1, 0.6),
        weighting=weighting,
    )
    loss.set_progress(0.25, 0.0)
    found = loss(outputs, samples)
    rows = rows_by_hand(outputs, samples, loss, 0.25)
    kept = [row for row in rows if row[2] is not False]
    assert (len(kept) < T) == (classes == 12) and len(kept) > 2
    weight = sum(w for w, _, _ in kept) / len(kept)
    assert len({w for w, _, _ in kept}) > 2
    distill = sum((1 - w) * d for w, d, _ in kept) / len(kept)
    pseudo = sum(w * c for w, _, c in kept) / len(kept)
    if weighting == 'mean':  # two means, weighed afterwards
        means = mean(kept)
        distill, pseudo = (1 - weight) * means[1], weight * means[2]
    wanted = dict(loss_distill=distill, loss_pseudo=pseudo, weight=weight)
    wanted['selected'] = len(kept) / T
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name].item() == pytest.approx(value, abs=1e-9), name
    total = found['loss_distill'] + found['loss_pseudo']
    (grad,) = torch.autograd.grad(total, outputs.logits)
    assert not grad[:S].any()
    assert grad[S:].flatten(1).any(1).sum() == len(kept)
    # No label of the target is looked at.
    samples.labels[:] = 1
    again = loss(outputs, samples)
    assert again == found


# -- the curriculum -----------------------------------------------------------
def test_curriculum_is_the_loop():
    """Some rows are not drawn, one is one too many, one is sure and moves."""
    torch.manual_seed(2)
    options = dict(scale=2.0, ratio=0.4, mix=0.3, length=3)
    curriculum = AdaptiveCurriculum(**options).double()
    places = torch.arange(T)
    sure = torch.tensor([9.0, 0, 0]).double().softmax(-1)
    history = []
    for step in range(5):
        p = (3 * draw(T, 3)).softmax(-1)
        if step < 4:
            p[:6] = sure  # stands still afterwards, or does not
        else:
            p[0], p[1] = sure, sure.flip(0)
        history.append(p)
        weights = torch.rand(T).double()
        progress = torch.tensor(0.2 * step)
        state = torch.get_rng_state()
        found = curriculum(weights, p.log(), places, progress)
        torch.set_rng_state(state)
        draws, looked_at, changed = torch.rand(T).tolist(), 0, []
        for i in range(T):
            w, past = weights[i].item(), history[:-1][-3:]
            before = mean([x[i].tolist() for x in past]) if past else [0] * 3
            own = p[i].tolist()
            drawn = draws[i] < 1 - exp(-2.0 * 0.2 * step)
            looked_at += drawn
            moved = kl(before, own) / 3
            change = max(own) < 0.8 or (moved < 0.04 and max(before) > 0.8)
            if drawn and looked_at <= int(0.4 * T) and change:
                w = (1 - w) * 0.3 + w * (1 - 0.3)
                changed.append(i)
            assert found[i].item() == pytest.approx(w, abs=1e-12)
        assert bool(changed) == (step > 0)
    assert 0 in changed and 1 not in changed and looked_at > int(0.4 * T)
    with pytest.raises(ValueError, match='curriculum.mix must be in'):
        AdaptiveCurriculum(mix=2)


def test_memory_of_the_last_predictions():
    torch.manual_seed(3)
    memory, seen = PredictionMemory(length=4).double(), {}
    for step in range(12):
        places = torch.randperm(6 + step)[:5]
        rows = draw(5, 3).softmax(-1)
        found = memory.mean(places, 3)
        for i, place in enumerate(places.tolist()):
            past = seen.setdefault(place, [])[-4:]
            wanted = mean(past) if past else [0] * 3
            assert found[i].tolist() == pytest.approx(wanted, abs=1e-12)
            seen[place].append(rows[i].tolist())
        memory.push(places, rows)
    assert any(len(past) > 4 for past in seen.values())
    other = PredictionMemory(length=4).double()
    stored = {f'memory.{k}': v for k, v in state_of(memory).items()}
    other.make_room(stored, 'memory.')
    other.load_state_dict(memory.state_dict())
    assert not differing(state_of(other), state_of(memory))
    assert not memory.predictions[memory.counts == 0].any()


def test_curriculum_of_the_loss():
    """It changes the loss of the second epoch, by the place of a video."""
    outputs, samples = batch(5)
    changes = dict(scale=1e3, ratio=1.0, mix=1.0, sure=1.0)  # all rows
    loss = CoSTARLoss(limits=(0.2, 0.2), curriculum=changes)
    loss(outputs, samples)
    torch.testing.assert_close(loss(outputs, samples)['weight'].item(), 0.2)
    loss.set_progress(0.5, 0.0)
    assert loss(outputs, samples)['weight'].item() == pytest.approx(0.8)
    assert loss.curriculum.memory.counts.tolist() == [3] * 6 + [0] + [3] * 3
    assert not loss.state_dict().keys() - {
        'curriculum.memory.predictions',
        'curriculum.memory.counts',
    }


def test_what_is_missing_is_named():
    outputs, samples = batch(5)
    with pytest.raises(Faults, match="model.type='MeanTeacherRecognizer'"):
        CoSTARLoss()(outputs._replace(averaged_logits=None), samples)
    samples.indices = None
    with pytest.raises(Faults, match='places of target videos'):
        CoSTARLoss(curriculum={})(outputs, samples)
    samples.teacher_scores = None
    with pytest.raises(Faults, match='train_dataloader.dataset.teacher'):
        CoSTARLoss()(outputs, samples)
    with pytest.raises(ValueError, match='loss_pseudo.weighting'):
        CoSTARLoss(weighting='rows')


# -- the neck -----------------------------------------------------------------
def test_neck_is_the_loop():
    torch.manual_seed(4)
    frames, width = 5, 6
    config = method_model('costar_source')['neck']
    config.update(num_frames=frames, in_channels=width, num_subsets=4)
    neck = MODELS.build(config).double().eval()
    x = draw(2, 3, frames, width)
    scales = []
    for size, relation in zip(range(frames, 1, -1), neck.relations):
        listed = list(combinations(range(frames), size))
        n, m = len(listed), min(4, len(listed))
        first, second = relation[0], relation[3]
        rows = 0
        for subset in (listed[ceil(i * n / m)] for i in range(m)):
            joined = torch.cat([x[:, :, t] for t in subset], -1)
            rows = rows + second(first(joined).clamp(min=0)).clamp(min=0)
        scales.append(rows)
    assert len(scales) == 4
    found, losses = neck(x)
    torch.testing.assert_close(found, sum(scales) / 4)
    assert not losses
    outer = MODELS.build(dict(config, scale_fusion='sum')).double().eval()
    outer.load_state_dict(neck.state_dict())
    torch.testing.assert_close(outer(x)[0], 4 * found)
    with pytest.raises(ValueError, match='neck.scale_fusion'):
        MODELS.build(dict(config, scale_fusion='max'))
    with pytest.raises(ValueError, match='needs neck.relation_channels'):
        MODELS.build(dict(config, relation_channels=None))


def test_neck_has_as_many_weights_as_theirs():
    """Of ViT-L/14's 768, without the classifier."""
    with torch.device('meta'):
        neck = MODELS.build(
            dict(method_model('costar_source')['neck'], in_channels=768)
        )
    assert sum(p.numel() for p in neck.parameters()) == 55_061_760
    assert [len(r.subsets) for r in neck.relations] == [1] + 14 * [9]


# -- the teacher --------------------------------------------------------------
def small_model(**changes):
    neck = dict(method_model('costar_source')['neck'], num_frames=3)
    neck.update(in_channels=6, relation_channels=4, hidden_channels=5)
    return MODELS.build(
        dict(
            type='MeanTeacherRecognizer',
            backbone=dict(type='FrozenBackbone', features='made', cached=True),
            data_preprocessor=dict(
                type='UDADataPreprocessor', train_domain='target'
            ),
            neck=neck,
            cls_head=dict(type='MLPClsHead', num_classes=5, frozen=False),
            label_domain=None,
            feature_scale=None,
            loss_pseudo=dict(type='CoSTARLoss', curriculum={}),
            **changes,
        )
    ).double()


def test_teacher_follows_the_model():
    torch.manual_seed(5)
    model = small_model(momentum=0.1, teacher_dropout=False).train()
    assert model.neck.training and not model.teacher.training
    model.neck.init_weights()
    for weights in model.neck.parameters():
        weights.data.normal_()
    model.init_weights()
    own = [*model.neck.parameters(), *model.cls_head.parameters()]
    taught = [*model.teacher.parameters()]
    assert all(map(torch.equal, own, taught))
    assert not any(weights.requires_grad for weights in taught)

    places, labels = torch.arange(4), torch.full((4,), -1)
    samples = SampleTensors(labels, 0, draw(4, 5), indices=places)
    x = draw(4, 1, 3, 6)
    outputs, _ = model.outputs(x, samples)
    assert not torch.equal(outputs.logits, outputs.averaged_logits)
    model.eval()  # without dropout they are the same
    outputs, _ = model.outputs(x, samples)
    torch.testing.assert_close(outputs.logits, outputs.averaged_logits)
    for weights in own:
        weights.data += 1
    before = [weights.clone() for weights in taught]
    losses = model.loss(x, samples)
    assert {k for k in losses if 'loss' in k} == {
        'loss_distill',
        'loss_pseudo',
    }
    for new, old, student in zip(taught, before, own):
        torch.testing.assert_close(new, 0.9 * old + 0.1 * student)
    assert small_model().train().teacher.training


# -- the demo -----------------------------------------------------------------
class Interruption(Hook):
    """Raises within the second epoch."""

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        if runner.epoch == 1 and batch_idx == 1:
            raise KeyboardInterrupt


@pytest.mark.skipif(find_spec('transformers') is None, reason='no extra hf')
def test_an_interrupted_training_goes_on(make_config):
    """Memory, teacher and draws: bit for bit as uninterrupted."""
    cfg = make_config('costar_demo')
    cfg.train_cfg.update(max_epochs=2, val_interval=2)
    cfg.train_dataloader.batch_size = 4
    losses = SeenLosses()
    whole = state_of(train(cfg, losses).model)
    counts = whole['loss_pseudo.curriculum.memory.counts']
    assert counts.tolist() == 32 * [2]
    shape = whole['loss_pseudo.curriculum.memory.predictions'].shape
    assert shape == (32, 10, 8)
    assert all(0 <= step['weight'] < 0.601 for step in losses.losses)
    cfg.work_dir = 'interrupted'
    with pytest.raises(KeyboardInterrupt):
        train(cfg, Interruption())
    cfg.resume = True
    runner = make_runner(cfg)
    runner.train()
    assert not differing(whole, state_of(runner.model))
    # The memory is as large as the list, also where none is read.
    trained = load_trained(cfg, 'interrupted/epoch_2.pth', 'cpu')
    assert not differing(whole, state_of(trained))

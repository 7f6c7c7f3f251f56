"""UNITE: trusted labels, masks, and the transformers that see through them."""

import re
from importlib.util import find_spec

import pytest
import torch
import torch.nn.functional as F
from helpers.configs import method_model
from mmaction.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS

from mmaction_uda.faults import Faults
from mmaction_uda.models.backbones import TunedBackbone
from mmaction_uda.models.backbones.patches import PartlySeen
from mmaction_uda.models.layers import PatchMask, greedy_masks
from mmaction_uda.models.losses import MatchOrConfLoss, match_or_conf
from mmaction_uda.models.utils import Outputs, SampleTensors

STAM = dict(type='STAM', num_frames=4, img_size=32, embed_dims=24, depth=2)
STAM.update(num_heads=2, temporal_depth=0)
VIT = dict(type='VisionTransformer', img_size=32, embed_dims=24, depth=2)
VIT.update(num_heads=2, num_frames=4)
SMALL = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=2)
SMALL.update(intermediate_size=48, image_size=32, patch_size=16)


def probabilities(rows: int, classes: int, sharp: float) -> torch.Tensor:
    return (sharp * torch.randn(rows, classes).double()).softmax(-1)


# -- trusted labels -----------------------------------------------------------
@pytest.mark.parametrize('classes, fires', [(8, False), (12, True)])
def test_match_or_conf(classes, fires):
    """With K <= 10 every row is sure at 0.1: only matches are selected."""
    torch.manual_seed(0)
    student = probabilities(4000, classes, 0.1)
    teacher = probabilities(4000, classes, 0.1)
    conf = 0
    for p, q, label in zip(
        student, teacher, match_or_conf(student, teacher, 0.1)
    ):
        match = p.argmax() == q.argmax()
        sure = [bool(x.max() >= 0.1) for x in (p, q)]
        one = not match and sure.count(True) == 1
        conf += one
        trusted = p if match or sure[0] else q
        assert label == (trusted.argmax() if match or one else -1)
    assert (conf > 100) == fires
    assert fires or conf == 0


@pytest.mark.parametrize('labels', ['trusted', 'student'])
@pytest.mark.parametrize('weak', [True, False])
def test_loss_is_the_loop(labels, weak):
    torch.manual_seed(1)
    logits = torch.randn(3 + 40, 2, 12).double().requires_grad_()
    teacher = probabilities(43, 12, 0.2)
    student = probabilities(40, 12, 0.2)
    if not weak:
        student = logits[3:].detach().softmax(-1).mean(1)
    samples = SampleTensors(torch.full((43,), -1), 3, teacher.log())
    samples.student_scores = student if weak else None
    loss = MatchOrConfLoss(threshold=0.12, labels=labels)
    found = loss(Outputs(logits, None, None), samples)
    trusted = match_or_conf(student, teacher[3:], 0.12)
    rows = []
    for i in (trusted >= 0).nonzero()[:, 0]:
        label = trusted[i] if labels == 'trusted' else student[i].argmax()
        views = [F.cross_entropy(v, label) for v in logits[3 + i]]
        rows.append(student[i].max() * sum(views) / 2)
    share = len(rows) / 40
    assert 0 < share < 1 and found['selected'] == share
    expected = share * torch.stack(rows).mean()
    torch.testing.assert_close(found['loss_pseudo'], expected)
    a, b = (
        torch.autograd.grad(x, logits, retain_graph=True)[0]
        for x in (found['loss_pseudo'], expected)
    )
    torch.testing.assert_close(a, b)
    assert not a[:3].any()


def test_without_a_teacher():
    student = torch.tensor([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]).double()
    samples = SampleTensors(torch.full((3,), -1), 0, None, student)
    outputs = Outputs(torch.zeros(3, 1, 2).double(), None, None)
    found = MatchOrConfLoss(0.8, teacher='none')(outputs, samples)
    expected = (0.9 + 0.8) / 3 * torch.tensor(2.0).double().log()
    torch.testing.assert_close(found['loss_pseudo'], expected)
    with pytest.raises(Faults, match='dataset.teacher'):
        MatchOrConfLoss()(outputs, samples)


# -- masks --------------------------------------------------------------------
def test_greedy_masks_share_the_ranks_out():
    scores = torch.tensor([[5.0, 1, 4, 2, 3, 0]])  # ranks 0 5 1 3 2 4
    first, second = greedy_masks(scores, 2, 2)
    order = [0, 2, 4, 3, 1, 5]
    assert sorted(first[0].nonzero().flatten().tolist()) == sorted(order[:4:2])
    assert sorted(second[0].nonzero().flatten().tolist()) == sorted(
        order[1:4:2]
    )


@pytest.mark.parametrize('number', [1, 2, 3])
def test_masks_are_disjoint(number):
    torch.manual_seed(0)
    scores = torch.rand(3, 8, 196, dtype=torch.float64)
    masks = greedy_masks(scores, number, 40)
    assert masks.shape == (number, 3, 8, 196)
    assert masks.sum(0).max() == 1 and masks.sum(-1).eq(40).all()
    seen = scores.masked_fill(~masks.any(0), -1).sort(-1).values
    assert seen[..., 0].lt(0).all()
    best = scores.sort(-1, descending=True).values[..., : 40 * number]
    torch.testing.assert_close(seen.flip(-1)[..., : 40 * number], best)


def test_a_mask_is_drawn_in_every_step():
    patches = torch.rand(2, 8, 196, 3)
    mask = PatchMask(ratio=0.8, num_masks=2)
    both = mask(None, patches)
    assert both.shape == (2, 2, 8, 196) and both.sum(-1).eq(40).all()
    assert not torch.equal(both, mask(None, patches))
    assert not torch.equal(both[:, 0], both[:, 1])
    last = PatchMask(used='last')
    torch.manual_seed(3)
    both = mask(None, patches)
    torch.manual_seed(3)
    assert torch.equal(last(None, patches), both[1:])
    with pytest.raises(ValueError, match='sharing'):
        PatchMask(ratio=0.4)(None, patches)


def test_a_guide_scores_the_patches():
    """The softmax of the last block, from the tokens that go into it."""
    if find_spec('transformers') is None:
        pytest.skip('transformers is not installed')
    guide = MODELS.build(
        dict(type='ClassAttention', backbone=hf('clip_vision_model'), seed=0)
    )
    assert not list(guide.parameters()) and not guide.state_dict()
    (net,) = guide._net
    clips = clips_of()[:, 0].transpose(1, 2)
    seen = []
    last = net.encoder.layers[-1]
    last.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    found = guide(clips, (2, 4))  # two frames a step
    x = last.layer_norm1(seen[0])
    q, k = (
        layer(x).unflatten(-1, (2, 12)).transpose(1, 2)
        for layer in (last.self_attn.q_proj, last.self_attn.k_proj)
    )
    attention = (q[:, :, :1] @ k.mT / 12**0.5).softmax(-1)[:, :, 0, 1:]
    expected = attention.mean(1).view(3, 2, 2, 4).mean(2)
    torch.testing.assert_close(found, expected)
    mask = PatchMask(ratio=0.5, num_masks=2)
    mask.guide = guide
    masks = mask(clips, torch.empty(3, 2, 4, 7))
    assert torch.equal(masks, greedy_masks(found, 2, 2))
    with pytest.raises(Faults, match='into 4 patches, the tuned net into 16'):
        guide(clips, (2, 16))


# -- transformers -------------------------------------------------------------
def hf(name: str, **settings) -> dict:
    video = name in ('videomae', 'vivit')
    kind = 'HFVideoBackbone' if video else 'HFImageBackbone'
    return dict(type=kind, config=dict(model_type=name, **SMALL, **settings))


NETS = dict(
    stam=(STAM, 1),
    vit=(VIT, 2),
    videomae=(hf('videomae', num_frames=4, use_mean_pooling=False), 2),
    vivit=(hf('vivit', num_frames=4, tubelet_size=[2, 16, 16]), 2),
    clip=(hf('clip_vision_model'), 1),
    dinov2=(hf('dinov2'), 1),
    registers=(hf('dinov2_with_registers', num_register_tokens=2), 1),
)


def tuned(name: str, **kwargs) -> TunedBackbone:
    net, _ = NETS[name]
    if net['type'].startswith('HF') and find_spec('transformers') is None:
        pytest.skip('transformers is not installed')
    reading = dict(mixes_time=False) if name == 'stam' else None
    return TunedBackbone(net, seed=0, tokens=reading, **kwargs).eval()


def clips_of(seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, 1, 3, 4, 32, 32, generator=generator)


@pytest.mark.parametrize('name', NETS)
def test_hidden_patches_change_nothing(name):
    """All seen is the net as it is; what is hidden has no influence."""
    net, clips = tuned(name), clips_of()
    steps = 4 // NETS[name][1]
    everything = torch.ones(3, steps, 4, dtype=torch.bool)
    torch.testing.assert_close(net(clips, everything), net(clips))
    kept = everything.clone()
    kept[0, :, 1] = False  # the upper right
    kept[1, -1] = torch.tensor([True, False, False, True])
    found = net(clips, kept)
    assert found.shape == net(clips).shape
    assert not torch.allclose(found[:2], net(clips)[:2], atol=1e-3)
    torch.testing.assert_close(found[2], net(clips)[2])
    other = clips.clone()
    other[0, :, :, :, :16, 16:] = 9.0
    other[1, :, :, -NETS[name][1] :, 16:, :16] = 9.0
    torch.testing.assert_close(net(other, kept), found)
    for i in range(3):  # rows that see different numbers share a batch
        alone = net(clips[i : i + 1], kept[i : i + 1])
        torch.testing.assert_close(alone[0], found[i])


def test_seen_patches_are_those_of_videomae():
    """transformers leaves patches out by itself, in its pre-training."""
    net, clips = tuned('videomae'), clips_of()
    torch.manual_seed(0)
    kept = greedy_masks(torch.rand(3, 8), 1, 3)[0]
    seen = net.net.net(
        clips[:, 0].transpose(1, 2), bool_masked_pos=~kept
    ).last_hidden_state
    part = PartlySeen(net.net, kept, fill=True)(clips[:, 0])
    part = part.flatten(2).transpose(1, 2)  # [n, t p, c]
    torch.testing.assert_close(part[kept].view_as(seen), seen)
    torch.testing.assert_close(part.mean(1), seen.mean(1))


def test_gradient_reaches_what_is_seen_alone():
    net, clips = tuned('vit').train(), clips_of().requires_grad_()
    kept = torch.zeros(3, 2, 4, dtype=torch.bool)
    kept[..., 0] = True
    net(clips, kept).square().sum().backward()
    upper_left = clips.grad[..., :16, :16]
    assert upper_left.abs().sum() > 0
    torch.testing.assert_close(upper_left.abs().sum(), clips.grad.abs().sum())


def test_nets_that_are_no_such_transformers():
    net = TunedBackbone(dict(type='ShiftNet', widths=(5,)), seed=0)
    with pytest.raises(ValueError, match='ShiftNet does not take a part'):
        net.grid  # noqa: B018
    select = dict(type='MotionTokens')
    with pytest.raises(ValueError, match='videomae'):
        TunedBackbone(dict(type='ShiftNet'), seed=0, select=select)


# -- the recognizer and its optimizer -----------------------------------------
@pytest.fixture
def recognizer():
    torch.manual_seed(0)
    cfg = method_model('unite')
    cfg['backbone'] = dict(type='TunedBackbone', backbone=VIT, seed=0)
    cfg['neck'].update(in_channels=24, init_cfg=None)
    cfg['cls_head'].update(num_classes=5, init_cfg=None)
    cfg['mask'].update(ratio=0.5)
    cfg['loss_pseudo'].update(teacher='none', threshold=0.0)
    return MODELS.build(cfg)


def test_masks_are_views_of_the_target(recognizer):
    clips = clips_of()
    samples = SampleTensors(torch.tensor([1, -1, -1]), 1)
    tokens = recognizer._tokens(clips, samples)
    whole = recognizer.backbone(clips)
    assert tokens.shape == (3, 2, 2, 24)
    for view in range(2):
        torch.testing.assert_close(tokens[:1, view], whole[:1, 0])
    assert not torch.allclose(tokens[1:, 0], tokens[1:, 1], atol=1e-3)
    tested, _ = recognizer.extract_feat(clips, stage='backbone')
    torch.testing.assert_close(tested, whole)


def test_weak_views_give_the_labels(recognizer):
    clips, weak = clips_of(), clips_of(1)[:2]
    samples = SampleTensors(torch.tensor([1, -1, -1]), 1)
    feats, _ = recognizer.extract_feat(weak)
    scores = recognizer.cls_head(feats)[:, 0].softmax(-1)
    torch.manual_seed(5)
    found = recognizer.loss(clips, samples, weak=weak)
    torch.testing.assert_close(samples.student_scores, scores.detach())
    torch.manual_seed(5)
    outputs, _ = recognizer.outputs(clips, samples)
    rows = [
        F.cross_entropy(view, s.argmax()) * s.max() / 2
        for logits, s in zip(outputs.logits[1:], scores)
        for view in logits
    ]
    torch.testing.assert_close(
        found['loss_pseudo'], (sum(rows) / 2).detach(), check_dtype=False
    )
    expected = F.cross_entropy(outputs.logits[:1, 0], samples.labels[:1])
    torch.testing.assert_close(found['loss_cls'], expected)


@pytest.mark.parametrize('name', ['stam', 'vit', 'videomae', 'clip'])
def test_learning_rates_fall_from_layer_to_layer(name):
    model = torch.nn.Module()
    model.backbone = tuned(name)
    model.neck = torch.nn.LayerNorm(24)
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type='LayerDecayConstructor',
            optim_wrapper_cfg=dict(
                optimizer=dict(type='AdamW', lr=0.1, weight_decay=0.5)
            ),
            paramwise_cfg=dict(layer_decay=0.5, flat_decay_mult=0.0),
        )
    )
    groups = constructor(model).optimizer.param_groups
    found = {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in groups
        for parameter in group['params']
    }
    names = dict(model.named_parameters())
    assert len(found) == len(names)
    for key, parameter in names.items():
        block = re.search(r'(?:blocks|layers?)\.(\d)\.', key)
        early = re.search('embed|cls_token|pre_layrnorm', key)
        above = 2 - int(block[1]) if block else 3 if early else 0
        flat = key.startswith('backbone') and parameter.ndim <= 1
        rate, decay = found[id(parameter)]
        assert rate == 0.1 * 0.5**above, key
        assert decay == (0.0 if flat or key.startswith('neck') else 0.5), key

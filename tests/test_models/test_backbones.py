"""Every backbone of the table: tokens, their order, a step of training."""

import re
import sys
from itertools import combinations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers.configs import ROOT, reduce_config
from helpers.data import write_videos
from helpers.runs import SeenLosses, state_of, train
from mmaction.registry import MODELS
from mmengine.hooks import Hook
from torch import Tensor, nn

from mmaction_uda.config import load_config
from mmaction_uda.datasets import SampleFeature
from mmaction_uda.models.backbones import FrozenBackbone
from mmaction_uda.models.backbones.tokens import reading_of

sys.path.insert(0, str(ROOT / 'tools/bench'))
from _zoo import FAST, PATHWAY, ZOO  # noqa: E402
from bench_backbones import measure  # noqa: E402

NARROW = dict(base_channels=16)
SWIN = dict(embed_dims=24, depths=[2, 2, 2, 2], num_heads=[1, 2, 4, 8])
VIT = dict(embed_dims=64, num_heads=2)
# By type: what makes a full-size net small, its kind of output unchanged.
SHRINK = {
    'C2D': dict(depth=18),
    'C3D': dict(out_dim=512),
    'MobileNetV2': dict(widen_factor=0.25),
    'MobileNetV2TSM': dict(widen_factor=0.25),
    'MViT': dict(
        arch=dict(
            embed_dims=24,
            num_layers=4,
            num_heads=1,
            downscale_indices=[1, 2, 3],
        )
    ),
    'OmniResNet': dict(layers=[1, 1, 1, 1]),
    'ResNet': dict(depth=18),
    'ResNetTSM': dict(depth=18),
    'ResNet2Plus1d': dict(depth=18, **NARROW),
    'ResNet3d': NARROW,
    'ResNet3dCSN': NARROW,
    'ResNet3dSlowFast': dict(
        slow_pathway=dict(PATHWAY, base_channels=16),
        fast_pathway=dict(FAST, base_channels=2),
    ),
    'ResNet3dSlowOnly': NARROW,
    'STAM': dict(
        depth=2, temporal_depth=1, temporal_heads=2, temporal_hidden=64, **VIT
    ),
    'SwinTransformer3D': dict(arch=SWIN),
    'TANet': dict(
        num_stages=2, out_indices=(1,), strides=(1, 2), dilations=(1, 1)
    ),
    'TimeSformer': dict(num_transformer_layers=2, **VIT),
    'UniFormer': dict(
        depth=[1, 1, 1, 1], embed_dim=[16, 32, 64, 128], head_dim=16
    ),
    'UniFormerV2': dict(
        width=64,
        layers=2,
        heads=2,
        return_list=[1],
        n_layers=1,
        n_dim=64,
        n_head=2,
        mlp_dropout=[0.5],
    ),
    'VisionTransformer': dict(depth=2, **VIT),
    'X3D': dict(gamma_d=1),
    'mmpretrain.ConvNeXt': dict(
        arch=dict(depths=[1, 1, 1, 1], channels=[16, 32, 64, 128])
    ),
    'mmpretrain.ResNet': dict(depth=18),
    'mmpretrain.SwinTransformer': dict(arch=SWIN),
    'mmpretrain.VisionTransformer': dict(
        arch=dict(num_layers=2, feedforward_channels=128, **VIT)
    ),
}
# Tokens of a clip, and their width in the small net.
EXPECTED = {
    'EfficientNet-Lite0': (8, 1280),
    'InceptionI3D': (2, 1024),
    'InceptionI3D, a window for every frame': (16, 1024),
    'STAM-16, a window for every frame': (16, 64),
    'ShiftNet': (16, 128),
    'ResNet-50': (8, 512),
    'ResNetTSM-50': (8, 512),
    'MobileNetV2': (8, 1280),
    'MobileNetV2TSM': (8, 1280),
    'MobileOneTSM-s0': (8, 1024),
    'TANet-50': (8, 512),
    'ResNet3d-50 (I3D)': (4, 512),
    'ResNet3d-50 (I3D), dense in time': (4, 512),
    'ResNet3dSlowOnly-50': (8, 512),
    'ResNet3dSlowFast-50': (4, 576),
    'OmniResNet-50': (8, 2048),
    'ResNet3dCSN-50': (4, 512),
    'C2D-50': (8, 512),
    'R(2+1)D-34': (7, 128),
    'C3D': (4, 512),
    'X3D-M': (16, 432),
    'TimeSformer-B divided': (8, 64),
    'TimeSformer-B joint': (8, 64),
    'TimeSformer-B space only': (8, 64),
    'SwinTransformer3D-T': (8, 192),
    'MViT-S': (8, 192),
    'UniFormer-S': (8, 128),
    'UniFormerV2-B/16': (8, 64),
    'VisionTransformer-S (VideoMAE)': (8, 64),
    'mmpretrain.ResNet-50': (8, 512),
    'mmpretrain.VisionTransformer (deit-s)': (8, 64),
    'mmpretrain.ConvNeXt-T': (8, 128),
    'mmpretrain.SwinTransformer-T': (8, 192),
}
PER_FRAME = ['EfficientNet-Lite0', 'ResNet-50', 'MobileNetV2']
PER_FRAME += [name for name in ZOO if name.startswith('mmpretrain.')]
# The last activations of MobileOneTSM's random weights are 1e6 times the
# first: which token changes most then depends on the seed.
ORDERED = [n for n in ZOO if n not in PER_FRAME and 'MobileOne' not in n]
SHIFT_NET = dict(type='ShiftNet', widths=(4, 6))


def small(name: str):
    """Backbone, frames, their size and other arguments, small enough."""
    backbone, frames, kwargs = ZOO[name]
    # These have a fixed width.
    size = 32 if backbone['type'] in ('C3D', 'InceptionI3D') else 64
    sizes = {
        key: size
        for key in ('img_size', 'spatial_size', 'input_resolution')
        if key in backbone
    }
    backbone = {**backbone, **sizes, **SHRINK.get(backbone['type'], {})}
    return backbone, frames, size, kwargs


def video(seed: int, frames: int, size: int = 64) -> Tensor:
    """A view ``[3, T, size, size]`` that moves over a smooth picture.

    Random nets hardly tell one white noise from another.
    """
    generator = torch.Generator().manual_seed(seed)
    side = size + 2 * frames
    coarse = torch.randn(1, 3, side // 20, side // 20, generator=generator)
    picture = F.interpolate(coarse, size=(side, side), mode='bicubic')[0]
    views = [
        picture[:, 2 * t : 2 * t + size, t : t + size] for t in range(frames)
    ]
    return torch.stack(views, 1)


def videos(first_seed: int, num: int, frames: int, size: int = 64) -> Tensor:
    """``[num, 1, 3, T, size, size]``"""
    seeds = range(first_seed, first_seed + num)
    return torch.stack([video(s, frames, size)[None] for s in seeds])


def replaced(a: Tensor, b: Tensor, segment: int, num: int) -> Tensor:
    """``a`` with one of its ``num`` segments from ``b``."""
    frames = a.size(3)
    part = slice(segment * frames // num, (segment + 1) * frames // num)
    mixed = a.clone()
    mixed[:, :, :, part] = b[:, :, :, part]
    return mixed


def centre(net: nn.Module) -> None:
    """Give temporal convolutions a centre, which random kernels have not."""
    for module in net.modules():
        if isinstance(module, nn.Conv3d):
            length = module.kernel_size[0]
            taps = torch.full((length,), 0.1)
            taps[length // 2] = 1
            module.weight.data *= taps[:, None, None]


def test_every_backbone_is_expected():
    assert list(EXPECTED) == list(ZOO)
    mixing = {name: reading_of(ZOO[name][0]).mixes_time for name in ZOO}
    assert mixing == {name: name not in PER_FRAME for name in ZOO}


@pytest.mark.parametrize('name', ZOO)
def test_tokens(name):
    backbone, frames, size, kwargs = small(name)
    net = FrozenBackbone(backbone, seed=0, **kwargs)
    x = videos(0, 1, frames, size).requires_grad_()
    tokens = net(x)
    assert tokens.shape == (1, 1, *EXPECTED[name])
    assert tokens.dtype == torch.float32 and not tokens.requires_grad
    tokens = tokens[0, 0]
    scale = tokens.norm(dim=-1).mean()
    for a, b in combinations(tokens, 2):
        assert (a - b).norm() > 1e-3 * scale


@pytest.mark.parametrize('name', ORDERED)
def test_tokens_are_in_the_order_of_time(name):
    """Another content of a segment changes the token of that segment most."""
    backbone, frames, size, kwargs = small(name)
    tokens, pairs = EXPECTED[name][0], 3
    if 'window' in kwargs:  # side by side, so that each has frames of its own
        length = kwargs['window']['size']
        kwargs = dict(kwargs, window=dict(size=length, stride=length))
        tokens, pairs, frames = 4, 1, 4 * length
    net = FrozenBackbone(backbone, seed=0, **kwargs)
    centre(net.net)
    a = videos(0, pairs, frames, size)
    b = videos(pairs, pairs, frames, size)
    before = net(a)
    changes = [
        (net(replaced(a, b, i, tokens)) - before).norm(dim=-1).mean((0, 1))
        for i in range(tokens)
    ]
    assert torch.stack(changes).argmax(1).tolist() == list(range(tokens))


def test_pathways_meet_at_the_coarsest_step():
    backbone, frames, size, _ = small('ResNet3dSlowFast-50')
    net = FrozenBackbone(backbone, seed=0)
    x = videos(0, 2, frames, size)
    with torch.no_grad():
        slow, fast = (m.mean((3, 4)) for m in net.net(x[:, 0]))
    assert slow.shape == (2, 512, 4) and fast.shape == (2, 64, 32)
    for t, token in enumerate(net(x)[:, 0].unbind(1)):
        steps = fast[:, :, 8 * t : 8 * t + 8].mean(2)
        torch.testing.assert_close(token, torch.cat((slow[..., t], steps), 1))


@pytest.mark.parametrize(
    'name', [*PER_FRAME, 'TimeSformer-B space only', 'UniFormerV2-B/16']
)
def test_tokens_that_see_one_frame(name):
    """Two video nets mix frames only behind their tokens."""
    backbone, frames, size, kwargs = small(name)
    net = FrozenBackbone(backbone, seed=0, **kwargs)
    a, b = videos(0, 1, frames, size), videos(1, 1, frames, size)
    before = net(a)[0, 0]
    for t in range(frames):
        same = (net(replaced(a, b, t, frames))[0, 0] == before).all(-1)
        assert same.tolist() == [i != t for i in range(frames)]
    torch.testing.assert_close(net(a.flip(3))[0, 0], before.flip(0))


# -- training ---------------------------------------------------------------
@pytest.fixture(scope='module')
def dataset(tmp_path_factory) -> dict:
    """A list of four videos."""
    folder = tmp_path_factory.mktemp('videos')
    dataset = dict(
        type='VideoDataset',
        ann_file=str(folder / 'list.txt'),
        data_prefix=dict(video=str(folder)),
    )
    write_videos(dataset, 4)
    return dataset


def step_config(name: str, dataset: dict, work_dir):
    """One step of TransferAttn from the videos, by the small demo config."""
    backbone, frames, size, kwargs = small(name)
    tokens, width = EXPECTED[name]
    if 'window' in kwargs:  # as for whole videos
        tokens = 4
        sample = dict(type='SampleFeature', num_frames=4, num_views=1)
        kwargs = dict(kwargs, sample=sample)
    cfg = reduce_config(load_config('transferattn_demo'), work_dir)
    cfg.pop('prepare')
    cfg.model.backbone = dict(
        type='FrozenBackbone', backbone=backbone, seed=0, **kwargs
    )
    cfg.model.neck.update(in_channels=width, num_frames=tokens)
    pipeline = [
        dict(type='VideoInit'),
        dict(type='SampleFrames', clip_len=frames, num_clips=1),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(size, size), keep_ratio=False),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ]
    cfg.train_dataloader.dataset = dict(
        type='DomainPairDataset',
        source=dict(dataset, pipeline=pipeline),
        target=dict(dataset, pipeline=pipeline),
    )
    cfg.train_dataloader.sampler.epoch_length = 2
    for phase in ('val', 'test'):
        for part in ('dataloader', 'cfg', 'evaluator'):
            cfg[f'{phase}_{part}'] = None
    cfg.default_hooks.checkpoint = None
    return cfg


class Before(Hook):
    """Keeps the weights, of the backbone too, from before the training."""

    def before_train(self, runner) -> None:
        self.model = state_of(runner.model)
        self.net = state_of(runner.model.backbone.net)


@pytest.mark.parametrize(
    'name',
    [
        pytest.param(name, marks=[pytest.mark.full] if number % 4 else [])
        for number, name in enumerate(ZOO)
    ],
)
def test_training_step(name, dataset, tmp_path):
    losses, before = SeenLosses(), Before()
    model = train(step_config(name, dataset, tmp_path), losses, before).model
    (step,) = losses.losses
    assert step['loss'] > 0 and all(np.isfinite(v) for v in step.values())
    moved = {
        key.split('.')[0]
        for key, value in state_of(model).items()
        if not torch.equal(value, before.model[key])
    }
    assert moved == {'neck', 'domain_head'}
    for key, value in model.backbone.net.state_dict().items():
        assert torch.equal(value, before.net[key])


# -- backbones outside of the table -----------------------------------------
@MODELS.register_module(force=True)
class PatchesFirst(nn.Module):
    """Maps frames to ``[P + 1, N * T, C]``, a class token before patches."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Conv2d(3, 6, 8, 8)
        self.unused = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        patches = self.project(x).flatten(2).permute(2, 0, 1)
        return torch.cat((patches.amax(0, keepdim=True), patches))


PATCHES = dict(layout='frames', pattern='p (n t) c', patch_axis=0)


@pytest.mark.parametrize('mixes_time', [True, False])
@pytest.mark.parametrize('token', ['only', 'out', None])
def test_another_backbone_is_read_as_the_config_says(token, mixes_time):
    reading = dict(PATCHES, class_token=token, mixes_time=mixes_time)
    net = FrozenBackbone(dict(type='PatchesFirst'), seed=0, tokens=reading)
    x = torch.stack([videos(s, 2, 5, 16)[:, 0] for s in (0, 2)])
    tokens = net(x)
    assert tokens.shape == (2, 2, 5, 6)
    with torch.no_grad():
        for b, v, t in np.ndindex(2, 2, 5):
            out = net.net(x[b, v, :, t][None])[:, 0]
            part = dict(only=out[:1], out=out[1:]).get(token, out)
            torch.testing.assert_close(tokens[b, v, t], part.mean(0))


def test_module_that_is_read():
    """Several patterns, and the output of an inner module."""
    reading = dict(layout='frames', module='project', pattern='(n t) c h w')
    net = FrozenBackbone(dict(type='PatchesFirst'), seed=0, tokens=reading)
    whole = dict(PATCHES, class_token='out')
    other = FrozenBackbone(dict(type='PatchesFirst'), seed=0, tokens=whole)
    x = videos(0, 2, 5, 16)
    torch.testing.assert_close(net(x), other(x))
    assert not net.net.project._forward_hooks


def test_module_of_a_net_that_encodes_frames():
    backbone = small('STAM-16, a window for every frame')[0]
    reading = dict(module='norm', pattern='(n t) c')
    net = FrozenBackbone(backbone, seed=0, tokens=reading)
    x = videos(0, 1, 16)
    codes = net.net.encode_frames(x[0, 0].transpose(0, 1))
    torch.testing.assert_close(net(x)[0, 0], codes)


def test_scope_of_the_host_may_be_written_out():
    plain = reading_of(dict(type='ResNet3d'))
    assert reading_of(dict(type='mmaction.ResNet3d')) == plain


@pytest.mark.parametrize(
    'tokens, error, message',
    [
        (dict(patern='n c'), TypeError, 'patern'),
        (dict(layout='videos'), ValueError, 'tokens.layout'),
        (dict(class_token='yes'), ValueError, 'tokens.class_token'),
        (
            dict(layout='frames'),
            ValueError,
            r'PatchesFirst.*\(5, 10, 6\).*model\.backbone\.tokens',
        ),
        (
            dict(layout='frames', module='unused'),
            ValueError,
            "PatchesFirst never calls its 'unused'",
        ),
        (dict(layout='frames', module='head'), ValueError, "attribute 'head'"),
    ],
)
def test_wrong_reading(tokens, error, message):
    with pytest.raises(error, match=message):
        net = FrozenBackbone(dict(type='PatchesFirst'), seed=0, tokens=tokens)
        net(videos(0, 2, 5, 16))


def test_vector_of_a_clip_is_refused():
    """TimeSformer's own output: the class token of a clip."""
    backbone, frames, size, _ = small('TimeSformer-B joint')
    net = FrozenBackbone(backbone, seed=0, tokens=dict(module=None))
    with pytest.raises(ValueError, match=r'TimeSformer.*\(1, 64\)'):
        net(videos(0, 1, frames, size))


def test_shift_net_must_cut_clips_as_we_do():
    """It would mix the frames of different videos."""
    backbone, _, size, _ = small('MobileNetV2TSM')
    net = FrozenBackbone(backbone, seed=0)
    with pytest.raises(ValueError, match='num_segments=8.*clips of 12'):
        net(videos(0, 2, 12, size))
    window = dict(size=8, stride=8, pool=None)
    windowed = FrozenBackbone(backbone, seed=0, window=window)
    x = videos(0, 1, 16, size)
    halves = [net(part) for part in x.split(8, 3)]
    torch.testing.assert_close(windowed(x), torch.cat(halves, 2))


@pytest.mark.parametrize('package', ['torchvision', 'timm'])
def test_backbone_of_another_package(package):
    pytest.importorskip(package)
    net = FrozenBackbone(dict(type=f'{package}.resnet18'), seed=0)
    x = videos(0, 2, 4)
    tokens = net(x)
    assert tokens.shape == (2, 1, 4, 512)
    torch.testing.assert_close(net(x.flip(3)), tokens.flip(2))
    assert net.identity['backbone'] == dict(type=f'{package}.resnet18')


@pytest.mark.parametrize('package', ['torchvision', 'timm'])
def test_packages_that_cannot_be_imported(package, monkeypatch):
    monkeypatch.setitem(sys.modules, 'torchvision', None)
    wanted = f"'{package}.resnet18' needs torchvision, which cannot be impor"
    with pytest.raises(ImportError, match=wanted):
        FrozenBackbone(dict(type=f'{package}.resnet18'), seed=0)


# -- what determines the tokens ---------------------------------------------
@pytest.mark.parametrize(
    'name', ['ShiftNet', 'TimeSformer-B divided', 'MViT-S']
)
def test_bfloat16(name):
    backbone, frames, size, kwargs = small(name)
    net = FrozenBackbone(backbone, seed=0, **kwargs)
    half = FrozenBackbone(backbone, seed=0, precision='bfloat16', **kwargs)
    x = videos(0, 1, frames, size)
    exact, tokens = net(x), half(x)
    assert tokens.dtype == torch.float32
    assert 0 < (tokens - exact).norm() < 0.03 * exact.norm()
    assert {p.dtype for p in half.net.parameters()} == {torch.float32}


def test_unknown_precision_is_refused():
    with pytest.raises(ValueError, match='model.backbone.precision'):
        FrozenBackbone(SHIFT_NET, seed=0, precision='int8')


@pytest.mark.parametrize(
    'changes',
    [
        dict(seed=1),
        dict(precision='bfloat16'),
        dict(window=dict(size=4)),
        dict(tokens=dict(module='blocks.-1')),
        dict(backbone=dict(SHIFT_NET, shift=0.25)),
    ],
)
def test_fingerprint_follows_what_changes_tokens(changes):
    kwargs = dict(backbone=SHIFT_NET, seed=0)
    plain = FrozenBackbone(**kwargs)
    other = FrozenBackbone(**{**kwargs, **changes})
    assert plain.identity != other.identity
    assert plain.fingerprint != other.fingerprint
    cached = FrozenBackbone(**{**kwargs, **changes}, cached=True)
    assert cached.fingerprint == other.fingerprint


def test_fingerprint_of_different_windows():
    windows = [dict(size=4), dict(size=4, stride=2), dict(size=5)]
    windows += [dict(size=4, before=1), dict(size=4, pool='flatten')]
    nets = [FrozenBackbone(SHIFT_NET, seed=0, window=w) for w in windows]
    assert len({n.fingerprint for n in nets}) == len(windows)
    spelt_out = dict(size=4, stride=1, before=0, pool='mean')
    same = FrozenBackbone(SHIFT_NET, seed=0, window=spelt_out)
    assert same.fingerprint == nets[0].fingerprint


def test_fingerprint_ignores_what_changes_no_token():
    plain = FrozenBackbone(SHIFT_NET, seed=0)
    sample = dict(type='SampleFeature', num_frames=4)
    other = FrozenBackbone(SHIFT_NET, seed=0, sample=sample, max_frames=3)
    assert other.fingerprint == plain.fingerprint
    x = videos(0, 2, 8, 32)
    torch.testing.assert_close(
        FrozenBackbone(SHIFT_NET, seed=0, max_frames=3)(x), plain(x)
    )


def test_imported_features():
    net = FrozenBackbone(features='theirs', cached=True)
    x = torch.randn(2, 1, 4, 3)
    assert torch.equal(net(x), x)
    assert net.identity == dict(features='theirs')
    other = FrozenBackbone(features='others', cached=True)
    assert net.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(),
        dict(cached=True, backbone=SHIFT_NET),
        dict(cached=True, checkpoint='a.pth'),
        dict(cached=True, seed=0),
    ],
)
def test_imported_features_come_from_no_net(kwargs):
    with pytest.raises(ValueError, match="'theirs'.*cached=True"):
        FrozenBackbone(features='theirs', **kwargs)


# -- views of whole videos --------------------------------------------------
def sampling(**kwargs):
    """A net that draws views, and one that gives all tokens."""
    sample = dict(type='SampleFeature', num_frames=4, num_views=2, **kwargs)
    nets = [
        FrozenBackbone(SHIFT_NET, seed=0, sample=s) for s in (sample, None)
    ]
    return *nets, SampleFeature(4, 2, test_mode=True, **kwargs)


@pytest.mark.parametrize('rule', ['release', 'ordered'])
@pytest.mark.parametrize('frames', [3, 4, 11])
def test_views_are_those_of_stored_tokens(frames, rule):
    net, whole, transform = sampling(short_video=rule)
    net.eval()
    x = torch.stack([videos(s, 2, frames, 32)[:, 0] for s in (0, 2, 4)])
    views, tokens = net(x), whole(x)
    assert views.shape == (3, 4, 4, 6)
    for b in range(3):
        stored = [dict(features=t.numpy()) for t in tokens[b]]
        imgs = [transform.transform(results)['imgs'] for results in stored]
        assert np.array_equal(views[b], np.concatenate(imgs))
    assert torch.equal(net(x), views)


def test_views_in_training_are_random_within_segments():
    net, whole, _ = sampling()
    net.train()
    x = videos(0, 1, 16, 32)
    segments = whole(x)[0, 0].unflatten(0, (4, 4))
    seen = set()
    for _ in range(20):
        for view in net(x)[0]:
            drawn = (view[:, None] == segments).all(-1)  # [segment, frame]
            assert drawn.sum(1).tolist() == [1, 1, 1, 1]
            seen.add(tuple(drawn.int().argmax(1).tolist()))
    assert len(seen) > 20


# -- tools/bench/bench_backbones.py and its table ---------------------------
def test_table_of_the_docs():
    text = (ROOT / 'docs' / 'backbones.md').read_text()
    cells = [line.strip('| ').split(' | ') for line in text.splitlines()]
    rows = {c[0]: c for c in cells if c[0] in ZOO and len(c) == 6}
    assert list(rows) == list(ZOO)
    for name, (_, frames, tokens, *_) in rows.items():
        assert int(frames) == ZOO[name][1]
        assert int(tokens) == EXPECTED[name][0]


def test_a_measured_row():
    row = measure('ShiftNet', 1)
    assert re.fullmatch(
        r'\| ShiftNet \| 16 \| 16 \| 128 \|( [\d.]+ \|){2}', row
    )

"""RGB and flow side by side: backbones, weight files, encoders, end to end."""

import copy
import hashlib
from pathlib import Path

import pytest
import torch
from helpers.runs import make_runner, run_tool
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from torch import nn

import mmaction_uda
from mmaction_uda.apis import on_videos
from mmaction_uda.models.backbones import FrozenBackbone, TunedBackbone
from mmaction_uda.models.backbones.building import build_net, with_defaults
from mmaction_uda.models.heads import MLPClsHead, MultiModalClsHead

TWO_STREAMS = dict(
    type='TwoStreamBackbone',
    rgb=dict(type='ShiftNet', widths=(4, 8)),
    flow=dict(type='FlowShiftNet', widths=(4, 16)),
)


@pytest.fixture
def files(tmp_path) -> dict:
    """Random weights of both streams, a file each."""
    paths = {}
    for number, name in enumerate(('rgb', 'flow')):
        torch.manual_seed(number)
        paths[name] = str(tmp_path / f'{name}.pth')
        torch.save(build_net(TWO_STREAMS[name]).state_dict(), paths[name])
    return paths


# -- backbones --------------------------------------------------------------
def test_streams_see_their_channels(files):
    """Tokens are those of the two backbones alone, side by side."""
    clips = torch.randn(2, 1, 5, 6, 32, 32)
    both = FrozenBackbone(TWO_STREAMS, files)(clips)
    parts = dict(rgb=clips[:, :, :3], flow=clips[:, :, 3:])
    alone = [
        FrozenBackbone(TWO_STREAMS[name], files[name])(part)
        for name, part in parts.items()
    ]
    assert [a.shape for a in alone] == [(2, 1, 6, 8), (2, 1, 6, 16)]
    torch.testing.assert_close(both, torch.cat(alone, -1))
    assert alone[1].std() > 0


def test_identity_holds_both_files(files):
    frozen = FrozenBackbone(TWO_STREAMS, files, cached=True)
    digests = {
        name: hashlib.sha256(Path(path).read_bytes()).hexdigest()
        for name, path in files.items()
    }
    assert frozen.identity['weights'] == digests
    net = build_net(TWO_STREAMS['flow'])
    nn.init.zeros_(net.stem[0].weight)
    torch.save(net.state_dict(), files['flow'])
    other = FrozenBackbone(TWO_STREAMS, files, cached=True)
    assert other.fingerprint != frozen.fingerprint
    # Defaults of the streams count as well.
    named = copy.deepcopy(TWO_STREAMS)
    named['flow']['shift'] = 0.125
    assert with_defaults(named) == with_defaults(TWO_STREAMS)
    same = FrozenBackbone(named, files, cached=True)
    assert same.fingerprint == other.fingerprint


def test_files_of_streams_are_checked(files):
    with pytest.raises(ValueError, match=r"'rgb'\], but Two.*'rgb', 'flow'"):
        FrozenBackbone(TWO_STREAMS, dict(rgb=files['rgb']))
    swapped = dict(rgb=files['flow'], flow=files['rgb'])
    with pytest.raises(ValueError, match='stem.0.weight'):
        FrozenBackbone(TWO_STREAMS, swapped)
    with pytest.raises(FileNotFoundError, match=r'no\.pth.*stem\.0\.weight'):
        FrozenBackbone(TWO_STREAMS, dict(files, flow='no.pth'))
    frames = dict(TWO_STREAMS, flow=dict(type='ResNet', depth=18))
    with pytest.raises(ValueError, match=r"\.flow must map clips.*'ResNet'"):
        build_net(frames)
    with pytest.raises(ValueError, match='keep_rgb=True'):
        build_net(TWO_STREAMS)(torch.randn(1, 3, 4, 32, 32))


def test_tuned_streams_begin_with_their_files(files):
    tuned = TunedBackbone(TWO_STREAMS, ['flow.'], files)
    frozen = FrozenBackbone(TWO_STREAMS, files)
    clips = torch.randn(1, 1, 5, 6, 32, 32)
    torch.testing.assert_close(tuned(clips), frozen(clips))
    tuned(clips).sum().backward()
    for name, parameter in tuned.net.named_parameters():
        assert (parameter.grad is not None) == name.startswith('flow.')


def test_i3d_reads_the_official_file_of_flow(tmp_path):
    """The first convolution has 2 channels, the rest that of RGB."""
    rgb = build_net(dict(type='InceptionI3D')).state_dict()
    state = {k: torch.full_like(v, 0.5) for k, v in rgb.items()}
    first = 'Conv3d_1a_7x7.conv3d.weight'
    assert state[first].shape == (64, 3, 7, 7, 7)
    state[first] = torch.randn(64, 2, 7, 7, 7)
    path = str(tmp_path / 'flow_imagenet.pt')
    torch.save(state, path)
    cfg = dict(type='InceptionI3D', in_channels=2)
    found = FrozenBackbone(cfg, path).net.state_dict()
    assert torch.equal(found[first], state[first])
    with pytest.raises(ValueError, match=r'\(64, 2, 7, 7, 7\) in the file'):
        FrozenBackbone(dict(type='InceptionI3D'), path)


# -- heads ------------------------------------------------------------------
def test_every_stream_has_its_classifier():
    cfg = dict(num_classes=3, in_channels=4, frozen=False)
    head = MultiModalClsHead(**cfg, seed=5)
    x = torch.randn(2, 2 * 3, 4)  # 3 views of 2 streams
    logits = head(x)
    for i, views in enumerate((slice(0, 3), slice(3, 6))):
        alone = MLPClsHead(**cfg, seed=5 + i)
        assert torch.equal(logits[:, views], alone(x[:, views]))
    assert (logits[:, :3] - MLPClsHead(**cfg, seed=6)(x[:, :3])).any()
    logits[:, :3].sum().backward()
    first, second = head.mlp
    assert first[0].weight.grad.any()
    assert not second[0].weight.grad.any()
    with pytest.raises(ValueError, match='got 3 views.*num_modalities'):
        head(x[:, :3])


def test_frozen_classifiers_stay():
    head = MultiModalClsHead(3, 4)
    assert not any(p.requires_grad for p in head.parameters())


# -- encoders ---------------------------------------------------------------
@MODELS.register_module()
class ProbeNeck(nn.Module):
    """One linear map and the mean over time, with a loss."""

    def __init__(self, in_channels: int, out_channels: int = 3) -> None:
        super().__init__()
        self.out_channels = out_channels
        self.map = nn.Linear(in_channels, out_channels)

    def forward(self, x, data_samples=None):
        pooled = self.map(x).mean(2)
        losses = dict(loss_probe=x.mean()) if data_samples else {}
        return pooled, losses

    def frame_weights(self, x):
        return x.mean(-1)


def multi_modal(**kwargs):
    torch.manual_seed(0)
    return MODELS.build(
        dict(type='MultiModalNeck', neck=dict(type='ProbeNeck'), **kwargs)
    )


@pytest.mark.parametrize('shared', [False, True])
@pytest.mark.parametrize('number', [2, 3])
def test_modalities_become_views(number, shared):
    neck = multi_modal(in_channels=12, num_modalities=number, shared=shared)
    assert len(neck.necks) == (1 if shared else number)
    assert neck.out_channels == 3
    x = torch.randn(4, 2, 5, 12)
    pooled, losses = neck(x, [ActionDataSample()] * 4)
    assert pooled.shape == (4, 2 * number, 3)
    width = 12 // number
    for m in range(number):
        part = x[..., m * width : (m + 1) * width]
        encoder = neck.necks[0 if shared else m]
        wanted = part.mean(2) @ encoder.map.weight.T + encoder.map.bias
        torch.testing.assert_close(pooled[:, 2 * m : 2 * m + 2], wanted)
    # The mean over modalities, under the same name.
    assert set(losses) == {'loss_probe'}
    torch.testing.assert_close(losses['loss_probe'], x.mean())
    assert neck(x)[1] == {}
    weights = neck.frame_weights(x)
    assert weights.shape == (4, 2 * number, 5)
    torch.testing.assert_close(weights[:, :2], x[..., :width].mean(-1))


def test_gradients_of_modalities():
    """Each encoder learns from its own channels; a shared one from all."""
    x = torch.randn(2, 1, 5, 4)
    x[..., 2:] = 0
    neck = multi_modal(in_channels=4)
    neck(x)[0].sum().backward()
    rgb, flow = (n.map.weight.grad for n in neck.necks)
    assert rgb.abs().min() > 0 and flow.abs().max() == 0
    shared = multi_modal(in_channels=4, shared=True)
    shared(x)[0].sum().backward()
    torch.testing.assert_close(shared.necks[0].map.weight.grad, rgb)


def test_bad_widths():
    with pytest.raises(ValueError, match='in_channels=5 is no multiple'):
        multi_modal(in_channels=5)
    with pytest.raises(ValueError, match=r'expects 4 channels.*\(2, 1, 5, 6'):
        multi_modal(in_channels=4)(torch.randn(2, 1, 5, 6))


# -- the whole model --------------------------------------------------------
@torch.no_grad()
def test_scores_are_means_over_modalities(make_config):
    cfg = make_config('transferattn_multimodal_demo')
    mmaction_uda.engine.prepare(cfg)
    runner = make_runner(cfg)
    model = runner.model.eval()
    batch = next(iter(runner.build_dataloader(cfg.test_dataloader)))
    data = model.data_preprocessor(copy.deepcopy(batch))
    logits = model(**data)
    assert logits.shape == (8, 2, 8)  # RGB and flow
    assert (logits[:, 0] - logits[:, 1]).abs().max() > 1e-3
    tokens = data['inputs']
    for m, neck in enumerate(model.neck.necks):
        part = tokens[..., 128 * m : 128 * (m + 1)]
        norm = nn.functional.normalize(neck(part)[0], dim=-1)
        alone = model.cls_head(model.feature_scale * norm)
        torch.testing.assert_close(logits[:, m], alone[:, 0])
    scores = torch.stack([s.pred_score for s in model.test_step(batch)])
    torch.testing.assert_close(scores, logits.mean(1).softmax(1))


@torch.no_grad()
def test_cached_is_end_to_end(make_config):
    """Logits from stored tokens and from mp4 files; both tools agree."""
    cfg = make_config('transferattn_multimodal_demo')
    mmaction_uda.engine.prepare(cfg)
    state, found = None, []
    for used in (cfg, on_videos(cfg)):
        runner = make_runner(copy.deepcopy(used))
        if state is None:
            for parameter in runner.model.parameters():
                nn.init.normal_(parameter, 0, 0.3)
            state = runner.model.state_dict()
            torch.save(dict(state_dict=state), 'model.pth')
        runner.model.load_state_dict(state, strict=True)
        model = runner.model.eval()
        loader = runner.build_dataloader(used.test_dataloader)
        samples = [s for batch in loader for s in model.test_step(batch)]
        found.append(torch.stack([s.pred_score for s in samples]))
    assert found[0].shape == (16, 8) and found[0].std(0).min() > 1e-3
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)

    cfg.dump('small.py')
    listed = Path(cfg.test_dataloader.dataset.videos.ann_file).read_text()
    video = Path(cfg.prepare[0].root, listed.split()[0])
    output = run_tool('infer.py', 'small.py', 'model.pth', video, '--top', 1)
    best = cfg.test_dataloader.dataset.videos.metainfo.classes[
        int(found[0][0].argmax())
    ]
    assert f'{video} {best} ' in output

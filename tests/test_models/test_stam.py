import math
import warnings

import pytest
import torch
from mmaction.registry import MODELS

from mmaction_uda.models.backbones import STAM
from mmaction_uda.models.backbones.weights import load_weights

N, WIDTH, HEADS, TEMPORAL_HEADS, PATCH, SIZE = 4, 24, 3, 2, 4, 12
SMALL = dict(
    num_frames=N,
    img_size=SIZE,
    patch_size=PATCH,
    embed_dims=WIDTH,
    depth=2,
    num_heads=HEADS,
    temporal_depth=2,
    temporal_heads=TEMPORAL_HEADS,
    temporal_hidden=40,
    num_classes=5,
)


def make(**kwargs) -> STAM:
    """A small net in float64 whose weights are all drawn at random."""
    torch.manual_seed(0)
    net = STAM(**{**SMALL, **kwargs}).double().eval()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if parameter.ndim == 1:
                parameter.normal_(mean=float('norm' in name), std=0.3)
            elif 'token' in name or 'pos_embed' in name:
                parameter.normal_()
    return net


def images(num: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num, 3, SIZE, SIZE, generator=generator).double()


def close(a, b) -> None:
    torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


# -- The specification, by hand, systems.md 8 -------------------------------
class Naive:
    """The whole net on one video, from its state dict."""

    def __init__(self, net) -> None:
        self.state = net.state_dict()

    def linear(self, name, x):
        y = x @ self.state[f'{name}.weight'].T
        return y + self.state.get(f'{name}.bias', 0)

    def norm(self, name, x):
        x = x - x.mean(-1, keepdim=True)
        x = x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return x * self.state[f'{name}.weight'] + self.state[f'{name}.bias']

    def attend(self, qkv, num_heads):
        """``softmax(Q K^T / sqrt(d)) V`` of ``[L, 3 C]``, head by head."""
        parts = qkv.chunk(3, -1)
        heads = []
        for h in range(num_heads):
            d = WIDTH // num_heads
            q, k, v = (p[:, h * d : (h + 1) * d] for p in parts)
            scores = torch.exp(q @ k.T / math.sqrt(d))
            heads.append(scores / scores.sum(-1, keepdim=True) @ v)
        return torch.cat(heads, -1)

    def frame(self, image):
        """The token of one frame ``[3, H, W]``: pre-norm ViT, GELU."""
        weight = self.state['patch_embed.proj.weight'].flatten(1)
        tokens = [self.state['cls_token'][0, 0]]
        for top in range(0, SIZE, PATCH):
            for left in range(0, SIZE, PATCH):
                rows, columns = slice(top, top + PATCH), slice(left, None)
                patch = image[:, rows, columns][..., :PATCH].flatten()
                bias = self.state['patch_embed.proj.bias']
                tokens.append(weight @ patch + bias)
        x = torch.stack(tokens) + self.state['pos_embed'][0]
        for i in range(2):
            name = f'blocks.{i}'
            y = self.linear(f'{name}.attn.qkv', self.norm(f'{name}.norm1', x))
            x = x + self.linear(f'{name}.attn.proj', self.attend(y, HEADS))
            y = self.linear(f'{name}.mlp.fc1', self.norm(f'{name}.norm2', x))
            y = y * (1 + torch.erf(y / math.sqrt(2))) / 2
            x = x + self.linear(f'{name}.mlp.fc2', y)
        return self.norm('norm', x[0])

    def mix(self, tokens):
        """The feature of frame tokens ``[n, C]``: post-norm, ReLU."""
        x = torch.cat((self.state['aggregate.cls_token'][0], tokens))
        x = x + self.state['aggregate.pos_embed'][0]
        for j in range(2):
            name = f'aggregate.transformer_enc.layers.{j}'
            weight = self.state[f'{name}.self_attn.in_proj_weight']
            y = x @ weight.T + self.state[f'{name}.self_attn.in_proj_bias']
            y = self.attend(y, TEMPORAL_HEADS)
            y = self.linear(f'{name}.self_attn.out_proj', y)
            x = self.norm(f'{name}.norm1', x + y)
            y = self.linear(f'{name}.linear1', x).clamp(min=0)
            x = self.norm(
                f'{name}.norm2', x + self.linear(f'{name}.linear2', y)
            )
        return self.norm('aggregate.transformer_enc.norm', x[0])


@pytest.mark.parametrize('qkv_bias', [True, False])
def test_frame_tokens(qkv_bias):
    net = make(qkv_bias=qkv_bias)
    x = images(3)
    naive = torch.stack([Naive(net).frame(image) for image in x])
    close(net.encode_frames(x), naive)


@pytest.mark.parametrize('grad', [True, False])
def test_mixed_frames(grad):
    """With gradients and on PyTorch's fast path for inference."""
    net = make()
    tokens = images(3).flatten(1)[:, : N * WIDTH].unflatten(1, (N, WIDTH))
    naive = torch.stack([Naive(net).mix(video) for video in tokens])
    with torch.set_grad_enabled(grad):
        close(net.mix_frames(tokens), naive)


def test_forward_and_classify():
    net = make()
    x = images(2 * N)
    naive = Naive(net)
    feats = torch.stack(
        [
            naive.mix(torch.stack([naive.frame(image) for image in video]))
            for video in (x[:N], x[N:])
        ]
    )
    close(net(x), feats)
    weight, bias = net.head.weight, net.head.bias
    close(net.classify(net(x)), feats @ weight.T + bias)


@pytest.mark.parametrize('num_frames', [8, 16, 32, 64])
def test_fast_path(num_frames):
    """float32, no gradients: the same numbers, and no warning."""
    x = images(2 * num_frames)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        net = make(num_frames=num_frames).requires_grad_(False)
        plain = torch.stack(
            [Naive(net).mix(net.encode_frames(v)) for v in x.split(num_frames)]
        )
        with torch.no_grad():
            out = net.float()(x.float())
    torch.testing.assert_close(out.double(), plain, rtol=0, atol=1e-5)


# -- Frames and time --------------------------------------------------------
def test_forward_is_its_two_stages():
    net = make()
    x = images(3 * N)
    tokens = net.encode_frames(x).unflatten(0, (3, N))
    assert torch.equal(net(x), net.mix_frames(tokens))


def test_order_of_the_frames_counts():
    net = make()
    x = images(N)
    assert not torch.allclose(net(x), net(x.flip(0)), atol=1e-2)
    flipped = net.encode_frames(x.flip(0)).flip(0)
    close(flipped, net.encode_frames(x))


def test_sliding_windows_share_the_frame_tokens():
    """systems.md 1.12: window i-7 .. i+8, all-zero images outside."""
    net = make(num_frames=16).float().requires_grad_(False)
    encoded = []
    net.patch_embed.register_forward_hook(
        lambda module, args, out: encoded.append(len(out))
    )
    video = images(20).float()
    zeros = torch.zeros(1, 3, SIZE, SIZE)
    padded = torch.cat((zeros.expand(7, -1, -1, -1), video, *[zeros] * 8))
    naive = torch.cat([net(padded[i : i + 16]) for i in range(20)])
    num_naive = sum(encoded)
    encoded.clear()

    tokens = net.encode_frames(torch.cat((zeros, video)))
    padded = torch.cat(
        (tokens[:1].expand(7, -1), tokens[1:], *[tokens[:1]] * 8)
    )
    shared = net.mix_frames(padded.unfold(0, 16, 1).transpose(1, 2))
    torch.testing.assert_close(shared, naive, rtol=0, atol=1e-5)
    assert sum(encoded) == 21 and num_naive >= 10 * sum(encoded)


@pytest.mark.parametrize('num', [N - 1, N + 1])
def test_frames_must_fill_videos(num):
    with pytest.raises(ValueError, match=f'num_frames={N} .*{num} frames'):
        make()(images(num))


def test_frames_must_have_the_size_of_the_position_table():
    """... not only its number of patches."""
    x = images(N).reshape(N, 3, SIZE * 3, SIZE // 3)
    with pytest.raises(ValueError, match='12 x 12 px'):
        make()(x)


# -- Training ---------------------------------------------------------------
def test_gradients_reach_every_weight_and_frame():
    """UDAVT trains the frame stage as well."""
    net = make().train()
    x = images(2 * N).requires_grad_()
    net.classify(net(x)).square().sum().backward()
    assert (x.grad.flatten(1).norm(dim=1) > 0).all()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name


def test_dropout_is_in_the_temporal_stage_alone():
    net = make()
    assert net.train() is net
    x = images(N)
    assert torch.equal(net.encode_frames(x), net.encode_frames(x))
    assert not torch.equal(net(x), net(x))
    assert net.eval() is net
    assert torch.equal(net(x), net(x))
    dropouts = [m.p for m in net.modules() if isinstance(m, torch.nn.Dropout)]
    assert dropouts == [0.1] * 6


# -- Sizes and names, systems.md 8 ------------------------------------------
def expected_shapes(num_frames: int) -> dict:
    c = 768
    shapes = {
        'cls_token': (1, 1, c),
        'pos_embed': (1, 197, c),
        'patch_embed.proj.weight': (c, 3, 16, 16),
        'patch_embed.proj.bias': (c,),
        'aggregate.cls_token': (1, 1, c),
        'aggregate.pos_embed': (1, num_frames + 1, c),
    }
    linears = {'head': (400, c)}
    norms = ['norm', 'aggregate.transformer_enc.norm']
    for i in range(12):
        linears[f'blocks.{i}.attn.qkv'] = (2304, c)
        linears[f'blocks.{i}.attn.proj'] = (c, c)
        linears[f'blocks.{i}.mlp.fc1'] = (3072, c)
        linears[f'blocks.{i}.mlp.fc2'] = (c, 3072)
        norms += [f'blocks.{i}.norm1', f'blocks.{i}.norm2']
    for j in range(6):
        layer = f'aggregate.transformer_enc.layers.{j}'
        shapes[f'{layer}.self_attn.in_proj_weight'] = (2304, c)
        shapes[f'{layer}.self_attn.in_proj_bias'] = (2304,)
        linears[f'{layer}.self_attn.out_proj'] = (c, c)
        linears[f'{layer}.linear1'] = (2048, c)
        linears[f'{layer}.linear2'] = (c, 2048)
        norms += [f'{layer}.norm1', f'{layer}.norm2']
    for name in norms:
        shapes[f'{name}.weight'] = shapes[f'{name}.bias'] = (c,)
    for name, shape in linears.items():
        shapes[f'{name}.weight'] = shape
        shapes[f'{name}.bias'] = shape[:1]
    return shapes


@pytest.mark.parametrize(
    'num_frames,num_parameters',
    [
        (8, 119_199_376),
        (16, 119_205_520),
        (32, 119_217_808),
        (64, 119_242_384),
    ],
)
def test_full_size(num_frames, num_parameters):
    with torch.device('meta'):
        net = MODELS.build(dict(type='STAM', num_frames=num_frames))
    shapes = {k: tuple(v.shape) for k, v in net.state_dict().items()}
    assert shapes == expected_shapes(num_frames)
    assert len(shapes) == 228
    assert sum(p.numel() for p in net.parameters()) == num_parameters
    temporal = sum(p.numel() for p in net.aggregate.parameters())
    assert num_parameters - temporal == 86_106_256
    assert net.blocks[0].attn.num_heads == 12
    layer = net.aggregate.transformer_enc.layers[0]
    assert layer.self_attn.num_heads == 8
    x = torch.empty(num_frames, 3, 224, 224, device='meta')
    assert net.eval()(x).shape == (1, 768)


# -- Weight files -----------------------------------------------------------
@pytest.fixture
def official(tmp_path):
    """A small file with the keys of an official one, and its path."""
    net = make(depth=12, temporal_depth=6)
    path = str(tmp_path / 'stam_16.pth')
    torch.save(dict(model=net.state_dict()), path)
    assert set(net.state_dict()) == set(expected_shapes(16))
    return net, path


def test_official_file_loads(official):
    net, path = official
    loaded = STAM(**{**SMALL, 'depth': 12, 'temporal_depth': 6}).double()
    load_weights(loaded, path)
    for key, value in loaded.state_dict().items():
        assert torch.equal(value, net.state_dict()[key]), key


def test_udavt_drops_twelve_biases(official):
    """systems.md 3.1: its copy has no bias of queries, keys, values."""
    net, path = official
    udavt = make(depth=12, temporal_depth=6, qkv_bias=False)
    dropped = set(net.state_dict()) - set(udavt.state_dict())
    assert dropped == {f'blocks.{i}.attn.qkv.bias' for i in range(12)}
    load_weights(udavt, path)
    x = images(N)
    assert not torch.allclose(udavt(x), net(x), atol=1e-3)
    with torch.no_grad():
        for key in dropped:
            net.get_parameter(key).zero_()
    close(udavt(x), net(x))


def test_other_files_are_refused(official, tmp_path):
    net, path = official
    longer = make(depth=12, temporal_depth=6, num_frames=8)
    with pytest.raises(ValueError) as error:
        load_weights(longer, path)
    for words in (path, 'aggregate.pos_embed: (1, 5, 24)', '(1, 9, 24)'):
        assert words in str(error.value)
    other = str(tmp_path / 'other.pth')
    torch.save(dict(model={'conv.weight': torch.zeros(1)}), other)
    with pytest.raises(ValueError) as error:
        load_weights(net, other)
    for words in (other, 'cls_token', '228', 'conv.weight'):
        assert words in str(error.value)
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        load_weights(net, str(tmp_path / 'nowhere.pth'))

import math

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS

from mmaction_uda.models.backbones import InceptionI3D
from mmaction_uda.models.backbones.weights import load_weights

# systems.md 9.1: channels (of a mixed block: b0, b1a, b1b, b2a, b2b, b3b),
# kernel and stride of pools, and the shape t, h, w for 16 x 224 x 224.
TABLE = dict(
    Conv3d_1a_7x7=(64, (8, 112, 112)),
    MaxPool3d_2a_3x3=(((1, 3, 3), (1, 2, 2)), (8, 56, 56)),
    Conv3d_2b_1x1=(64, (8, 56, 56)),
    Conv3d_2c_3x3=(192, (8, 56, 56)),
    MaxPool3d_3a_3x3=(((1, 3, 3), (1, 2, 2)), (8, 28, 28)),
    Mixed_3b=((64, 96, 128, 16, 32, 32), (8, 28, 28)),
    Mixed_3c=((128, 128, 192, 32, 96, 64), (8, 28, 28)),
    MaxPool3d_4a_3x3=(((3, 3, 3), (2, 2, 2)), (4, 14, 14)),
    Mixed_4b=((192, 96, 208, 16, 48, 64), (4, 14, 14)),
    Mixed_4c=((160, 112, 224, 24, 64, 64), (4, 14, 14)),
    Mixed_4d=((128, 128, 256, 24, 64, 64), (4, 14, 14)),
    Mixed_4e=((112, 144, 288, 32, 64, 64), (4, 14, 14)),
    Mixed_4f=((256, 160, 320, 32, 128, 128), (4, 14, 14)),
    MaxPool3d_5a_2x2=(((2, 2, 2), (2, 2, 2)), (2, 7, 7)),
    Mixed_5b=((256, 160, 320, 32, 128, 128), (2, 7, 7)),
    Mixed_5c=((384, 192, 384, 48, 128, 128), (2, 7, 7)),
)
WIDTHS = (64, 64, 64, 192, 192, 256, 480, 480, 512, 512, 512, 528, 832, 832)
WIDTHS = dict(zip(TABLE, WIDTHS + (832, 1024)))
BRANCHES = ('b0', 'b1a', 'b1b', 'b2a', 'b2b', 'b3b')


# -- The specification, by hand ---------------------------------------------
def naive_pad(x, kernel, stride):
    """Copy ``x`` into zeros: as many as its ``ceil(s / stride)`` windows
    reach over it, half of them before, an odd one behind."""
    size, front = [], []
    for s, k, step in zip(x.shape[2:], kernel, stride):
        reach = max((math.ceil(s / step) - 1) * step + k - s, 0)
        size.append(s + reach)
        front.append(reach // 2)
    padded = x.new_zeros(*x.shape[:2], *size)
    t, h, w = (slice(f, f + s) for f, s in zip(front, x.shape[2:]))
    padded[:, :, t, h, w] = x
    return padded


def naive_unit(state, name, x, kernel=1, stride=1):
    """Convolution, batch norm on stored statistics, ReLU."""

    def get(key):
        return state[f'{name}.{key}'][:, None, None, None]

    x = naive_pad(x, (kernel,) * 3, (stride,) * 3)
    x = F.conv3d(x, state[f'{name}.conv3d.weight'], stride=stride)
    x = (x - get('bn.running_mean')) / (get('bn.running_var') + 1e-3).sqrt()
    return (x * get('bn.weight') + get('bn.bias')).clamp(min=0)


def naive_pool(x, kernel, stride):
    x = naive_pad(x, kernel, stride)
    for axis in (2, 3, 4):
        x = x.unfold(axis, kernel[axis - 2], stride[axis - 2])
    return x.amax((-3, -2, -1))


def naive_mixed(state, name, x):
    def unit(branch, y, kernel=1):
        return naive_unit(state, f'{name}.{branch}', y, kernel)

    pooled = naive_pool(x, (3, 3, 3), (1, 1, 1))
    parts = (
        unit('b0', x),
        unit('b1b', unit('b1a', x), 3),
        unit('b2b', unit('b2a', x), 3),
        unit('b3b', pooled),
    )
    return torch.cat(parts, 1)


def naive_end_points(state, x):
    """Yield the name and the value of every end point."""
    for name, (spec, _) in TABLE.items():
        if name.startswith('Max'):
            x = naive_pool(x, *spec)
        elif name.startswith('Mixed'):
            x = naive_mixed(state, name, x)
        else:
            kernel = int(name[-1])
            x = naive_unit(state, name, x, kernel, 2 if kernel == 7 else 1)
        yield name, x


def expected_shapes(in_channels=3, num_classes=400):
    """Shape of every entry of the state dict, systems.md 9.1 and 9.2."""
    convs, width = {}, in_channels
    for name, (spec, _) in TABLE.items():
        if name.startswith('Conv'):
            convs[name] = (spec, width, *[int(name[-1])] * 3)
        elif name.startswith('Mixed'):
            b0, b1a, b1b, b2a, b2b, b3b = spec
            inputs = (width, width, b1a, width, b2a, width)
            for branch, out, into in zip(BRANCHES, spec, inputs):
                kernel = 3 if branch in ('b1b', 'b2b') else 1
                convs[f'{name}.{branch}'] = (out, into, *[kernel] * 3)
        width = WIDTHS[name]
    shapes = {
        'logits.conv3d.weight': (num_classes, 1024, 1, 1, 1),
        'logits.conv3d.bias': (num_classes,),
    }
    for name, shape in convs.items():
        shapes[f'{name}.conv3d.weight'] = shape
        shapes[f'{name}.bn.num_batches_tracked'] = ()
        for key in ('weight', 'bias', 'running_mean', 'running_var'):
            shapes[f'{name}.bn.{key}'] = shape[:1]
    return shapes


# -- Nets -------------------------------------------------------------------
def shapes_of(net) -> dict:
    return {k: tuple(v.shape) for k, v in net.state_dict().items()}


def random_state(net) -> dict:
    """Weights that keep the scale of values; no statistic is 0 or 1."""
    torch.manual_seed(0)
    state = net.state_dict()
    for key, value in state.items():
        if key.endswith('conv3d.weight'):
            value.normal_(std=math.sqrt(2 / value[0].numel()))
        elif key.endswith(('running_var', 'bn.weight')):
            value.uniform_(0.5, 1.5)
        elif value.is_floating_point():
            value.normal_(std=0.1)
    return state


@pytest.fixture(scope='module')
def net():
    net = InceptionI3D().double().eval()
    random_state(net)
    return net.requires_grad_(False)


@pytest.fixture(scope='module')
def meta_net():
    with torch.device('meta'):
        return InceptionI3D().eval()


def clips(*size: int, channels: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(size))
    return torch.randn(1, channels, *size, generator=generator).double()


def end_points(net, x) -> dict:
    """What every child of the net returns, in the order of the calls."""
    values = {}

    def keep(name):
        return lambda module, args, out: values.update({name: out})

    handles = [
        module.register_forward_hook(keep(name))
        for name, module in net.named_children()
    ]
    out = net(x)
    for handle in handles:
        handle.remove()
    assert out is values[next(reversed(values))]
    return values


# -- Values -----------------------------------------------------------------
@pytest.mark.parametrize('num_frames', range(9, 18))
def test_every_end_point(net, num_frames):
    """... on odd and even sizes, for which SAME padding differs."""
    x = clips(num_frames, 33, 38 + num_frames % 3)
    values = end_points(net, x)
    assert list(values) == list(TABLE)
    for name, naive in naive_end_points(net.state_dict(), x):
        assert values[name].shape == naive.shape, name
        assert naive.std() > 1e-2, name
        torch.testing.assert_close(values[name], naive, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('name', [n for n in TABLE if n.startswith('Max')])
def test_pools_see_zeros_outside(net, name):
    """... not minus infinity: negative values lose against the padding."""
    x = -1 - clips(5, 6, 7).abs()
    out = getattr(net, name)(x)
    torch.testing.assert_close(out, naive_pool(x, *TABLE[name][0]))
    assert (out == 0).any() and (out < 0).any()


def test_float32_agrees(net):
    x = clips(9, 33, 40)
    single = InceptionI3D().eval()
    single.load_state_dict(net.state_dict())
    out = single(x.float()).double()
    torch.testing.assert_close(out, net(x), rtol=1e-3, atol=1e-4)


# -- Shapes -----------------------------------------------------------------
def test_shapes_of_a_native_window(meta_net):
    values = end_points(meta_net, torch.empty(2, 3, 16, 224, 224).to('meta'))
    shapes = {k: tuple(v.shape) for k, v in values.items()}
    assert shapes == {
        name: (2, WIDTHS[name], *shape) for name, (_, shape) in TABLE.items()
    }


@pytest.mark.parametrize('num_frames', [*range(9, 26), 64])
def test_time_steps(meta_net, num_frames):
    """systems.md 9.1: 9..16 frames give 1 step, 17..24 give 2, 64 give 7."""
    x = torch.empty(1, 3, num_frames, 224, 224, device='meta')
    feats = meta_net(x)
    steps = math.ceil(num_frames / 8)
    assert feats.shape == (1, 1024, steps, 7, 7)
    assert meta_net.classify(feats).shape == (1, 400, steps - 1)


@pytest.mark.parametrize('in_channels,num_classes', [(3, 400), (2, 7)])
def test_names_and_shapes_of_the_weights(in_channels, num_classes):
    with torch.device('meta'):
        net = InceptionI3D(num_classes, in_channels)
    assert shapes_of(net) == expected_shapes(in_channels, num_classes)


def test_size(meta_net):
    assert len(meta_net.state_dict()) == 344
    count = sum(p.numel() for p in meta_net.parameters())
    assert count == 12_697_264


def test_optical_flow():
    net = MODELS.build(dict(type='InceptionI3D', in_channels=2)).double()
    state = random_state(net.eval())
    x = clips(10, 33, 33, channels=2)
    *_, (name, naive) = naive_end_points(state, x)
    torch.testing.assert_close(net(x), naive, rtol=1e-9, atol=1e-9)


# -- Kinetics logits --------------------------------------------------------
def test_classify(net):
    """Windows of 2 x 7 x 7, averaged, through a linear layer."""
    feats = clips(4, 7, 7, channels=1024)
    weight = net.logits.conv3d.weight.flatten(1)
    bias = net.logits.conv3d.bias
    steps = [
        feats[0, :, t : t + 2].mean((1, 2, 3)) @ weight.T + bias
        for t in range(3)
    ]
    naive = torch.stack(steps, 1)[None]
    torch.testing.assert_close(net.classify(feats), naive)


def test_mean_of_the_map_is_the_pooled_feature(net):
    feats = clips(2, 7, 7, channels=1024)
    pooled = feats.mean((2, 3, 4))[:, :, None, None, None]
    torch.testing.assert_close(
        net.classify(feats), net.logits(pooled)[..., 0, 0]
    )


def test_classify_averages_over_larger_frames(net):
    feats = clips(2, 7, 8, channels=1024)
    left, right = net.classify(feats[..., :-1]), net.classify(feats[..., 1:])
    torch.testing.assert_close(net.classify(feats), (left + right) / 2)


def test_training_mode():
    """Dropout of the classifier; statistics that move by one percent."""
    net = InceptionI3D(num_classes=5)
    assert net.eval() is net and net.train() is net
    feats = clips(2, 7, 7, channels=1024).float()
    assert not torch.equal(net.classify(feats), net.classify(feats))
    seen = {}
    bn = net.Conv3d_1a_7x7.bn
    bn.register_forward_pre_hook(lambda _, args: seen.update(x=args[0]))
    net(clips(9, 33, 33).float())
    mean = seen['x'].mean((0, 2, 3, 4))
    torch.testing.assert_close(bn.running_mean, 0.01 * mean)
    before = {k: v.clone() for k, v in net.eval().state_dict().items()}
    net(clips(9, 33, 33).float())
    for key, value in net.state_dict().items():
        assert torch.equal(value, before[key]), key


# -- Weight files -----------------------------------------------------------
def test_old_file_loads(net, tmp_path):
    """Files from before PyTorch 0.4.1 do not count batches."""
    old = {
        k: v.float()
        for k, v in net.state_dict().items()
        if not k.endswith('num_batches_tracked')
    }
    assert len(old) == 344 - 57
    path = str(tmp_path / 'rgb_imagenet.pt')
    torch.save(old, path)
    loaded = InceptionI3D()
    load_weights(loaded, path)
    for key, value in old.items():
        assert torch.equal(loaded.state_dict()[key], value), key


def test_file_for_flow_is_refused(tmp_path):
    path = str(tmp_path / 'flow_imagenet.pt')
    torch.save(InceptionI3D(in_channels=2).state_dict(), path)
    with pytest.raises(ValueError) as error:
        load_weights(InceptionI3D(), path)
    for words in (path, 'Conv3d_1a_7x7.conv3d.weight', '(64, 2, 7, 7, 7)'):
        assert words in str(error.value)

"""EfficientNet-Lite0 against its table, written directly."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmaction_uda.models.backbones import EfficientNetLite0
from mmaction_uda.models.backbones.weights import load_weights

# Channels, kernel, stride, expansion of the 16 blocks (B0's table).
BLOCKS = [(16, 3, 1, 1), (24, 3, 2, 6), (24, 3, 1, 6)]
BLOCKS += [(40, 5, 2, 6), (40, 5, 1, 6)]
BLOCKS += [(80, 3, 2, 6), (80, 3, 1, 6), (80, 3, 1, 6)]
BLOCKS += [(112, 5, 1, 6)] * 3
BLOCKS += [(192, 5, 2, 6), *[(192, 5, 1, 6)] * 3]
BLOCKS += [(320, 3, 1, 6)]


@pytest.fixture(scope='module')
def net() -> EfficientNetLite0:
    """In float64, batch norms with statistics of their own."""
    torch.manual_seed(0)
    net = EfficientNetLite0().double().eval()
    for name, value in net.state_dict().items():
        if 'running' in name or '_bn' in name and name.endswith('weight'):
            value.copy_(torch.rand(value.shape) + 0.5)
    return net


def naive_conv(x, weight, stride=1, groups=1):
    """``ceil(size / stride)`` values; an odd zero lies behind."""
    kernel = weight.shape[-1]
    pads = []
    for size in x.shape[:1:-1]:
        reach = (math.ceil(size / stride) - 1) * stride + kernel - size
        reach = max(reach, 0)
        pads += [reach // 2, reach - reach // 2]
    return F.conv2d(F.pad(x, pads), weight, stride=stride, groups=groups)


def naive_norm(state, name, x):
    def get(key):
        return state[f'{name}.{key}'][:, None, None]

    x = (x - get('running_mean')) / (get('running_var') + 1e-3).sqrt()
    return x * get('weight') + get('bias')


def naive_net(state, x):
    def relu(name, x):
        return naive_norm(state, name, x).clamp(0, 6)

    x = relu('_bn0', naive_conv(x, state['_conv_stem.weight'], 2))
    for number, (channels, _, stride, expansion) in enumerate(BLOCKS):
        block, out = f'_blocks.{number}', x
        if expansion > 1:
            weight = state[f'{block}._expand_conv.weight']
            out = relu(f'{block}._bn0', naive_conv(out, weight))
        weight = state[f'{block}._depthwise_conv.weight']
        out = naive_conv(out, weight, stride, out.size(1))
        out = relu(f'{block}._bn1', out)
        out = naive_conv(out, state[f'{block}._project_conv.weight'])
        out = naive_norm(state, f'{block}._bn2', out)
        keeps = stride == 1 and channels == x.size(1)
        x = x + out if keeps else out
    return relu('_bn1', naive_conv(x, state['_conv_head.weight']))


def test_shapes_are_those_of_the_table(net):
    """4.65 M parameters, of which the classifier would have 1.28 M."""
    assert sum(p.numel() for p in net.parameters()) == 4_652_008 - 1_281_000
    width = 32
    for number, (channels, kernel, _, expansion) in enumerate(BLOCKS):
        part = net.get_submodule(f'_blocks.{number}')
        middle = expansion * width
        shape = part._depthwise_conv.weight.shape
        assert shape == (middle, 1, kernel, kernel)
        assert part._project_conv.weight.shape == (channels, middle, 1, 1)
        width = channels


@pytest.mark.parametrize('size', [(32, 32), (47, 70)])
def test_values(net, size):
    x = torch.randn(2, 3, *size, dtype=torch.float64)
    out, expected = net(x), naive_net(net.state_dict(), x)
    assert out.shape == (2, 1280, -(-size[0] // 32), -(-size[1] // 32))
    assert out.std() > 1e-2
    torch.testing.assert_close(out, expected, rtol=1e-9, atol=1e-9)


def test_the_file_of_the_package_is_loaded(net, tmp_path):
    """Its weights have these names; the classifier is not needed."""
    state = {k: v.float() for k, v in net.state_dict().items()}
    state['_fc.weight'] = torch.zeros(1000, 1280)
    torch.save(state, tmp_path / 'lite0.pth')
    loaded = EfficientNetLite0()
    load_weights(loaded, str(tmp_path / 'lite0.pth'))
    for key, value in loaded.state_dict().items():
        assert torch.equal(value, state[key]), key

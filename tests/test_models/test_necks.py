"""Any neck over any tokens: what the data say of them fits all necks."""

import pytest
import torch
from mmaction.registry import MODELS

from mmaction_uda.models import necks

FRAMES, CHANNELS = 4, 16
OTHERS = dict(  # arguments that have no default, or must fit
    ClassTokenNeck=dict(num_heads=2),
    MultiModalNeck=dict(neck=dict(type='TransformerNeck', num_heads=2)),
    TransformerNeck=dict(num_heads=2),
    TranSVAENeck=dict(mi_weight=0),
)
NECKS = [name for name in necks.__all__ if name != 'TokenNeck']


def build(name: str, **kwargs) -> torch.nn.Module:
    return MODELS.build(dict(type=name, **OTHERS.get(name, {}), **kwargs))


@pytest.mark.parametrize('name', NECKS)
def test_every_neck_takes_the_shape_of_the_tokens(name):
    neck = build(name, in_channels=CHANNELS, num_frames=FRAMES).eval()
    pooled, _ = neck(torch.randn(3, 2, FRAMES, CHANNELS))
    views = dict(MultiModalNeck=4, FrameNeck=2 * FRAMES)
    assert pooled.shape == (3, views.get(name, 2), neck.out_channels)


@pytest.mark.parametrize('name', NECKS)
@pytest.mark.parametrize(
    'shape', [(3, 2, FRAMES + 1, CHANNELS), (3, 2, FRAMES, 2 * CHANNELS)]
)
def test_every_neck_refuses_other_tokens(name, shape):
    neck = build(name, in_channels=CHANNELS, num_frames=FRAMES)
    with pytest.raises(ValueError, match='neck.in_channels'):
        neck(torch.randn(shape))


def test_a_mean_of_any_number_of_frames():
    neck = build('MeanNeck', in_channels=CHANNELS)
    for frames in (1, 7):
        x = torch.randn(3, 2, frames, CHANNELS)
        assert torch.equal(neck(x)[0], x.mean(2))


def test_modalities_keep_what_their_neck_says():
    inner = dict(type='TransformerNeck', num_heads=2, num_frames=FRAMES)
    neck = MODELS.build(
        dict(type='MultiModalNeck', in_channels=CHANNELS, neck=inner)
    )
    assert [n.num_frames for n in neck.necks] == [FRAMES, FRAMES]
    assert [n.in_channels for n in neck.necks] == [CHANNELS / 2] * 2

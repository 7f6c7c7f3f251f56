from .class_attention import ClassAttention
from .efficientnet_lite import EfficientNetLite0
from .frozen_backbone import FrozenBackbone
from .hugging_face import HFImageBackbone, HFProjectedBackbone, HFVideoBackbone
from .inception_i3d import InceptionI3D
from .raw_clips import RawClips
from .shift_net import FlowShiftNet, ShiftNet
from .stam import STAM
from .tuned_backbone import TunedBackbone
from .two_stream import TwoStreamBackbone

__all__ = [
    'ClassAttention',
    'EfficientNetLite0',
    'FlowShiftNet',
    'FrozenBackbone',
    'HFImageBackbone',
    'HFProjectedBackbone',
    'HFVideoBackbone',
    'InceptionI3D',
    'RawClips',
    'ShiftNet',
    'STAM',
    'TunedBackbone',
    'TwoStreamBackbone',
]

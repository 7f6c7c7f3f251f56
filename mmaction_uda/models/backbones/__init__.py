from .frozen_backbone import FrozenBackbone
from .inception_i3d import InceptionI3D
from .shift_net import ShiftNet
from .stam import STAM
from .tuned_backbone import TunedBackbone

__all__ = [
    'FrozenBackbone',
    'InceptionI3D',
    'ShiftNet',
    'STAM',
    'TunedBackbone',
]

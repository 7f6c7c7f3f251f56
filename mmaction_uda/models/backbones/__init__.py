from .frozen_backbone import FrozenBackbone
from .shift_net import ShiftNet

__all__ = ['FrozenBackbone', 'ShiftNet']

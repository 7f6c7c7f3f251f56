from .domain_head import DomainHead
from .information_bottleneck_head import InformationBottleneckHead
from .mlp_cls_head import MLPClsHead

__all__ = ['DomainHead', 'InformationBottleneckHead', 'MLPClsHead']

from .domain_head import DomainHead
from .information_bottleneck_head import InformationBottleneckHead
from .mlp_cls_head import MLPClsHead
from .multi_modal_cls_head import MultiModalClsHead
from .multi_scale_domain_head import MultiScaleDomainHead
from .text_cls_head import TextClsHead
from .uda_cls_head import UDAClsHead

__all__ = [
    'DomainHead',
    'InformationBottleneckHead',
    'MLPClsHead',
    'MultiModalClsHead',
    'MultiScaleDomainHead',
    'TextClsHead',
    'UDAClsHead',
]

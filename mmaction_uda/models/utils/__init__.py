from .class_token import learned, prepend
from .distributed import gather_rows
from .domains import (
    DOMAINS,
    Samples,
    SampleTensors,
    gt_labels,
    num_source,
    sample_tensors,
    split_domains,
    target_mask,
    target_views,
)
from .frozen import freeze, init_seed
from .outputs import Outputs
from .precision import at_least_float32
from .tokens import check_tokens

__all__ = [
    'at_least_float32',
    'check_tokens',
    'learned',
    'prepend',
    'gather_rows',
    'DOMAINS',
    'Samples',
    'SampleTensors',
    'gt_labels',
    'num_source',
    'sample_tensors',
    'split_domains',
    'target_mask',
    'target_views',
    'freeze',
    'init_seed',
    'Outputs',
]

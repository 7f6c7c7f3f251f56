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
from .outputs import Outputs
from .parameters import freeze, init_seed
from .tokens import check_tokens

__all__ = [
    'check_tokens',
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

from .distributed import gather_rows
from .domains import (
    DOMAINS,
    Samples,
    SampleTensors,
    gt_labels,
    num_source,
    of_domain,
    sample_tensors,
    split_domains,
    target_mask,
    target_views,
)
from .outputs import Losses, Outputs, Term
from .parameters import freeze, init_seed
from .parts import build_part

__all__ = [
    'gather_rows',
    'DOMAINS',
    'Samples',
    'SampleTensors',
    'gt_labels',
    'num_source',
    'of_domain',
    'sample_tensors',
    'split_domains',
    'target_mask',
    'target_views',
    'freeze',
    'init_seed',
    'build_part',
    'Losses',
    'Outputs',
    'Term',
]

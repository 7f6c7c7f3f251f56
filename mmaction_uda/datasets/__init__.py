from .domain_pair_dataset import DomainPairDataset, draws_from
from .features import FeatureDataset, FeatureStore
from .rendered import RenderedBenchmark
from .samplers import DomainPairSampler
from .transforms import AllFrames, SampleFeature, SegmentFrames

__all__ = [
    'DomainPairDataset',
    'draws_from',
    'FeatureDataset',
    'FeatureStore',
    'RenderedBenchmark',
    'DomainPairSampler',
    'AllFrames',
    'SampleFeature',
    'SegmentFrames',
]

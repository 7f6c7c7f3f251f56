from .checks import check_videos
from .domain_pair_dataset import DomainPairDataset, draws_from
from .feature_dataset import FeatureDataset
from .feature_store import FeatureStore
from .rendered import RenderedBenchmark
from .samplers import DomainPairSampler
from .transforms import SampleFeature

__all__ = [
    'check_videos',
    'DomainPairDataset',
    'draws_from',
    'FeatureDataset',
    'FeatureStore',
    'RenderedBenchmark',
    'DomainPairSampler',
    'SampleFeature',
]

from .clip_augment import ClipRandAugment
from .decoding import InPieces, VideoDecode, VideoInit
from .domain_pair_dataset import DomainPairDataset, shared_configs
from .draws import draws_from
from .features import FeatureDataset, FeatureStore
from .flow import ComputeFlow
from .pseudo_label_dataset import PseudoLabelDataset
from .rendered import RenderedBenchmark
from .samplers import DomainPairSampler, PseudoLabelSampler
from .sprites import SpritesDataset
from .transforms import AllFrames, SampleFeature, SegmentFrames, SelectFrames
from .video_scores import VideoScores, video_names

__all__ = [
    'ClipRandAugment',
    'DomainPairDataset',
    'shared_configs',
    'draws_from',
    'FeatureDataset',
    'FeatureStore',
    'PseudoLabelDataset',
    'PseudoLabelSampler',
    'RenderedBenchmark',
    'DomainPairSampler',
    'SpritesDataset',
    'AllFrames',
    'ComputeFlow',
    'InPieces',
    'SampleFeature',
    'SegmentFrames',
    'SelectFrames',
    'VideoDecode',
    'VideoInit',
    'VideoScores',
    'video_names',
]

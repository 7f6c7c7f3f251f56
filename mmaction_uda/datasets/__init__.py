from .clip_augment import ClipRandAugment
from .decoding import InPieces, VideoDecode, VideoInit
from .domain_pair_dataset import DomainPairDataset, shared_configs
from .draws import draws_from
from .features import FeatureDataset, FeatureStore
from .flow import ComputeFlow
from .joined_dataset import JoinedDataset, build_joined
from .pseudo_label_dataset import PseudoLabelDataset
from .rendered import RenderedBenchmark
from .samplers import DomainPairSampler, PseudoLabelSampler
from .segment_dataset import SegmentDataset
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
    'JoinedDataset',
    'build_joined',
    'PseudoLabelDataset',
    'PseudoLabelSampler',
    'RenderedBenchmark',
    'DomainPairSampler',
    'SegmentDataset',
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

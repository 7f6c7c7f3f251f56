from .adapter_neck import AdapterNeck
from .class_token_neck import ClassTokenNeck
from .frame_encoder_neck import FrameEncoderNeck
from .frame_neck import FrameNeck
from .mean_neck import MeanNeck
from .multi_modal_neck import MultiModalNeck
from .token_neck import TokenNeck
from .transformer_neck import TransformerNeck
from .transvae_neck import TranSVAENeck
from .trn_neck import TRNNeck

__all__ = [
    'AdapterNeck',
    'ClassTokenNeck',
    'FrameEncoderNeck',
    'FrameNeck',
    'MeanNeck',
    'MultiModalNeck',
    'TokenNeck',
    'TransformerNeck',
    'TranSVAENeck',
    'TRNNeck',
]

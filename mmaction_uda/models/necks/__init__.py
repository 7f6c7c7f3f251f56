from .class_token_neck import ClassTokenNeck
from .frame_encoder_neck import FrameEncoderNeck
from .transformer_neck import TransformerNeck
from .trn_neck import TRNNeck

__all__ = ['ClassTokenNeck', 'FrameEncoderNeck', 'TransformerNeck', 'TRNNeck']

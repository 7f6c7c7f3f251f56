from .transformer_neck import TransformerNeck

__all__ = ['TransformerNeck']

from .uda_recognizer import UDARecognizer

__all__ = ['UDARecognizer']

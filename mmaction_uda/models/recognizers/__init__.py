from .self_training_recognizer import SelfTrainingRecognizer
from .uda_recognizer import UDARecognizer

__all__ = ['SelfTrainingRecognizer', 'UDARecognizer']

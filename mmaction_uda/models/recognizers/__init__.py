from .mean_teacher_recognizer import MeanTeacherRecognizer
from .self_training_recognizer import SelfTrainingRecognizer
from .uda_recognizer import UDARecognizer

__all__ = ['MeanTeacherRecognizer', 'SelfTrainingRecognizer', 'UDARecognizer']

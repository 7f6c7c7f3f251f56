from .actions import CLASSES
from .benchmark import RenderedBenchmark

__all__ = ['CLASSES', 'RenderedBenchmark']

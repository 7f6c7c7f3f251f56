"""Tokens of videos on disk: stores, the data set that reads them, others'."""

from .dataset import FeatureDataset
from .store import FeatureStore
from .writer import written_aside

__all__ = ['FeatureDataset', 'FeatureStore', 'written_aside']

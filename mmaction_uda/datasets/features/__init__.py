"""Tokens of videos on disk: stores, the data set that reads them, others'."""

from .dataset import FeatureDataset
from .store import FeatureStore

__all__ = ['FeatureDataset', 'FeatureStore']

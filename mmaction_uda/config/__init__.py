"""Configs: how they are found, put together, and checked for dead names."""

from .fit import fit
from .loading import ConfigError, load_config

__all__ = ['ConfigError', 'fit', 'load_config']

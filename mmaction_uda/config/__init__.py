"""Configs: how they are found, put together, and checked for dead names."""

from .fit import fit
from .loading import ConfigError, load_config
from .pair import pair_of_lists

__all__ = ['ConfigError', 'fit', 'load_config', 'pair_of_lists']

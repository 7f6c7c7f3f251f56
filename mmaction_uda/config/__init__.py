"""Configs: how they are found, put together, and checked for dead names."""

from .fit import fit
from .loading import ConfigError, load_config
from .pair import direction, pair_of_lists

__all__ = ['ConfigError', 'direction', 'fit', 'load_config', 'pair_of_lists']

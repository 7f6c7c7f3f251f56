"""Where weights come from: files, addresses, packages, names of a table."""

from .addresses import Address, similar
from .hub import model_folder, weights_in
from .named import address_faults, fetch, files_of, named_weights
from .table import ROWS, Row

__all__ = [
    'ROWS',
    'Address',
    'Row',
    'address_faults',
    'fetch',
    'files_of',
    'model_folder',
    'named_weights',
    'similar',
    'weights_in',
]

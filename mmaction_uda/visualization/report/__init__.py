from .gather import gather
from .page import write_report
from .tables import FORMATS, to_csv, to_latex, to_markdown

__all__ = [
    'FORMATS',
    'gather',
    'to_csv',
    'to_latex',
    'to_markdown',
    'write_report',
]

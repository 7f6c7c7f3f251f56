from .alarms import markdown_alarms
from .attention import Attention, flat_attention, frame_attention
from .plots import plot_attention, plot_curves
from .results import markdown_table, mean_std, summarise

__all__ = [
    'Attention',
    'flat_attention',
    'frame_attention',
    'plot_attention',
    'plot_curves',
    'markdown_alarms',
    'markdown_table',
    'mean_std',
    'summarise',
]

"""What only target labels tell, marked by the word oracle wherever it is."""

from os.path import basename
from typing import Callable, Dict, Optional

from .history import TOP1, History
from .validators import PREFIX


def is_oracle(checkpoint: str) -> bool:
    """Whether target labels chose a checkpoint, by the name of its file.

    ``save_best`` of MMEngine writes ``best_<name of the number>_....pth``.
    """
    name = basename(checkpoint)
    return name.startswith('best_') and not name.startswith(f'best_{PREFIX}_')


def target_chance(history: History) -> Optional[str]:
    """The target accuracy is at chance."""
    rows = history.validated(TOP1, f'{PREFIX}/source_chance')
    return chance_line('oracle: target', *rows[-1]) if rows else None


def chance_line(domain: str, right: float, chance: float) -> Optional[str]:
    """What an accuracy at chance is told by, both in [0, 1]."""
    if right > chance:
        return None
    return f'{domain} accuracy {right:.1%} is not above chance ({chance:.1%})'


# For tables of trainings that are over.
ORACLES: Dict[str, Callable[[History], Optional[str]]] = dict(
    target_chance=target_chance
)

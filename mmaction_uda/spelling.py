"""What was perhaps meant by a name that is not known."""

from difflib import get_close_matches
from typing import Sequence


def similar(name: str, names: Sequence[str]) -> str:
    """`` Similar names: …``, or nothing."""
    found = get_close_matches(name, [*dict.fromkeys(names)], 4, 0.5)
    return f' Similar names: {", ".join(found)}.' if found else ''


def advice(name: str, known: Sequence[str], otherwise: str) -> str:
    """Which of the known names was perhaps meant, or something else."""
    found = get_close_matches(name, known, 1, 0.6)
    return f'Did you mean {found[0]}?' if found else otherwise


def is_misspelt(name: str, known: Sequence[str]) -> bool:
    """Whether a name is almost that of another, apart from numbers."""
    bare = name.rstrip('0123456789')
    alike = get_close_matches(name, known, 3, 0.85)
    return any(other.rstrip('0123456789') != bare for other in alike)

"""What a config needs and is not there, found without making any of it."""

from typing import List

from mmengine.config import Config

from ..faults import gathered
from .checking import check_data


def lacking(cfg: Config) -> List[str]:
    """Lists, labels and videos that are not there, or are wrong.

    What ``cfg.prepare`` would make is not missed.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`; not changed.

    Returns:
        list[str]: One sentence each, and how to mend it.
    """
    faults: List[str] = []
    if not cfg.get('prepare'):
        with gathered(faults):
            check_data(cfg)
    return faults

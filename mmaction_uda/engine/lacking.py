"""What a config needs and is not there, found without making any of it."""

from typing import Iterator, List

from mmengine.config import Config

from ..faults import gathered
from ..zoo import files_of, named_weights
from .checking import check_data


def lacking(cfg: Config) -> List[str]:
    """Lists, videos and weights that are not there, or are wrong.

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
    return [*faults, *_weights(cfg.model)]


def _weights(model: dict) -> Iterator[str]:
    present = files_of(model)
    for named in named_weights(model):
        if named.path in present:
            continue
        address = named.model or '://' in named.text
        remedy = (
            'they are downloaded when a training begins.'
            if address and not named.text.startswith('pip://')
            else 'docs/zoo.md says how to get them.'
        )
        yield f'{named.path}: {named.text!r} is not here; {remedy}'

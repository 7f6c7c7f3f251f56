"""What a training of a grid finds: variables, and stages before it."""

import os
from contextlib import contextmanager
from functools import cache
from typing import Dict, Iterator

from mmaction_uda.config import load_config
from mmaction_uda.engine import stage_config


@cache
def stage_files(config: str) -> Dict[str, str]:
    """Configs of the stages that come before a config, by name."""
    cfg = load_config(config)
    return {name: stage_config(cfg, name) for name in cfg.get('stages', {})}


def environment(seed: int) -> Dict[str, str]:
    """What a config of the embedded benchmark reads its seed from."""
    return dict(DEMO_SEED=str(seed))


@contextmanager
def in_environment(values: Dict[str, str]) -> Iterator[None]:
    """Read configs as a tool does that is begun with these variables."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

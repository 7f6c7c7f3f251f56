from typing import Any, Optional

from mmaction.registry import MODELS


def build_part(cfg: Optional[dict], **defaults) -> Any:
    """The module of a config, laid over ``defaults``; None for None."""
    return None if cfg is None else MODELS.build({**defaults, **cfg})

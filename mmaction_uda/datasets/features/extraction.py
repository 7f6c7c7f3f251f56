"""What an extraction is, apart from its backbone."""

from dataclasses import dataclass
from typing import Sequence

from ...choices import check_choice


@dataclass
class Extraction:
    """How tokens are made from videos, apart from the backbone.

    Args:
        name (str): Subdirectory of the stores; a store holds what one
            backbone makes of one list.
        pipeline (Sequence[dict]): How the videos are read. Not needed for
            imported tokens.
        dtype (str): ``'float32'`` or ``'float16'``, of the tokens on disk.
            Defaults to ``'float32'``.
    """

    name: str
    pipeline: Sequence[dict] = ()
    dtype: str = 'float32'

    def __post_init__(self) -> None:
        check_choice('extraction.dtype', self.dtype, ('float32', 'float16'))

import os.path as osp
import re
from typing import List, Optional

from mmaction.datasets import BaseActionDataset
from mmaction.registry import DATASETS

from ..lists import Line, parse_lines
from .decoding import VideoInit

_LINE = re.compile(r'(.*?\S)\s+(\d+)\s+(\d+)(?:\s+([+-]?\d+))?')
FORMAT = '`path start stop label` or `path start stop`, 0 <= start < stop'


@DATASETS.register_module()
class SegmentDataset(BaseActionDataset):
    """Parts of long videos, several of one file.

    A line of the list is ``path start stop label``, or without the label:
    the frames ``start`` … ``stop - 1`` of a video, counted from 0.
    :class:`VideoInit` opens them as a video of their own, so that no other
    frame is read. A video is told from others by all three.

    Args:
        args, kwargs: See :class:`BaseActionDataset`; ``data_prefix`` is
            ``dict(video=FOLDER)``.

    Raises:
        ValueError: For a pipeline that opens whole videos.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for transform in self.pipeline.transforms:
            for part in getattr(transform, 'transforms', [transform]):
                name = type(part).__name__
                if name.endswith('Init') and not isinstance(part, VideoInit):
                    raise ValueError(
                        f'{self.ann_file!r}: {name} opens a whole video, not '
                        'a segment of it. Let the pipeline begin with '
                        'VideoInit, VideoDecode.'
                    )

    def load_data_list(self) -> List[dict]:
        """Read the list."""
        prefix = self.data_prefix.get('video') or ''
        return [
            dict(
                filename=(place := osp.join(prefix, line.name)),
                img_key=place,  # goes with a sample
                label=line.label,
                line=line.number,
                segment=line.segment,
            )
            for line in read_segments(self.ann_file)
        ]


def read_segments(file: str) -> List[Line]:
    """Read a list of segments; a missing label is -1.

    Args:
        file (str): The list, in UTF-8.

    Raises:
        FileNotFoundError, ValueError: As :func:`read_list`.
    """
    return parse_lines(file, _parse, FORMAT)


def _parse(text: str) -> Optional[Line]:
    match = None if '\0' in text else _LINE.fullmatch(text)
    if match is None:
        return None
    name, start, stop, label = match.groups()
    segment = int(start), int(stop)
    if segment[0] >= segment[1]:
        return None
    return Line(osp.normpath(name), int(label or -1), segment=segment)

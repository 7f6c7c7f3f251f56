"""How MMAction2's data sets read lists."""

import functools
import os.path as osp
from typing import Callable

from .lists import read_list


def read_any_list() -> None:
    """Let MMAction2 read lists with blanks in names, with tabs, with a BOM.

    Its data sets of videos and of frames cut lines at every blank and name
    neither list nor line when that fails. Lists of several labels
    a video, of offsets, and of frames without labels are left to them.

    https://github.com/open-mmlab/mmaction2/issues/2659
    """
    from mmaction.datasets import RawframeDataset, VideoDataset

    def reader(host: Callable, kind: str, path: str) -> Callable:
        @functools.wraps(host)
        def load_data_list(self) -> list:
            options = dict(multi_class=False, with_offset=False, delimiter=' ')
            if any(getattr(self, k, v) != v for k, v in options.items()):
                return host(self)
            frames = path == 'frame_dir'
            lines = read_list(self.ann_file, frames)
            if frames and any(line.frames is None for line in lines):
                return host(self)  # no labels
            # os.path.join takes three times as long.
            prefix = osp.join(self.data_prefix[kind] or '', '')
            return [
                {
                    path: place,
                    'img_key': place,  # goes with a sample
                    'label': line.label,
                    'line': line.number,
                    **(dict(total_frames=line.frames) if frames else {}),
                }
                for line in lines
                for name in [line.name]
                for place in [name if name[0] == '/' else prefix + name]
            ]

        return load_data_list

    for dataset, names in {
        VideoDataset: ('video', 'filename'),
        RawframeDataset: ('img', 'frame_dir'),
    }.items():
        dataset.load_data_list = reader(dataset.load_data_list, *names)

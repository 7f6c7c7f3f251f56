import os.path as osp
from typing import Callable, List, Union

from mmaction.datasets import BaseActionDataset
from mmaction.registry import DATASETS

from .feature_store import FeatureStore


def video_names(dataset: BaseActionDataset) -> List[str]:
    """Paths of the videos as the list gives them, without the prefix."""
    prefix = dataset.data_prefix.get('video') or ''
    names = (dataset.get_data_info(i)['filename'] for i in range(len(dataset)))
    return [osp.relpath(n, prefix) if prefix else n for n in names]


@DATASETS.register_module()
class FeatureDataset(BaseActionDataset):
    """The stored tokens of an ordinary video data set.

    The list, the labels and the extraction pipeline are those of
    ``videos``; an item is what ``pipeline`` makes of ``features``, the
    tokens ``[N, C]`` of a video.

    Args:
        videos (dict): Config of the data set of videos; its pipeline is
            that of the extraction.
        store (str): Directory of the :class:`FeatureStore`.
        pipeline (list): Usually ``SampleFeature``, ``PackActionInputs``.
        test_mode (bool): As in MMAction2. Defaults to False.
        kwargs: Other arguments of :class:`BaseActionDataset`.
    """

    def __init__(
        self,
        videos: dict,
        store: str,
        pipeline: List[Union[dict, Callable]],
        test_mode: bool = False,
        **kwargs,
    ) -> None:
        self.videos = DATASETS.build(videos)
        self.store = store
        super().__init__(
            self.videos.ann_file,
            pipeline=pipeline,
            data_prefix=dict(),
            test_mode=test_mode,
            metainfo=self.videos.metainfo,
            **kwargs,
        )

    def load_data_list(self) -> List[dict]:
        """Take names and labels from the list, open the store."""
        self.features = FeatureStore.open(self.store, video_names(self.videos))
        infos = map(self.videos.get_data_info, range(len(self.videos)))
        return [dict(filename=i['filename'], label=i['label']) for i in infos]

    def get_data_info(self, idx: int) -> dict:
        """Add the tokens to the annotation."""
        info = super().get_data_info(idx)
        info['features'] = self.features[info['sample_idx']]
        return info

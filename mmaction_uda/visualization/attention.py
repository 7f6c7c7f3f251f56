from typing import Tuple

import numpy as np
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

from ..datasets import SampleFeature


def frame_attention(
    cfg: Config, checkpoint: str, index: int
) -> Tuple[np.ndarray, np.ndarray, str]:
    """Weights that the last block gives the frames of a test video.

    Args:
        cfg (Config): A config that reads cached features.
        checkpoint (str): Its checkpoint.
        index (int): The video's place in the test list.

    Returns:
        tuple: frames ``[T, H, W, 3]`` (uint8) of the first view, weights
        ``[T]`` that sum to 1, and the name of the video.
    """
    init_default_scope('mmaction')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    model = MODELS.build(cfg.model)
    load_checkpoint(model, checkpoint, map_location='cpu', strict=True)
    model.eval()
    with torch.no_grad():
        batch = model.data_preprocessor(pseudo_collate([dataset[index]]))
        tokens = model.backbone(batch['inputs'])
        weights = model.neck.frame_weights(tokens)[0, 0]
    sample = next(
        t for t in dataset.pipeline.transforms if isinstance(t, SampleFeature)
    )
    info = dataset.get_data_info(index)
    clip = dataset.videos[index]['inputs'][0]  # [3, T, H, W]
    places = sample.frame_indices(len(info['features']))[0]
    # A token stands for the frames at the same share of the video.
    places = places * clip.shape[1] // len(info['features'])
    frames = clip[:, places].permute(1, 2, 3, 0).numpy()
    return frames, weights.numpy(), info['filename']

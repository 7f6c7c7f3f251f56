"""What MDTA weighs, of the video of a list whose weights move most."""

from typing import Dict, NamedTuple, Optional, Tuple, cast

import numpy as np
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

from ..datasets import FeatureDataset, SampleFeature
from ..engine.predictions import frame_weights_kept, predict
from ..engine.validation import source_config
from ..evaluation.alarms import UNIFORM
from ..evaluation.signals import frame_concentration
from ..models import UDARecognizer


class Attention(NamedTuple):
    """The first view of a video, and what a model makes of it.

    Args:
        name (str): The video's file.
        label (str): Its class.
        predicted (str): The class that it is taken for.
        frames (np.ndarray): ``[T, H, W, 3]``, uint8, RGB.
        numbers (np.ndarray): ``[T]``, of these frames in the video, from 0.
        weights (np.ndarray): ``[T]``, they sum to 1.
        spreads (np.ndarray): ``[N]``, of all videos of its list, see
            :func:`frame_concentration`; its own is the largest.
    """

    name: str
    label: str
    predicted: str
    frames: np.ndarray
    numbers: np.ndarray
    weights: np.ndarray
    spreads: np.ndarray


def frame_attention(cfg: Config, checkpoint: str) -> Dict[str, Attention]:
    """The test video of each domain whose frames MDTA weighs least alike.

    Args:
        cfg (Config): A config with MDTA that reads stored tokens.
        checkpoint (str): Its checkpoint.

    Returns:
        dict: ``target``, and ``source`` if the validation has one.

    Raises:
        ValueError: If the last attention of the config is not MDTA.
    """
    init_default_scope('mmaction')
    model = MODELS.build(cfg.model)
    load_checkpoint(model, checkpoint, 'cpu', strict=True, logger='silent')
    lists = dict(target=cfg.test_dataloader.dataset, source=source_config(cfg))
    return {
        domain: _attention(model, DATASETS.build(config))
        for domain, config in lists.items()
        if config is not None
    }


def flat_attention(spreads: np.ndarray) -> Optional[str]:
    """A sentence for weights that are all alike, in every video.

    Args:
        spreads (np.ndarray): Of :class:`Attention`.
    """
    if spreads.max() >= UNIFORM:
        return None
    return (
        'MDTA is a plain mean of the frames here: the spread is below '
        f'{UNIFORM} in all {len(spreads)} videos.'
    )


def _attention(model: UDARecognizer, dataset: FeatureDataset) -> Attention:
    neck = cast(torch.nn.Module, model.neck)
    with frame_weights_kept(neck) as kept:
        _, logits = predict(model, dataset, range(len(dataset)), 64)
    if not kept:
        raise ValueError('the last attention of the model is not MDTA')
    weights = torch.cat(kept)[:, 0]
    spreads = np.array([frame_concentration(w)[0] for w in weights])
    index = int(spreads.argmax())
    info = dataset.get_data_info(index)
    frames, numbers = _frames(dataset, info)
    names = dataset.metainfo.get('classes') or range(logits.shape[-1])
    return Attention(
        info['filename'],
        str(names[info['label']]),
        str(names[int(logits[index].mean(0).argmax())]),
        frames,
        numbers,
        weights[index].numpy(),
        spreads,
    )


def _frames(
    dataset: FeatureDataset, info: dict
) -> Tuple[np.ndarray, np.ndarray]:
    """Frames of the first view, and their numbers."""
    sample = next(
        t for t in dataset.pipeline.transforms if isinstance(t, SampleFeature)
    )
    stored = len(info['features'])
    video = dataset.videos[info['row']]['inputs']
    if isinstance(video, torch.Tensor):
        video = video[0].transpose(0, 1)  # [T, 3, H, W]
    # A token stands for the frames at the same share of the video.
    numbers = sample.frame_indices(stored)[0] * len(video) // stored
    frames = torch.cat([video[int(i) : int(i) + 1] for i in numbers])
    return frames.permute(0, 2, 3, 1).numpy(), numbers

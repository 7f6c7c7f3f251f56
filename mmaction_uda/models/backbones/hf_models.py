"""Models of Hugging Face's transformers: which, and how they are read."""

import json
import os.path as osp
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

from ...zoo import model_folder
from ...zoo.hub import PREPROCESSORS

# Of a config, what no number depends on.
NO_SETTINGS = (
    *('transformers_version', '_name_or_path', 'architectures', 'dtype'),
    *('torch_dtype', 'id2label', 'label2id', '_attn_implementation'),
)


@dataclass(frozen=True)
class Kind:
    """How transformers has a kind of model.

    Args:
        name (str): Its class there.
        patches (str, optional): In what order a video model has its patches,
            as einops writes it; of an image model, the token is its own
            pooled output.
        first (int): Tokens that come before the patches. Defaults to 0.
        frames (str, optional): Setting that is the length of all clips.
        key (str): Argument that takes the pixels.
        build (dict): Arguments of its class.
        call (dict): Arguments of its ``forward``.
    """

    name: str
    patches: Optional[str] = None
    first: int = 0
    frames: Optional[str] = None
    key: str = 'pixel_values'
    build: Dict[str, Any] = field(default_factory=dict)
    call: Dict[str, Any] = field(default_factory=dict)


IMAGES = {
    'clip_vision_model': Kind('CLIPVisionModel'),
    'dinov2': Kind('Dinov2Model'),
    'dinov2_with_registers': Kind('Dinov2WithRegistersModel'),
    'dinov3_vit': Kind('DINOv3ViTModel'),
    'siglip_vision_model': Kind('SiglipVisionModel'),
}
VIDEOS = {
    'timesformer': Kind('TimesformerModel', '(p t)', 1, 'num_frames'),
    'videomae': Kind('VideoMAEModel', '(t p)', 0, 'num_frames'),
    'vivit': Kind(
        'VivitModel',
        '(t p)',
        1,
        'num_frames',
        build=dict(add_pooling_layer=False),
    ),
    'vjepa2': Kind(
        'VJEPA2Model',
        '(t p)',
        key='pixel_values_videos',
        call=dict(skip_predictor=True),
    ),
}


def settings_of(model: str) -> dict:
    """The settings of a model, from the ``config.json`` beside its weights.

    Args:
        model (str): A folder of ``save_pretrained``, or ``ORG/REPO``, perhaps
            with ``@REVISION``, of the Hub.
    """
    file = osp.join(model_folder(model), 'config.json')
    with open(file, encoding='utf-8') as text:
        found = json.load(text)
    # Models of images and texts have a config for each.
    found = found.get('vision_config', found)
    if found.get('model_type') in ('clip', 'siglip'):
        found['model_type'] += '_vision_model'
    return {k: v for k, v in found.items() if k not in NO_SETTINGS}


def pixels_of(model: str) -> Optional[Tuple[list, list]]:
    """Mean and deviation of the pixels that a model was trained on.

    Args:
        model (str): As above.

    Returns:
        tuple, optional: Both for values of 0 to 255; None if nothing is
        said of them.
    """
    for name in PREPROCESSORS:
        file = osp.join(model_folder(model), name)
        if osp.isfile(file):
            with open(file, encoding='utf-8') as text:
                found: Mapping[str, Any] = json.load(text)
            if found.get('image_mean') and found.get('image_std'):
                both = found['image_mean'], found['image_std']
                mean, std = ([255 * x for x in part] for part in both)
                return mean, std
    return None

"""Models of Hugging Face's transformers: which, and how they are read."""

import os.path as osp
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...faults import Faults
from ...files import parsed
from ...spelling import advice, is_misspelt
from ...zoo import model_folder, weights_in
from ...zoo.hub import PREPROCESSORS

TYPES = ('HFImageBackbone', 'HFProjectedBackbone', 'HFVideoBackbone')
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
PROJECTED = {'clip_vision_model': Kind('CLIPVisionModelWithProjection')}
TEXTS = {
    'clip_text_model': Kind('CLIPTextModelWithProjection', key='input_ids')
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


def settings_of(model: str, part: str = 'vision') -> dict:
    """The settings of a model, from the ``config.json`` beside its weights.

    Args:
        model (str): A folder of ``save_pretrained``, or ``ORG/REPO``, perhaps
            with ``@REVISION``, of the Hub.
        part (str): Of a model of images and texts, ``'vision'`` or
            ``'text'``. Defaults to ``'vision'``.
    """
    found = _read(osp.join(model_folder(model), 'config.json'))
    if f'{part}_config' in found:
        kind = f'{found.get("model_type")}_{part}_model'
        width = {k: v for k, v in found.items() if k == 'projection_dim'}
        found = {'model_type': kind, **found[f'{part}_config'], **width}
    return {k: v for k, v in found.items() if k not in NO_SETTINGS}


def _read(file: str) -> dict:
    with open(file, encoding='utf-8') as text:
        try:
            found = parsed(text.read())
        except ValueError as error:
            raise Faults(f'{file!r} is no JSON: {error}') from error
    if not isinstance(found, dict):
        raise Faults(f'{file!r} holds no settings')
    return found


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
            found = _read(file)
            if found.get('image_mean') and found.get('image_std'):
                both = found['image_mean'], found['image_std']
                mean, std = ([255 * x for x in part] for part in both)
                return mean, std
    return None


def resolved(backbone: dict) -> dict:
    """A config with the settings of its ``model`` in place of the name."""
    if not _names_model(backbone):
        return backbone
    left = {k: v for k, v in backbone.items() if k != 'model'}
    own, changes = settings_of(backbone['model']), backbone.get('config') or {}
    wrong = [k for k in changes if k not in own and is_misspelt(k, [*own])]
    if wrong:
        raise Faults(
            f'model.backbone.backbone.config.{wrong[0]} is no setting of '
            f'{backbone["model"]!r}. {advice(wrong[0], [*own], "")}'
        )
    return {**left, 'config': {**own, **changes}}


def model_weights(backbone: dict) -> Optional[str]:
    """The weights of the ``model`` of a config, if it names one."""
    if not _names_model(backbone):
        return None
    return weights_in(model_folder(backbone['model']))


def _names_model(backbone: Mapping) -> bool:
    name = str(backbone.get('type')).removeprefix('mmaction.')
    return name in TYPES and backbone.get('model') is not None


def pixel_notes(model: Mapping) -> List[str]:
    """What a model sees in other colours than it was trained on.

    Args:
        model (dict): Config of a :class:`UDARecognizer`.
    """
    inner = model['backbone'].get('backbone') or {}
    pixels = _names_model(inner) and pixels_of(inner['model'])
    notes = []
    for name, wanted in zip(('mean', 'std'), pixels or ()):
        given = model['data_preprocessor'].get(name) or []
        if any(abs(a - b) > 1 for a, b in zip(given, wanted)):
            notes.append(
                f'data_preprocessor.{name}={list(given)}, but '
                f'{inner["model"]!r} was trained with '
                f'{[round(x, 3) for x in wanted]}'
            )
    return notes

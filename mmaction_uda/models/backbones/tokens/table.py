"""How the output of a backbone is read as one token per time step."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Dict, Optional

from ....choices import check_choice


@dataclass(frozen=True)
class Reading:
    """What a backbone takes, and where its tokens come out.

    Args:
        layout (str): What it takes: ``'clips'`` ``[n, C, t, h, w]`` or
            ``'frames'`` ``[(n t), C, h, w]``. Defaults to ``'clips'``.
        mixes_time (bool): Whether a frame of the output depends on others
            of the clip. False lets clips be cut into frames at will.
            Defaults to True.
        module (str, optional): The tokens are what this submodule returns
            (``'blocks.-1'`` is the last of a list; what comes behind it is
            not run); by default what the backbone returns.
        pattern (str): The axes of that output in the notation of einops:
            ``n`` clips, ``t`` time, ``c`` channels; the mean is taken over
            all others. Several, for different ranks, are split by ``|``.
        class_token (str, optional): Of an output of patches behind a class
            token along ``patch_axis``: ``'only'`` it is read, or it is
            left ``'out'``.
        patch_axis (int): See there. Defaults to 1.
        join (bool): Concatenate the channels of all outputs, each at the
            coarsest time step; False reads the last. Defaults to False.
        options (dict): Arguments that the backbone must be built with.
    """

    layout: str = 'clips'
    mixes_time: bool = True
    module: Optional[str] = None
    pattern: str = 'n c t h w'
    class_token: Optional[str] = None
    patch_axis: int = 1
    join: bool = False
    options: Dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice('tokens.layout', self.layout, ('clips', 'frames'))
        check_choice(
            'tokens.class_token', self.class_token, (None, 'only', 'out')
        )


CLIPS = Reading()
SHIFTED = Reading(layout='frames', pattern='(n t) c h w')
IMAGES = replace(SHIFTED, mixes_time=False, pattern='(n t) c h w|(n t) c')
# Patches ordered place by place, each through time, behind a class token.
SPACE_TIME = Reading(module='norm', pattern='n (p t) c', class_token='out')

READINGS = {
    'C3D': Reading(module='pool5'),
    'EfficientNetLite0': IMAGES,
    'HFImageBackbone': IMAGES,
    'HFProjectedBackbone': IMAGES,
    'HFVideoBackbone': Reading(pattern='n c t p'),
    'InceptionI3D': CLIPS,
    'MobileNetV2': IMAGES,
    'MobileNetV2TSM': SHIFTED,
    'MobileOneTSM': SHIFTED,
    'MViT': Reading(options=dict(output_cls_token=False)),
    'ResNet': IMAGES,
    'ResNetTSM': SHIFTED,
    'ResNet3dSlowFast': Reading(pattern='n c (t f) h w', join=True),
    'STAM': Reading(layout='frames', pattern='(n t) c'),
    'TANet': SHIFTED,
    'TimeSformer': SPACE_TIME,
    'TimeSformer space_only': Reading(
        module='transformer_layers', pattern='(n t) p c', class_token='only'
    ),
    'UniFormerV2': Reading(
        module='transformer.resblocks.-1',
        pattern='p (n t) c',
        class_token='only',
        patch_axis=0,
    ),
    'VisionTransformer': Reading(options=dict(return_feat_map=True)),
}


def reading_of(backbone: dict, changes: Optional[dict] = None) -> Reading:
    """How a backbone is read, by its name.

    Args:
        backbone (dict): Its config. One that is not in the table is taken
            for an image backbone if another package's (``mmpretrain.``,
            ``torchvision.``, ``timm.``), else for one that maps clips to
            ``[n, c, t, h, w]``.
        changes (dict, optional): What is read in another way: arguments of
            :class:`Reading`.

    Raises:
        TypeError: If ``changes`` has other keys.
    """
    name = backbone['type'].removeprefix('mmaction.')
    variant = f'{name} {backbone.get("attention_type")}'
    default = IMAGES if '.' in name else CLIPS
    reading = READINGS.get(variant) or READINGS.get(name) or default
    return Reading(**{**asdict(reading), **(changes or {})})

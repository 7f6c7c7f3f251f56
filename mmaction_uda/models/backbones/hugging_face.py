"""Video and image models of Hugging Face's transformers."""

from contextlib import contextmanager
from importlib.util import find_spec
from typing import Dict, Iterator, Optional

import einops
import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...faults import Faults
from .hf_models import IMAGES, PROJECTED, VIDEOS, Kind, settings_of


class _HFBackbone(nn.Module):
    """What both have in common.

    Args:
        model (str, optional): A folder that ``save_pretrained`` has written,
            or ``ORG/REPO``, perhaps with ``@REVISION``, of the Hub: settings
            and weights. ``checkpoint`` of :class:`FrozenBackbone` takes
            other weights, its ``seed`` random ones.
        config (dict, optional): Settings as in its ``config.json``, with the
            ``model_type``; beside ``model``, those that are changed.

    Source: https://github.com/huggingface/transformers
    """

    kinds: Dict[str, Kind]

    def __init__(
        self, model: Optional[str] = None, config: Optional[dict] = None
    ) -> None:
        super().__init__()
        own = {} if model is None else settings_of(model)
        settings = {**own, **(config or {})}
        name = settings.pop('model_type', None)
        if name not in self.kinds:
            raise ValueError(
                f'{type(self).__name__} reads no model of the type {name!r}: '
                f'{_meant(name)}'
            )
        self.kind = self.kinds[name]
        transformers = _transformers()
        self.net_class = getattr(transformers, self.kind.name)
        self.config = self.net_class.config_class(**settings)
        self.net = self.net_class(self.config, **self.kind.build)

    def own_names(self, state: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Weights by the names they have here.

        Args:
            state (dict[str, Tensor]): As this or any other version of
                transformers names them, perhaps of a larger model that has
                this one inside.

        Returns:
            dict[str, Tensor]: Those that were found.
        """
        if all(name in state for name in self.state_dict()):
            return state
        with _quiet():  # what is missing is told by who asks
            net, told = self.net_class.from_pretrained(
                None,
                config=self.config,
                state_dict=dict(state),
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                **self.kind.build,
            )
        missing = {f'net.{name}' for name in told['missing_keys']}
        found = {f'net.{k}': v for k, v in net.state_dict().items()}
        found = {k: v for k, v in found.items() if k not in missing}
        for name, there, _ in told['mismatched_keys']:
            found[f'net.{name}'] = torch.empty(there)  # its shape is told
        return found

    def _run(self, pixels: Tensor):
        return self.net(**{self.kind.key: pixels}, **self.kind.call)


@MODELS.register_module()
class HFImageBackbone(_HFBackbone):
    """An image model of transformers: CLIP, DINOv2, DINOv3, SigLIP.

    Its token of a frame is what it takes for the image itself: the class
    token behind the last norm; of SigLIP, the output of its attention pool.

    Args: Those of :class:`_HFBackbone`.
    """

    kinds = IMAGES

    def forward(self, x: Tensor) -> Tensor:
        """Map frames ``[n, 3, H, W]`` to tokens ``[n, c]``."""
        return self._run(x).pooler_output


@MODELS.register_module()
class HFProjectedBackbone(_HFBackbone):
    """An image model of transformers whose tokens texts are compared with.

    Its token of a frame is that of :class:`HFImageBackbone`, projected into
    the space that images and texts share, not scaled to norm 1: CLIP.

    Args: Those of :class:`_HFBackbone`.
    """

    kinds = PROJECTED

    def forward(self, x: Tensor) -> Tensor:
        """Map frames ``[n, 3, H, W]`` to tokens ``[n, c]``."""
        return self._run(x).image_embeds


@MODELS.register_module()
class HFVideoBackbone(_HFBackbone):
    """A video model of transformers: TimeSformer, VideoMAE, ViViT, V-JEPA 2.

    Its token of a time step, a frame or a tubelet, is the mean of its
    patches. Class tokens are left out.

    Args: Those of :class:`_HFBackbone`.
    """

    kinds = VIDEOS

    def forward(self, x: Tensor) -> Tensor:
        """Map clips ``[n, 3, T, H, W]`` to patches ``[n, c, t, p]``."""
        wanted = getattr(self.config, self.kind.frames or '', x.size(2))
        step = getattr(self.config, 'tubelet_size', 1)
        step = step if isinstance(step, int) else step[0]
        if wanted != x.size(2) or wanted % step:
            size = wanted if self.kind.frames else step * (wanted // step)
            raise Faults(
                f'{self.kind.name} takes clips of {size or step} frames, got '
                f'{x.size(2)}. Set model.backbone.window to dict(size='
                f'{size or step}, stride={size or step}, pool=None).'
            )
        patches = self._run(x.transpose(1, 2)).last_hidden_state
        return einops.rearrange(
            patches[:, self.kind.first :],
            f'n {self.kind.patches} c -> n c t p',
            t=x.size(2) // step,
        )


def _meant(name: Optional[str]) -> str:
    for other in (HFImageBackbone, HFVideoBackbone):
        if name in other.kinds:
            return f'take type={other.__name__!r}'
    return f'there are {", ".join(sorted({*IMAGES, *VIDEOS}))}'


@contextmanager
def _quiet() -> Iterator[None]:
    logging = _transformers().utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _transformers():
    if find_spec('transformers') is None:
        raise ImportError(
            'models of Hugging Face need the package transformers, which is '
            'not installed. pip install transformers (the extra hf)'
        )
    import transformers

    return transformers

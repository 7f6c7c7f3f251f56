"""Embeds sentences by the text tower of a model that sees images, too."""

import os.path as osp
from typing import List, Mapping, Sequence

import torch
from torch import Tensor

from ...faults import Faults
from ...zoo import Address, model_folder, weights_in
from ...zoo.hub import TOKENIZERS
from .hf_models import TEXTS, settings_of
from .hugging_face import _HFBackbone, _transformers
from .weights import load_weights

BATCH = 256  # sentences at once


class HFTextEncoder(_HFBackbone):
    """The text tower of CLIP, with its projection.

    Args: Those of :class:`_HFBackbone`.
    """

    kinds = TEXTS

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens ``[n, L]`` to embeddings ``[n, D]``."""
        return self._run(x).text_embeds


def check_backbone(backbone: Mapping) -> None:
    """Refuse a backbone that no texts can be compared with.

    Args:
        backbone (dict): Config of a :class:`FrozenBackbone`.

    Raises:
        Faults: Names what is needed.
    """
    net = backbone.get('backbone') or {}
    weights = backbone.get('checkpoint')
    if net.get('type') != 'HFProjectedBackbone' or net.get('model') is None:
        raise Faults(
            'texts are compared with the tokens of the model that embeds '
            "them: model.backbone.backbone must be dict(type='HFProjected"
            f"Backbone', model=...), as in backbones/clip_projected.py, got "
            f'{net.get("type")!r}'
        )
    if backbone.get('seed') is not None or isinstance(weights, Mapping):
        raise Faults(
            'model.backbone needs the weights of its model, or one file as '
            'checkpoint, that holds both towers: random ones know no texts'
        )


@torch.no_grad()
def embed(backbone: Mapping, sentences: Sequence[str]) -> Tensor:
    """Embeddings ``[n, D]`` of sentences, as the model projects them.

    Args:
        backbone (dict): Config of a :class:`FrozenBackbone`: its model and
            its file of weights are read.
        sentences (Sequence[str]): ``n`` of them.

    Raises:
        Faults: For another backbone, a model without a tokenizer, or
            sentences that are too long.
    """
    check_backbone(backbone)
    model, weights = backbone['backbone']['model'], backbone.get('checkpoint')
    net = HFTextEncoder(config=settings_of(model, 'text')).eval()
    folder = model_folder(model)
    file = Address.parse(weights).fetch() if weights else weights_in(folder)
    load_weights(net, file)
    tokens = _tokens(folder, sentences, net.config.max_position_embeddings)
    return torch.cat([net(part) for part in tokens.split(BATCH)])


def _tokens(folder: str, sentences: Sequence[str], length: int) -> Tensor:
    lacking = [f for f in TOKENIZERS[:2] if not _is_in(folder, f)]
    if lacking:
        raise Faults(
            f'{folder!r} holds no {" and no ".join(lacking)}, the tokenizer '
            'of its model. Put them there; save_pretrained of a CLIPProcessor '
            'or the repository of the Hub has them.'
        )
    tokenizer = _transformers().CLIPTokenizer.from_pretrained(folder)
    found = tokenizer([*sentences], padding=True, return_tensors='pt')
    long: List[str] = [
        text
        for text, count in zip(sentences, found['attention_mask'].sum(1))
        if count > length
    ]
    if long:
        raise Faults(
            f'{len(long)} sentences have more than {length} tokens, first '
            f'{long[0]!r}. Shorten the template or the name of the class.'
        )
    return found['input_ids']


def _is_in(folder: str, file: str) -> bool:
    return osp.isfile(osp.join(folder, file))

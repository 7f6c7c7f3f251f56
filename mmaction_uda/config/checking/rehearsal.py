"""A model built from its config, and run once, without any memory or time.

On PyTorch's meta device tensors have shapes and nothing else: whatever does
not fit together in a model is found before its data are made.
"""

import re
from typing import List, Optional, Tuple

import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from ...models import UDARecognizer
from ...models.utils import SampleTensors
from .agreement import view_shape
from .reading import dict_at
from .registries import find

BATCH = 4  # of each domain
_LACKING = re.compile(
    r'(\w+)\.__init__\(\) missing \d+ required \S+ arguments?: (.*)'
)
# What code may raise of values that do not fit.
ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def rehearse(cfg: Config) -> Tuple[Optional[UDARecognizer], List[str]]:
    """Build a model and compute its losses once.

    The backbone is left out: the step begins with tokens. Models other than
    a :class:`UDARecognizer`, and steps that need the values of tensors, are
    not looked at.

    Args:
        cfg (Config): A config without faults of its single settings.

    Returns:
        tuple: The model, None if it cannot be built, and faults.
    """
    kind = find(MODELS, dict_at(cfg._cfg_dict, 'model').get('type'))
    if not isinstance(kind, type) or not issubclass(kind, UDARecognizer):
        return None, []
    tokens = dict(type='FrozenBackbone', features='rehearsal', cached=True)
    given = dict(backbone=tokens) if 'backbone' in cfg.model else {}
    model = Config(dict(model=dict(cfg.model, **given))).model
    net = None
    try:
        with torch.device('meta'), torch.random.fork_rng(devices=[]):
            net = MODELS.build(model)
            _step(net, cfg)
    except ERRORS as error:
        text = ' '.join(str(error).split())
        if not isinstance(error, NotImplementedError) and ' meta' not in text:
            lacking = _LACKING.search(text)
            if lacking:
                text = f'{lacking[1]} needs {lacking[2]}. Set it.'
                return net, [f'model: {text}']
            return net, [
                f'model cannot be run: {type(error).__name__}: {text}'
            ]
    return net, []


def _step(net: UDARecognizer, cfg: Config) -> None:
    """Losses of a batch, if what it holds is known; its logits at a test."""
    shape = view_shape(cfg._cfg_dict)
    if shape is None:
        return
    inputs = torch.empty(2 * BATCH, *shape)
    if not cfg.get('train_dataloader'):
        net.extract_feat(inputs, stage='head', test_mode=True)
        return
    labels = torch.zeros(2 * BATCH, dtype=torch.long)
    scores = None
    if dict_at(cfg._cfg_dict, 'train_dataloader', 'dataset').get('teacher'):
        scores = torch.empty(2 * BATCH, net.cls_head.num_classes)
    places = torch.arange(2 * BATCH)
    samples = SampleTensors(labels, BATCH, scores, indices=places)
    net.losses(inputs, samples)

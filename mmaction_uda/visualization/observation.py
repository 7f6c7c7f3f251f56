"""What a trained model makes of the test videos of both domains."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, cast

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor
from torch.nn import Module

from ..datasets import FeatureDataset, build_joined
from ..engine import load_fitting
from ..engine.predictions import frame_weights_kept, predict
from ..engine.validation import source_config
from ..models import UDARecognizer

BATCH = 64
TOKENS, ENCODER, CLASSIFIER = 'tokens', 'encoder', 'classifier'


@dataclass
class Observation:
    """Test videos of a domain, means over their views.

    Args:
        dataset (FeatureDataset): Where the ``N`` videos are listed.
        labels (np.ndarray): ``[N]``, -1 for none.
        layers (dict): ``{layer: [N, d]}`` from the backbone's ``tokens`` over
            the blocks of the encoder to the ``classifier``, whose rows are
            probabilities; means over time.
        frame_weights (np.ndarray, optional): ``[N, T]``, those that MDTA
            gives the frames of the first view; None without MDTA.
    """

    dataset: FeatureDataset
    labels: np.ndarray
    layers: Dict[str, np.ndarray]
    frame_weights: Optional[np.ndarray]

    @property
    def predicted(self) -> np.ndarray:
        """``[N]`` classes."""
        return self.layers[CLASSIFIER].argmax(1)


def observe(cfg: Config, checkpoint: str) -> Dict[str, Observation]:
    """Run a trained model over stored tokens.

    Args:
        cfg (Config): The config of the training.
        checkpoint (str): Its weights.

    Returns:
        dict: ``target``, and ``source`` if the validation has one.

    Raises:
        ValueError: If the config reads videos, not stored tokens; if weights
            or tokens are not those of the config.
        FileNotFoundError: If they are not there.
    """
    init_default_scope('mmaction')
    lists = dict(target=cfg.test_dataloader.dataset, source=source_config(cfg))
    datasets = {
        domain: build_joined(config)
        for domain, config in lists.items()
        if config is not None
    }
    if not all(getattr(data, 'stored', False) for data in datasets.values()):
        raise ValueError('it reads videos in every step, no stored tokens')
    model = MODELS.build(cfg.model)
    load_fitting(model, checkpoint)
    return {d: _observed(model, data) for d, data in datasets.items()}


def _observed(model: UDARecognizer, dataset: FeatureDataset) -> Observation:
    neck = cast(Module, model.neck)
    with layers_kept(neck) as layers, frame_weights_kept(neck) as weights:
        feats, logits = predict(model, dataset, range(len(dataset)), BATCH)
    found = {name: torch.cat(rows) for name, rows in layers.items()}
    found[ENCODER] = feats.mean(1)
    found[CLASSIFIER] = logits.mean(1).softmax(-1)
    infos = map(dataset.get_data_info, range(len(dataset)))
    return Observation(
        dataset,
        np.array([info['label'] for info in infos]),
        {name: rows.float().numpy() for name, rows in found.items()},
        torch.cat(weights)[:, 0].numpy() if weights else None,
    )


@contextmanager
def layers_kept(neck: Module) -> Iterator[Dict[str, List[Tensor]]]:
    """Keep what lies between the backbone and a neck's output meanwhile.

    Args:
        neck (Module): One that reads tokens ``[B, V, T, C]``; its ``blocks``,
            if there are any, give ``([B * V, T, d], …)``. The last of them is
            not kept: the neck returns its mean.

    Yields:
        dict: ``{layer: [[B, d] of every batch]}``, means over views and time.
    """
    kept: Dict[str, List[Tensor]] = {}
    current: Dict[str, Tensor] = {}

    def before(_: Any, args: tuple) -> None:
        current[TOKENS] = args[0].flatten(1, 2).mean(1)

    def behind(name: str, out: tuple) -> None:
        rows = out[0].mean(1)
        current[name] = rows.unflatten(0, (len(current[TOKENS]), -1)).mean(1)

    def after(*_: Any) -> None:
        for name, rows in current.items():
            kept.setdefault(name, []).append(rows)

    with ExitStack() as hooks:
        hooks.callback(neck.register_forward_pre_hook(before).remove)
        blocks = [*getattr(neck, 'blocks', ())]
        for number, block in enumerate(blocks[:-1], 1):
            hook = block.register_forward_hook(
                lambda _, __, out, name=f'block {number}': behind(name, out)
            )
            hooks.callback(hook.remove)
        hooks.callback(neck.register_forward_hook(after).remove)
        yield kept

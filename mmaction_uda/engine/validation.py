from typing import Dict, List, Optional, Tuple, Union

import torch
from mmaction.registry import LOOPS
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.model import is_model_wrapper
from mmengine.runner import ValLoop
from torch import Tensor

from ..datasets import DomainPairDataset, build_joined
from ..datasets.annotations import infos_of
from ..evaluation import Seen, scores, signals
from ..models import UDARecognizer
from .predictions import (
    frame_weights_kept,
    gathered,
    predict,
    training_set_as_tested,
)

# Videos of a list that are scored: that they lie densely is seen by comparing
# each with all others.
SCORED = 10_000


@LOOPS.register_module()
class UDAValLoop(ValLoop):
    """Validation that also says what can be known without target labels.

    Beside the accuracy on the target's labelled test videos, an oracle, it
    adds the scores and signals of ``mmaction_uda.evaluation``, of the
    target's training videos, whose labels are not looked at, and of labelled
    source videos that the training does not learn from. Videos are read as
    at test, of long lists ``SCORED`` of them, evenly spaced.

    Args:
        source (dict | list, optional): What differs between the data set of
            these source videos and ``val_dataloader.dataset``: a list; of
            several sources, one for each. None: there are none, and only the
            scores of the target alone; likewise where the training has no
            source (``dataset.source=None``).
        args, kwargs: See :class:`ValLoop`.
    """

    def __init__(
        self, *args, source: Union[None, dict, List[dict]] = None, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        cfg = self.runner.cfg
        config = source_config(cfg)
        self.source: Optional[BaseDataset] = None
        if config is not None:
            self.source = build_joined(config)
        loader = cfg.get('train_dataloader')
        pair = loader and training_set_as_tested(cfg)
        domains = pair.domains if isinstance(pair, DomainPairDataset) else {}
        self.train_source = domains.get('source')
        self.target = domains.get('target')

    @torch.no_grad()
    def run(self) -> Dict[str, float]:
        """Validate, and give all hooks the scores among the metrics."""
        self.runner.call_hook('before_val')
        self.runner.call_hook('before_val_epoch')
        self.runner.model.eval()
        for index, batch in enumerate(self.dataloader):
            self.run_iter(index, batch)
        metrics = self.evaluator.evaluate(len(self.dataloader.dataset))
        metrics.update(self.scores())
        self.runner.call_hook('after_val_epoch', metrics=metrics)
        self.runner.call_hook('after_val')
        return metrics

    def scores(self) -> Dict[str, float]:
        """Scores and signals of the domains that the training has."""
        seen = Seen()
        if self.target is not None:
            with frame_weights_kept(self._model.neck) as weights:
                seen.logits, seen.feats = self._predict(self.target)
            if weights:
                rows = torch.cat(weights)
                seen.frame_weights = gathered(rows, len(seen.feats))
        if self.source is not None:
            seen.source_logits, seen.source_feats = self._predict(self.source)
            infos = infos_of(self.source)
            labels = [infos[i]['label'] for i in evenly(len(infos))]
            seen.source_labels = torch.tensor(labels)
        if self.source and self.target and self.train_source:
            # As many as of the target: a source may be far larger.
            number = min(len(self.train_source), len(seen.feats))
            _, seen.train_feats = self._predict(self.train_source, number)
        return {**scores(seen), **signals(seen)}

    def _predict(
        self, videos: BaseDataset, number: Optional[int] = None
    ) -> Tuple[Tensor, Tensor]:
        """Means over views: logits ``[N, K]``, features ``[N, d]``.

        Args:
            videos (BaseDataset): Where ``N`` videos are taken from.
            number (int, optional): ``N``, evenly spaced, at most ``SCORED``.
                Defaults to all.
        """
        feats, logits = predict(
            self._model,
            videos,
            evenly(len(videos), number),
            self.dataloader.batch_size,
            self.dataloader.num_workers,
        )
        return logits.mean(1), feats.mean(1)

    @property
    def _model(self) -> UDARecognizer:
        model = self.runner.model
        return model.module if is_model_wrapper(model) else model


def evenly(total: int, number: Optional[int] = None) -> List[int]:
    """So many of ``total`` indices, at most ``SCORED``; by default all."""
    number = min(number or total, SCORED)
    return [i * total // number for i in range(number)]


def source_config(cfg: Config) -> Union[None, dict, List[dict]]:
    """Config of the labelled source videos of the validation, if any.

    Of several sources, one for each. There are none where the training itself
    does without a source.
    """
    source = (cfg.get('val_cfg') or {}).get('source')
    loader = cfg.get('train_dataloader')
    if not source or (loader and loader.dataset.get('source', 0) is None):
        return None
    tested = cfg.val_dataloader.dataset
    if isinstance(source, list):
        return [{**tested, **one} for one in source]
    return {**tested, **source}

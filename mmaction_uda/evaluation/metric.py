from typing import Any, Dict, List, Sequence

import numpy as np
import torch
from mmaction.evaluation import AccMetric
from mmaction.registry import METRICS


@METRICS.register_module()
class ClassAccMetric(AccMetric):
    """MMAction2's accuracies, fair to classes that have no test video.

    ``mean1`` counts such a class as wrong as soon as one video is taken for
    it. Where there is one, ``mean1_present`` stands beside it: the mean over
    the classes that have test videos.

    Args:
        args, kwargs: See :class:`AccMetric`.
    """

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep scores and labels; the host copies all of a sample first."""
        scores, labels = (
            [sample[key] for sample in data_samples]
            for key in ('pred_score', 'gt_label')
        )
        if isinstance(scores[0], dict) or {*map(len, labels)} != {1}:
            return super().process(data_batch, data_samples)
        rows = torch.stack(scores).cpu().numpy()
        self.results += [
            dict(pred=row, label=label)
            for row, label in zip(rows, torch.cat(labels).tolist())
        ]

    def calculate(
        self, preds: List[np.ndarray], labels: List[int]
    ) -> Dict[str, float]:
        """Accuracies of scores ``[N][K]``, given ``N`` labels."""
        found = super().calculate(preds, labels)
        present = np.unique(labels)
        if 'mean1' in found and len(present) < len(preds[0]):
            hits = np.argmax(preds, axis=1) == labels
            rates = [hits[np.equal(labels, c)].mean() for c in present]
            found['mean1_present'] = np.mean(rates)
        return found

from typing import List, Tuple

import torch
from mmaction.models import ActionDataPreprocessor
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from ..choices import check_choice
from .utils import DOMAINS


def _stamp(batch: dict, domain: str) -> None:
    for sample in batch['data_samples']:
        sample.set_metainfo(dict(domain=domain))


@MODELS.register_module()
class UDADataPreprocessor(ActionDataPreprocessor):
    """MMAction2's preprocessing, for each domain of a pair of domains.

    ====================================================  ================
    in (``pseudo_collate`` of :class:`DomainPairDataset`)  out
    ====================================================  ================
    ``source: {inputs: [B x], data_samples: [B]}``        ``inputs``:
    ``target: {inputs: [B x], data_samples: [B]}``        ``[2B, ...]``,
                                                          source first;
                                                          ``data_samples``:
                                                          ``2B``, each with
                                                          its ``domain``
    ``{inputs: [B x], data_samples: [B]}`` (plain)        as in MMAction2;
                                                          in training each
                                                          with the domain
                                                          ``train_domain``
    ====================================================  ================

    Items of three dimensions are cached tokens ``[V, T, C]``: they are
    stacked, not normalised, so that one config serves clips and tokens.

    Args:
        train_domain (str): The domain of plain batches in training: a stage
            on labelled source videos alone. Defaults to ``'source'``.
        args, kwargs: See :class:`ActionDataPreprocessor`.
    """

    def __init__(self, *args, train_domain: str = 'source', **kwargs) -> None:
        super().__init__(*args, **kwargs)
        check_choice('train_domain', train_domain, DOMAINS)
        self.train_domain = train_domain

    def forward(self, data: dict, training: bool = False) -> dict:
        """Preprocess a pair of domains or a plain batch."""
        if not isinstance(data, dict) or 'source' not in data:
            data = super().forward(data, training)
            if training:
                _stamp(data, self.train_domain)
            return data
        parts = [
            super(UDADataPreprocessor, self).forward(data[d], training)
            for d in DOMAINS
        ]
        for domain, part in zip(DOMAINS, parts):
            _stamp(part, domain)
        return dict(
            inputs=torch.cat([part['inputs'] for part in parts]),
            data_samples=sum((part['data_samples'] for part in parts), []),
        )

    def preprocess(
        self,
        inputs: List[torch.Tensor],
        data_samples: List[ActionDataSample],
        training: bool = False,
    ) -> Tuple:
        """Stack cached tokens; hand all else to the host."""
        if inputs[0].ndim == 3:
            return torch.stack(inputs).to(torch.float32), data_samples
        return super().preprocess(inputs, data_samples, training)

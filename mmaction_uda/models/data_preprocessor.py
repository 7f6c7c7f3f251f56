from typing import List, Optional, Sequence, Tuple, Union

import torch
from mmaction.models import ActionDataPreprocessor
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.structures import BaseDataElement

from ..choices import check_choice
from ..faults import Faults
from ..streams import Stream
from .utils import DOMAINS

Samples = Sequence[Optional[ActionDataSample]]
SHOWN = 3  # names


def _stamp(batch: dict, domain: str) -> None:
    for sample in batch['data_samples']:
        sample.set_field(domain, 'domain', field_type='metainfo')


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
    stacked, not normalised, so that one config serves clips and tokens. Long
    videos (:class:`InPieces`) are normalised where their frames are read. One
    transfer moves those of a domain, and nothing waits for it. Labels stay
    where they are: :func:`gt_labels` moves all that are asked for at once.

    A second view of the target, ``weak`` beside its ``inputs``, becomes
    ``weak`` beside those of the batch.

    Inputs that are not finite are refused. In training that is for who reads
    ``seen``, ``(finite, data_samples)`` of the last batch: whether the inputs
    of each sample are, ``[B]``, on their device.

    Args:
        train_domain (str): The domain of plain batches in training: a stage
            on labelled source videos alone. Defaults to ``'source'``.
        args, kwargs: See :class:`ActionDataPreprocessor`.
    """

    def __init__(self, *args, train_domain: str = 'source', **kwargs) -> None:
        super().__init__(*args, **kwargs)
        check_choice('train_domain', train_domain, DOMAINS)
        self.train_domain = train_domain
        self.seen: Optional[Tuple[torch.Tensor, Samples]] = None

    def forward(self, data: dict, training: bool = False) -> dict:
        """Preprocess a pair of domains or a plain batch.

        Raises:
            Faults: Names samples whose inputs are not finite, at test.
        """
        batch = self._merge(data, training)
        if not isinstance(batch['inputs'], torch.Tensor):  # not decoded yet
            return batch
        # A sum shows NaN and Inf, and takes a tenth of the time.
        finite = batch['inputs'].flatten(1).sum(1).isfinite()
        if training:
            self.seen = finite, batch['data_samples']
        elif not finite.all():
            samples = bad_samples(finite, batch['data_samples'])
            raise Faults(bad_inputs(samples))
        return batch

    def _merge(self, data: dict, training: bool) -> dict:
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
        merged: dict = dict(
            inputs=torch.cat([part['inputs'] for part in parts]),
            data_samples=sum((part['data_samples'] for part in parts), []),
        )
        if 'weak' in parts[-1]:  # a second view of the target
            merged['weak'], _ = self.preprocess(parts[-1]['weak'], [])
        return merged

    def cast_data(self, data):
        """Move clips and tokens to the device, tokens stacked."""
        if isinstance(data, BaseDataElement):
            return data
        if _are_tokens(data):
            return self._stack(data)
        return super().cast_data(data)

    def preprocess(
        self,
        inputs: Union[torch.Tensor, List[torch.Tensor], List[Stream]],
        data_samples: List[ActionDataSample],
        training: bool = False,
    ) -> Tuple:
        """Leave stacked tokens as they are; hand clips to the host."""
        if isinstance(inputs, torch.Tensor) and inputs.ndim == 4:
            return inputs.to(torch.float32), data_samples
        streams = [x for x in inputs if isinstance(x, Stream)]
        if streams:
            videos = [x.map(self._normalise, x.size) for x in streams]
            return videos, data_samples
        return super().preprocess(inputs, data_samples, training)

    def _normalise(self, frames: torch.Tensor) -> torch.Tensor:
        """Let the host preprocess frames ``[T, C, H, W]`` of a long video."""
        clip = frames.transpose(0, 1)[None].to(self.device)
        batch, _ = super().preprocess([clip], [])
        return batch[0, 0].transpose(0, 1)

    def _stack(self, tokens: List[torch.Tensor]) -> torch.Tensor:
        first = tokens[0]
        batch = torch.empty(
            (len(tokens), *first.shape),
            dtype=first.dtype,
            device=first.device,
            # From other memory a GPU copies while the process waits.
            pin_memory=self.device.type == 'cuda' and not first.is_cuda,
        )
        torch.stack(tokens, out=batch)
        return batch.to(self.device, non_blocking=True)


def bad_samples(finite: torch.Tensor, samples: Samples) -> List[str]:
    """Where the samples whose inputs are not finite come from."""
    return [
        str(sample and sample.get('img_key', None) or f'sample {i} of a batch')
        for i, (sample, ok) in enumerate(zip(samples, finite.tolist()))
        if not ok
    ]


def bad_inputs(names: List[str]) -> str:
    """What is said of them."""
    more = f' and {len(names) - SHOWN} more' if len(names) > SHOWN else ''
    return (
        f'NaN or Inf in the inputs of {", ".join(names[:SHOWN])}{more}. Make '
        'their features again, or remove their lines from the list.'
    )


def _are_tokens(data) -> bool:
    """Whether this is a list of tensors ``[V, T, C]``."""
    first = data[0] if isinstance(data, (list, tuple)) and data else None
    return isinstance(first, torch.Tensor) and first.ndim == 3

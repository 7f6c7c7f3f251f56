"""Batches of pairs become source, then target, whatever is in them."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

SIZES = st.tuples(*[st.integers(1, 5)] * 4)  # of a batch of tokens
DTYPES = st.sampled_from([torch.float32, torch.float16, torch.float64])
SEEDS = st.integers(0, 2**31)
DOMAINS = 'source', 'target'
MEAN, STD = [110.0, 120.0, 130.0], [50.0, 60.0, 70.0]


def build(kind: str = 'UDADataPreprocessor', **kwargs):
    """A preprocessor of clips ``[V, C, T, H, W]``."""
    config = dict(type=kind, mean=MEAN, std=STD, format_shape='NCTHW')
    return MODELS.build(dict(config, **kwargs))


def batch(items: list) -> dict:
    return dict(inputs=items, data_samples=[ActionDataSample() for _ in items])


def tokens(sizes: tuple, dtype, seed: int) -> list:
    generator = torch.Generator().manual_seed(seed)
    return [*torch.randn(sizes, generator=generator).to(dtype)]


def clips(number: int, seed: int) -> list:
    generator = torch.Generator().manual_seed(seed)
    shape = (number, 1, 3, 2, 4, 4)
    made = torch.randint(0, 256, shape, generator=generator)
    return [*made.to(torch.uint8)]


@given(SIZES, DTYPES, SEEDS)
def test_tokens_of_both_domains(sizes, dtype, seed):
    """Not normalised, in single precision, each with its domain."""
    parts = {d: tokens(sizes, dtype, seed + i) for i, d in enumerate(DOMAINS)}
    out = build()({d: batch(x) for d, x in parts.items()}, training=True)
    wanted = torch.stack([*parts['source'], *parts['target']]).float()
    assert out['inputs'].dtype == torch.float32
    assert torch.equal(out['inputs'], wanted)
    found = [sample.domain for sample in out['data_samples']]
    assert found == [d for d in DOMAINS for _ in range(sizes[0])]


@given(st.integers(1, 4), st.booleans(), SEEDS)
def test_clips_are_normalised_by_domain(number, training, seed):
    """As the host does it for each domain."""
    parts = {d: clips(number, seed + i) for i, d in enumerate(DOMAINS)}
    out = build()({d: batch(x) for d, x in parts.items()}, training)
    host = build('ActionDataPreprocessor')
    wanted = [host(batch(x), training)['inputs'] for x in parts.values()]
    assert torch.equal(out['inputs'], torch.cat(wanted))


@given(st.integers(1, 4), SEEDS)
def test_plain_clips_are_those_of_the_host(number, seed):
    items = clips(number, seed)
    found = build()(batch(items))
    wanted = build('ActionDataPreprocessor')(batch(items))
    assert torch.equal(found['inputs'], wanted['inputs'])
    assert not any('domain' in sample for sample in found['data_samples'])


@given(SIZES, st.sampled_from(DOMAINS), st.booleans(), SEEDS)
def test_plain_tokens(sizes, domain, training, seed):
    """In training they are of the one domain that a stage has."""
    items = tokens(sizes, torch.float32, seed)
    out = build(train_domain=domain)(batch(items), training)
    assert torch.equal(out['inputs'], torch.stack(items))
    for sample in out['data_samples']:
        assert sample.get('domain') == (domain if training else None)

"""Which pairs an epoch has, for any sizes, lengths and numbers of ranks."""

import tempfile
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import DATASETS

from mmaction_uda.datasets import DomainPairDataset, DomainPairSampler
from mmaction_uda.datasets import samplers as module

SIZES = st.integers(1, 25)
SEEDS = st.integers(0, 2**31 - 1)
LENGTHS = st.one_of(
    st.sampled_from(['target', 'source', 'max', 'min']), st.integers(1, 60)
)


def videos(labels: list):
    """A real list of videos, which nothing opens."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, 'list.txt')
        lines = [f'{i}.mp4 {label}\n' for i, label in enumerate(labels)]
        file.write_text(''.join(lines))
        return DATASETS.build(
            dict(type='VideoDataset', ann_file=str(file), pipeline=[])
        )


def pair_of(source: list, target: list) -> DomainPairDataset:
    return DomainPairDataset(videos(source), videos(target))


def epoch_of(sampler: DomainPairSampler, epoch: int) -> list:
    sampler.set_epoch(epoch)
    return list(sampler)


@given(SIZES, SIZES, LENGTHS, SEEDS)
def test_domains_are_streams_of_permutations(source, target, length, seed):
    """They wrap round, and go on across epochs."""
    pair = pair_of([0] * source, [0] * target)
    sampler = DomainPairSampler(pair, seed, length)
    named = dict(
        source=source,
        target=target,
        max=max(source, target),
        min=min(source, target),
    )
    assert len(sampler) == named.get(length, length)
    drawn = sum((epoch_of(sampler, e) for e in range(4)), [])
    for domain, size in enumerate((source, target)):
        stream = [item[domain][0] for item in drawn]
        for start in range(0, len(stream), size):
            part = stream[start : start + size]
            assert len(set(part)) == len(part) and set(part) <= {*range(size)}
    assert epoch_of(sampler, 2) == drawn[2 * len(sampler) :][: len(sampler)]


@given(SIZES, SIZES, LENGTHS, SEEDS, st.integers(1, 5), st.integers(0, 3))
def test_ranks_divide_an_epoch(source, target, length, seed, world, epoch):
    """Step by step they hold the pairs that one process holds."""
    pair = pair_of([0] * source, [0] * target)
    whole = epoch_of(DomainPairSampler(pair, seed, length), epoch)
    parts = []
    for rank in range(world):
        with patch.object(module, 'get_dist_info', lambda r=rank: (r, world)):
            sampler = DomainPairSampler(pair, seed, length)
        parts.append(epoch_of(sampler, epoch))
        assert len(parts[-1]) == len(sampler) == len(whole) // world
    dealt = [item for step in zip(*parts) for item in step]
    assert dealt == whole[: len(dealt)]
    assert len(whole) - len(dealt) < world


@given(st.lists(st.integers(0, 3), min_size=1, max_size=25), SEEDS)
def test_classes_of_the_source_are_balanced(labels, seed):
    pair = pair_of(labels, [-1] * 5)
    counts = Counter(labels)
    rows = min(counts.values()) * len(counts)
    sampler = DomainPairSampler(pair, seed, rows, class_balanced=True)
    for epoch in range(3):
        drawn = [source for (source, _), _ in epoch_of(sampler, epoch)]
        assert len(set(drawn)) == rows
        found = Counter(labels[i] for i in drawn)
        assert set(found) == set(counts) and len(set(found.values())) == 1
        # In turn: after each round all have as many.
        for start in range(0, rows, len(counts)):
            turn = drawn[start : start + len(counts)]
            assert {labels[i] for i in turn} == set(counts)

import random

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmaction_uda.datasets import DomainPairDataset, DomainPairSampler
from mmaction_uda.datasets import samplers as module


@pytest.fixture
def make(tmp_path):
    """Build a pair of domains from their labels."""

    def video_list(name: str, labels: list):
        file = tmp_path / f'{name}.txt'
        lines = [f'{name}{i}.mp4 {c}' for i, c in enumerate(labels)]
        file.write_text('\n'.join(lines))
        return DATASETS.build(
            dict(type='VideoDataset', ann_file=str(file), pipeline=[])
        )

    def build(source: list, target: list) -> DomainPairDataset:
        return DomainPairDataset(
            video_list('source', source), video_list('target', target)
        )

    return build


def numbers(sampler, epoch: int = 0) -> tuple:
    """Source and target indices of an epoch."""
    sampler.set_epoch(epoch)
    pairs = list(sampler)
    assert len(pairs) == len(sampler)
    return [s for (s, _), _ in pairs], [t for _, (t, _) in pairs]


def draws(sampler, epoch: int = 0) -> tuple:
    """Seeds of the items' own draws."""
    sampler.set_epoch(epoch)
    pairs = list(sampler)
    return [s for (_, s), _ in pairs], [t for _, (_, t) in pairs]


def streams(sampler, num_epochs: int) -> tuple:
    """Both domains over several epochs."""
    epochs = [numbers(sampler, e) for e in range(num_epochs)]
    return tuple(sum((e[d] for e in epochs), []) for d in (0, 1))


def chunks(stream: list, size: int) -> list:
    """Whole passes of a stream."""
    ends = range(size, len(stream) + 1, size)
    return [stream[end - size : end] for end in ends]


# -- Determinism ------------------------------------------------------------
def test_an_epoch_is_a_function_of_seed_and_epoch(make):
    dataset = make([0] * 9, [0] * 7)
    sampler = DomainPairSampler(dataset, seed=3)
    for epoch in range(4):
        list(sampler)  # what went before does not matter
        sampler.set_epoch(epoch)
        first = list(sampler)
        assert first == list(sampler)
        resumed = DomainPairSampler(dataset, seed=3)
        resumed.set_epoch(epoch)
        assert list(resumed) == first
        other = DomainPairSampler(dataset, seed=4)
        other.set_epoch(epoch)
        assert numbers(other, epoch) != numbers(sampler, epoch)
        assert draws(other, epoch) != draws(sampler, epoch)


def test_a_seed_is_drawn_if_none_is_given(make):
    dataset = make([0] * 20, [0] * 20)
    first, second = (DomainPairSampler(dataset) for _ in range(2))
    assert numbers(first) != numbers(second)
    assert numbers(DomainPairSampler(dataset, seed=first.seed)) == (
        numbers(first)
    )


def test_equally_long_domains_have_different_orders(make):
    sampler = DomainPairSampler(make([0] * 12, [0] * 12), seed=0)
    for epoch in range(3):
        source, target = numbers(sampler, epoch)
        assert sorted(source) == sorted(target) == list(range(12))
        assert source != target


# -- Streams ----------------------------------------------------------------
@pytest.mark.parametrize('length', ['source', 'target', 4, 30])
def test_passes_neither_repeat_nor_omit_an_index(make, length):
    sampler = DomainPairSampler(
        make([0] * 11, [0] * 7), seed=0, epoch_length=length
    )
    for stream, size in zip(streams(sampler, 12), (11, 7), strict=True):
        passes = chunks(stream, size)
        assert len(passes) > 3
        assert all(sorted(p) == list(range(size)) for p in passes)


def test_a_shorter_domain_wraps_round_into_another_permutation(make):
    sampler = DomainPairSampler(
        make([0] * 6, [0] * 18), seed=0, epoch_length='target'
    )
    source, target = numbers(sampler)
    passes = chunks(source, 6)
    assert len(passes) == 3 and len(target) == 18
    assert passes[0] != passes[1] != passes[2] != passes[0]


def test_the_position_goes_on_across_epochs(make):
    """Epochs of any length cut one and the same stream."""
    dataset = make([0] * 11, [0] * 5)
    long = DomainPairSampler(dataset, seed=0, epoch_length=60)
    for length, num_epochs in ((5, 12), (11, 5), (30, 2)):
        short = DomainPairSampler(dataset, seed=0, epoch_length=length)
        for stream, whole in zip(
            streams(short, num_epochs), streams(long, 1), strict=True
        ):
            assert stream == whole[: length * num_epochs]


# -- Length -----------------------------------------------------------------
@pytest.mark.parametrize(
    'epoch_length, expected',
    [('source', 9), ('target', 5), ('max', 9), ('min', 5), (3, 3), (40, 40)],
)
def test_epoch_length(make, epoch_length, expected):
    sampler = DomainPairSampler(
        make([0] * 9, [0] * 5), seed=0, epoch_length=epoch_length
    )
    assert len(sampler) == expected
    assert [len(domain) for domain in numbers(sampler)] == [expected] * 2


def test_by_default_an_epoch_is_a_pass_over_the_target(make):
    sampler = DomainPairSampler(make([0] * 9, [0] * 5), seed=0)
    for epoch in range(3):
        assert sorted(numbers(sampler, epoch)[1]) == list(range(5))


@pytest.mark.parametrize('epoch_length', ['longest', 0, -3, 2.5, None])
def test_other_lengths_are_refused(make, epoch_length):
    with pytest.raises(ValueError, match='epoch_length') as error:
        DomainPairSampler(make([0], [0]), seed=0, epoch_length=epoch_length)
    assert repr(epoch_length) in str(error.value)


@pytest.mark.parametrize(
    'epoch_length, batches, expected',
    [
        ('source', 3, 6),  # cut
        ('target', 3, 5),  # an epoch that is shorter anyway
        (40, 3, 6),
        (40, 4, 8),  # as many as the longer domain has
        (40, 15, 30),
    ],
)
def test_num_batch_per_epoch_cuts_the_epoch(
    make, epoch_length, batches, expected
):
    with DefaultScope.overwrite_default_scope('mmaction'):
        loader = Runner.build_dataloader(
            dict(
                dataset=make([0] * 8, [0] * 5),
                sampler=dict(
                    type='DomainPairSampler', epoch_length=epoch_length
                ),
                batch_size=2,
                num_workers=0,
                num_batch_per_epoch=batches,
            ),
            seed=0,
        )
    assert len(loader.sampler) == expected
    assert len(loader) == -(-expected // 2)
    assert len(list(loader.sampler)) == expected


# -- Classes ----------------------------------------------------------------
LABELS = [2, 0, 1, 1, 2, 0, 2, 1, 2, 2, 0, 1]  # 3, 4 and 5 of a class


def test_class_balanced_source(make):
    """systems.md 1.3: c0, c1, ..., as many as the smallest class has."""
    sampler = DomainPairSampler(
        make(LABELS, [0, 1, 2] * 6),
        seed=0,
        epoch_length='target',
        class_balanced=True,
    )
    source, target = streams(sampler, 4)
    assert [LABELS[i] for i in source] == [0, 1, 2] * 24
    passes = chunks(source, 3 * 3)
    assert len(passes) == 8
    assert all(len(set(p)) == 9 for p in passes)
    assert len({frozenset(p) for p in passes}) > 1  # what is left out varies
    assert set(source) == set(range(12))
    assert all(sorted(t) == list(range(18)) for t in chunks(target, 18))


def test_the_target_is_drawn_without_labels(make):
    """Its order does not depend on the classes, balanced or not."""
    orders = []
    for target in ([0, 1, 2] * 4, LABELS):
        for balanced in (True, False):
            dataset = make(LABELS, target)
            sampler = DomainPairSampler(
                dataset, seed=0, class_balanced=balanced
            )
            orders.append(numbers(sampler)[1])
    assert orders == 4 * orders[:1]


# -- Processes --------------------------------------------------------------
@pytest.mark.parametrize('balanced', [True, False])
@pytest.mark.parametrize('world', [2, 3, 4])
def test_ranks_share_the_pairs_of_one_process(
    make, monkeypatch, world, balanced
):
    dataset = make(LABELS, [0, 1, 2] * 5)
    kwargs = dict(seed=0, epoch_length=14, class_balanced=balanced)
    alone = DomainPairSampler(dataset, **kwargs)
    for epoch in range(3):
        parts = []
        for rank in range(world):
            monkeypatch.setattr(
                module, 'get_dist_info', lambda rank=rank: (rank, world)
            )
            sampler = DomainPairSampler(dataset, **kwargs)
            sampler.set_epoch(epoch)
            parts.append(list(sampler))
            assert len(parts[-1]) == len(sampler) == 14 // world
        alone.set_epoch(epoch)
        whole = list(alone)
        for rank, part in enumerate(parts):
            assert part == whole[rank::world][: len(part)]
        dealt = [pair for step in zip(*parts, strict=True) for pair in step]
        assert dealt == whole[: 14 // world * world]


# -- Draw seeds -------------------------------------------------------------
def test_every_position_has_its_own_draw_seed(make):
    sampler = DomainPairSampler(
        make([0] * 5, [0] * 5), seed=0, epoch_length=200
    )
    epochs = [draws(sampler, epoch) for epoch in range(3)]
    seeds = [seed for epoch in epochs for domain in epoch for seed in domain]
    assert len(seeds) == len(set(seeds)) == 3 * 2 * 200
    assert all(isinstance(seed, int) for seed in seeds)
    assert 0 <= min(seeds) and 2**31 < max(seeds) < 2**32  # np.random.seed's
    assert draws(sampler, 1) == epochs[1]


def test_a_repeated_video_is_drawn_anew(make):
    sampler = DomainPairSampler(make([0], [0]), seed=0, epoch_length=5)
    assert numbers(sampler) == ([0] * 5, [0] * 5)
    assert len(set(draws(sampler)[0])) == 5


# -- Items ------------------------------------------------------------------
def draw(results: dict) -> dict:
    """A transform of any origin."""
    numbers = [random.random(), np.random.randn(), float(torch.rand(()))]
    return dict(data_samples=dict(gt_label=results['label'], drawn=numbers))


@pytest.fixture
def drawing(make) -> tuple:
    """A pair of domains whose items are what was drawn, and its sampler."""
    dataset = make([0, 1, 2, 3], [0, 1, 2, 3])
    for domain in (dataset.source, dataset.target):
        domain.pipeline.transforms = [draw]
    return dataset, DomainPairSampler(dataset, seed=1, epoch_length=12)


def by_hand(draw_index: tuple, labelled: bool) -> dict:
    """What an item draws from its seed alone."""
    index, seed = draw_index
    generator = torch.Generator().manual_seed(seed)
    numbers = [
        random.Random(seed).random(),
        np.random.RandomState(seed).randn(),
        float(torch.rand((), generator=generator)),
    ]
    label = dict(gt_label=index) if labelled else {}
    return dict(data_samples=dict(label, drawn=numbers))


@pytest.mark.parametrize('batch', [1, 5, 12])
@pytest.mark.parametrize('workers', [0, 2])
def test_an_item_is_a_function_of_its_pair(drawing, workers, batch):
    dataset, sampler = drawing
    wanted = [
        dict(source=by_hand(i, True), target=by_hand(j, False))
        for i, j in sampler
    ]
    loader = DataLoader(
        dataset,
        batch,
        sampler=sampler,
        collate_fn=list,
        num_workers=workers,
        multiprocessing_context='fork' if workers else None,
    )
    assert sum(loader, []) == wanted
    assert [dataset[pair] for pair in sampler] == wanted


def test_others_go_on_as_if_nothing_was_drawn(drawing):
    dataset, sampler = drawing

    def numbers() -> list:
        # An odd number of normal draws: NumPy keeps one for later.
        return [random.gauss(0, 1), np.random.randn(), float(torch.rand(()))]

    def seed() -> None:
        random.seed(0)
        np.random.seed(0)
        torch.manual_seed(0)

    seed()
    wanted = [numbers(), numbers()]
    seed()
    found = [numbers()]
    dataset.__getitems__(list(sampler))
    found.append(numbers())
    assert found == wanted


def test_others_go_on_after_an_error(drawing):
    dataset, _ = drawing
    np.random.seed(0)
    wanted = np.random.RandomState(0).random_sample(3).tolist()
    with pytest.raises(IndexError):
        dataset[(0, 3), (9, 4)]
    assert np.random.random_sample(3).tolist() == wanted

"""Tokens in memory or on a device give the items of the mapped files."""

import os
import pickle

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from mmengine.registry import DefaultScope
from torch.utils.data import DataLoader

from mmaction_uda.datasets import (
    DomainPairDataset,
    DomainPairSampler,
    FeatureDataset,
    FeatureStore,
    PseudoLabelDataset,
    transforms,
)
from mmaction_uda.datasets.features import drawing, memory, shards
from mmaction_uda.datasets.features.filling import fill
from mmaction_uda.datasets.features.memory import DeviceTokens
from mmaction_uda.datasets.transforms import take_rows

LENGTHS = [4, 9, 1, 30, 12]  # some shorter than a view
S, C = 6, 5
SIZES = dict(float32=4, float16=2)


def tokens(index: int) -> np.ndarray:
    rng = np.random.default_rng(index)
    return rng.standard_normal((LENGTHS[index], C)).astype(np.float32)


@pytest.fixture
def build(tmp_path, monkeypatch):
    """``build(in_memory)``: the same five videos, in two shards and a half.

    A video can be bad.
    """
    monkeypatch.setattr(shards, 'SHARD_SIZE', 2)
    names = [f'{i}.mp4' for i in range(len(LENGTHS))]
    videos = tmp_path / 'list.txt'
    videos.write_text('\n'.join(f'{n} {i}' for i, n in enumerate(names)))

    def build(in_memory=None, dtype='float32', bad=()) -> FeatureDataset:
        path = str(tmp_path / dtype)
        store = FeatureStore.make(path, {}, names, [0] * 5, dtype)
        fill(
            store,
            names,
            lambda part: (
                ('bad' if i in bad else tokens(i), None)
                for i in map(names.index, part)
            ),
        )
        return DATASETS.build(
            dict(
                type='FeatureDataset',
                videos=dict(type='VideoDataset', ann_file=str(videos)),
                extraction=dict(name=dtype, dtype=dtype),
                store=str(tmp_path),
                in_memory=in_memory,
                bad_videos='exclude',
                pipeline=[
                    dict(type='SampleFeature', num_frames=S),
                    dict(type='PackActionInputs'),
                ],
            )
        )

    with DefaultScope.overwrite_default_scope('mmaction'):
        yield build


def one_by_one(dataset: FeatureDataset) -> FeatureDataset:
    """The data set, whose items all go through its pipeline."""
    dataset.draw_items = lambda draws: None
    return dataset


def batches(dataset: FeatureDataset, **kwargs) -> list:
    """Two epochs of pairs, as the training loop gets them."""
    pair = DomainPairDataset(dataset, dataset)
    sampler = DomainPairSampler(pair, seed=3, epoch_length=7)
    loader = DataLoader(
        pair, 3, sampler=sampler, collate_fn=pseudo_collate, **kwargs
    )
    found = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        found += list(loader)
    return found


def check_same(found: list, wanted: list) -> None:
    assert len(found) == len(wanted) == 6
    for a, b in zip(found, wanted, strict=True):
        for domain in ('source', 'target'):
            pairs = zip(a[domain]['inputs'], b[domain]['inputs'], strict=True)
            for x, y in pairs:
                assert x.dtype == torch.float32 and x.shape == (2, S, C)
                assert torch.equal(x, y)
        for x, y in zip(
            a['source']['data_samples'],
            b['source']['data_samples'],
            strict=True,
        ):
            assert torch.equal(x.gt_label, y.gt_label)
        assert not any('gt_label' in s for s in a['target']['data_samples'])


# -- the same items ---------------------------------------------------------
@pytest.mark.parametrize('workers', [0, 2])
@pytest.mark.parametrize('dtype', SIZES)
def test_items_are_those_of_the_files(build, dtype, workers):
    wanted = batches(one_by_one(build(dtype=dtype)))
    kwargs = dict(num_workers=workers)
    if workers:
        kwargs['multiprocessing_context'] = 'fork'
    check_same(batches(build('cpu', dtype), **kwargs), wanted)
    check_same(batches(build(dtype=dtype), **kwargs), wanted)


@pytest.mark.parametrize('in_memory', [None, 'cpu'])
@pytest.mark.parametrize('dtype', SIZES)
def test_rows_of_an_item(build, dtype, in_memory):
    """At test, by hand: float32 of what is stored."""
    dataset = build(in_memory, dtype)
    dataset.pipeline.transforms[0].test_mode = True
    for i, length in enumerate(LENGTHS):
        sample = dataset.pipeline.transforms[0]
        rows = tokens(i).astype(dtype)[sample.frame_indices(length)]
        item = dataset[i]
        assert item['inputs'].dtype == torch.float32
        assert np.array_equal(item['inputs'].numpy(), rows.astype('float32'))
        assert item['data_samples'].gt_label == i


@pytest.mark.parametrize('dtype', SIZES)
def test_tensors_give_the_items_of_the_files(build, dtype):
    """As on a GPU, only that these tensors lie in the host's memory."""
    wanted = batches(one_by_one(build(dtype=dtype)))
    dataset = build('cpu', dtype)
    dataset.tokens = [torch.from_numpy(rows) for rows in dataset.tokens.videos]
    check_same(batches(dataset), wanted)


@pytest.fixture
def at_once(build, monkeypatch):
    """``at_once(**kwargs)``: as on a GPU, in the host's memory.

    Counts the reads of the one tensor in ``at_once.reads``.
    """

    def read(features, indices):
        at_once.reads += 1
        return take_rows(features, indices)

    def at_once(**kwargs) -> FeatureDataset:
        dataset = build(**kwargs)
        dataset.tokens = DeviceTokens(dataset.features, 'cpu')
        return dataset

    at_once.reads = 0
    monkeypatch.setattr(memory, 'take_rows', read)
    monkeypatch.setattr(transforms, 'take_rows', read)
    return at_once


@pytest.mark.parametrize('dtype', SIZES)
def test_one_read_of_a_batch_gives_the_items_of_the_files(
    build, at_once, dtype
):
    """Six batches of pairs: each domain is read once."""
    wanted = batches(one_by_one(build(dtype=dtype)))
    at_once.reads = 0
    check_same(batches(at_once(dtype=dtype)), wanted)
    assert at_once.reads == 2 * len(wanted) == 12


def test_batches_of_samples_that_are_not_kept(build, monkeypatch):
    wanted = batches(one_by_one(build()))
    monkeypatch.setattr(drawing, 'KEPT', 2)
    check_same(batches(build()), wanted)


def test_items_share_no_sample(at_once):
    """What is written on one is not on the next of the same video."""
    dataset = at_once()
    first, second = dataset.draw_items([(3, 0), (3, 1)])
    first['data_samples'].set_gt_label(9)
    first['data_samples'].set_metainfo(dict(domain='target'))
    second['data_samples'].pop('gt_label')
    (third,) = dataset.draw_items([(3, 2)])
    assert third['data_samples'].gt_label.tolist() == [3]
    assert 'gt_label' not in second['data_samples']
    assert 'domain' not in third['data_samples']


def test_one_read_of_pseudo_labelled_items(build, at_once):
    draws = [(3, 8, 1), (0, 9, 2), (3, 10, 0)]
    wanted = PseudoLabelDataset(one_by_one(build())).__getitems__(draws)
    at_once.reads = 0
    found = PseudoLabelDataset(at_once()).__getitems__(draws)
    assert at_once.reads == 1
    for a, b, (_, _, label) in zip(found, wanted, draws, strict=True):
        assert torch.equal(a['inputs'], b['inputs'])
        assert a['data_samples'].gt_label == label


def test_one_read_without_seeds(build, at_once):
    """A plain loader, at test and in training."""
    for test_mode in (True, False):
        found = []
        for dataset in (at_once(bad=[1]), one_by_one(build(bad=[1]))):
            dataset.pipeline.transforms[0].test_mode = test_mode
            np.random.seed(5)
            at_once.reads = 0
            loader = DataLoader(dataset, 4, collate_fn=pseudo_collate)
            (batch,) = list(loader)
            found.append(batch)
            assert at_once.reads == (1 if len(found) == 1 else 4)
        for x, y in zip(found[0]['inputs'], found[1]['inputs'], strict=True):
            assert torch.equal(x, y)


def test_other_pipelines_are_run_item_by_item(build, at_once):
    """A transform between may look at the tokens."""

    def double(results: dict) -> dict:
        return dict(results, imgs=2 * results['imgs'])

    dataset = at_once()
    dataset.pipeline.transforms.insert(1, double)
    wanted = batches(build())
    for batch in wanted:
        for part in batch.values():
            part['inputs'] = [2 * x for x in part['inputs']]
    at_once.reads = 0
    check_same(batches(dataset), wanted)
    assert at_once.reads == 28  # two epochs of seven pairs


@pytest.mark.parametrize('dtype', SIZES)
def test_all_videos_lie_end_to_end_as_stored(build, dtype):
    dataset = build('cpu', dtype)
    features = [dataset.get_data_info(i)['features'] for i in range(5)]
    start = features[0].ctypes.data
    for i, rows in enumerate(features):
        assert rows.dtype == dtype and not isinstance(rows, np.memmap)
        assert np.array_equal(rows, tokens(i).astype(dtype))
        assert rows.ctypes.data == start
        start += rows.nbytes
    again = [dataset.get_data_info(i)['features'] for i in range(5)]
    assert all(a.base is b.base for a, b in zip(features, again))


@pytest.mark.parametrize('bad', [[2], [0, 1]])  # a shard of bad ones
def test_bad_videos_have_no_rows(build, bad):
    wanted, found = build(bad=bad), build('cpu', bad=bad)
    assert len(found) == len(wanted) == 5 - len(bad)
    for i in range(len(found)):
        a, b = (d.get_data_info(i) for d in (found, wanted))
        assert a['filename'] == b['filename']
        assert np.array_equal(a['features'], b['features'])


# -- devices ----------------------------------------------------------------
@pytest.mark.parametrize('dtype', SIZES)
def test_items_are_drawn_on_the_device(build, dtype):
    """PyTorch's device without data stands for a GPU."""
    for batch in batches(build('meta', dtype)):
        for domain in ('source', 'target'):
            for x in batch[domain]['inputs']:
                assert x.device.type == 'meta'
                assert x.dtype == torch.float32 and x.shape == (2, S, C)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
@pytest.mark.parametrize('dtype', SIZES)
def test_items_on_a_gpu_are_those_of_the_files(build, dtype):
    found = batches(build('cuda', dtype))
    for batch in found:
        for part in batch.values():
            assert all(x.is_cuda for x in part['inputs'])
            part['inputs'] = [x.cpu() for x in part['inputs']]
    check_same(found, batches(build(dtype=dtype)))


@pytest.mark.skipif(torch.cuda.is_available(), reason='needs no GPU')
def test_a_missing_gpu_is_named(build):
    with pytest.raises(ValueError, match="in_memory='cuda'.*'cpu'"):
        build('cuda')


def test_workers_cannot_use_a_device(build):
    with pytest.raises(ValueError, match="in_memory='meta'") as error:
        batches(build('meta'), num_workers=1, multiprocessing_context='fork')
    assert 'num_workers=0' in str(error.value)


def test_spawned_workers_read_again(build):
    """The tokens themselves are not pickled."""
    dataset = build('cpu')
    text = pickle.dumps(dataset.tokens)
    assert len(text) < 300
    again = pickle.loads(text)
    assert 'videos' not in vars(again)
    for i in range(5):
        assert np.array_equal(again[i], tokens(i))


@pytest.mark.parametrize('dtype', SIZES)
def test_tokens_that_do_not_fit(build, monkeypatch, dtype):
    size = sum(LENGTHS) * C * SIZES[dtype]
    monkeypatch.setattr(memory, 'free_bytes', lambda device: size)
    build('cpu', dtype)
    monkeypatch.setattr(memory, 'free_bytes', lambda device: size - 1)
    build(None, dtype)
    with pytest.raises(MemoryError, match='GiB of cpu are free') as error:
        build('cpu', dtype)
    for part in (f"{dtype}'", 'Leave out in_memory', "dtype='float16'"):
        assert part in str(error.value)


def test_free_memory_of_the_host():
    all_of_it = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')
    assert 0 < memory.free_bytes(torch.device('cpu')) < all_of_it

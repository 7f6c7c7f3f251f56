"""Features are made once, by any number of processes, killed or not."""

import copy
import json
import multiprocessing
import multiprocessing.connection
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import torch.distributed as dist
from helpers.data import moving_square
from helpers.runs import tool_command, tool_env
from helpers.videos import write_video
from mmaction.registry import DATASETS
from mmengine.config import Config

from mmaction_uda.datasets import decoding
from mmaction_uda.datasets.features import dataset as dataset_module
from mmaction_uda.datasets.features import shards
from mmaction_uda.datasets.rendered.video import write_mp4
from mmaction_uda.engine import Extractor, pool, prepare
from mmaction_uda.faults import Faults

NUMBER = 11  # videos, three a shard
LIMIT = 60  # seconds
FORK = multiprocessing.get_context('fork')
CONFIG = dict(
    default_scope='mmaction',
    env_cfg=dict(dist_cfg=dict(backend='gloo')),
    model=dict(
        type='UDARecognizer',
        data_preprocessor=dict(
            type='UDADataPreprocessor',
            mean=[127.5] * 3,
            std=[127.5] * 3,
            format_shape='NCTHW',
        ),
        backbone=dict(
            type='FrozenBackbone',
            backbone=dict(type='ShiftNet', widths=(4, 8)),
            seed=0,
            cached=True,
        ),
        neck=dict(type='MeanNeck', in_channels=8),
        cls_head=dict(type='MLPClsHead', num_classes=2),
    ),
    test_dataloader=dict(
        dataset=dict(
            type='FeatureDataset',
            store='features',
            extraction=dict(
                name='small',
                pipeline=[
                    dict(type='VideoInit'),
                    dict(type='AllFrames'),
                    dict(type='VideoDecode'),
                    dict(type='FormatShape', input_format='NCTHW'),
                    dict(type='PackActionInputs'),
                ],
            ),
            videos=dict(
                type='VideoDataset',
                ann_file='list.txt',
                data_prefix=dict(video='videos'),
            ),
            pipeline=[dict(type='SampleFeature', num_frames=4)],
        )
    ),
    test_cfg=dict(),
    test_evaluator=dict(type='AccMetric'),
)


@pytest.fixture
def small(monkeypatch) -> None:
    """Three videos a shard; forks, as a spawned process imports it all."""
    monkeypatch.setattr(shards, 'SHARD_SIZE', 3)
    monkeypatch.setattr(pool, 'START_METHOD', 'fork')


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    """Eleven videos of 5 to 15 frames, and their list."""
    folder = tmp_path_factory.mktemp('data')
    (folder / 'videos').mkdir()
    names = [f'{i}.mp4' for i in range(NUMBER)]
    for i, name in enumerate(names):
        write_mp4(moving_square(i, 5 + i), str(folder / 'videos' / name), 20)
    (folder / 'list.txt').write_text(''.join(f'{name} 0\n' for name in names))
    return folder


@pytest.fixture
def cfg(data, small, tmp_path, monkeypatch) -> Config:
    """Reads a copy of the videos in the current directory."""
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Config(CONFIG)


@pytest.fixture
def expected(cfg, data) -> dict:
    """The files of a store that one process made in one go."""
    path = features_at(cfg, f'{data}_expected')
    if not path.exists():
        prepare(cfg)
    features_at(cfg, 'features')
    files = content(path)
    assert len(files) == 1 + 2 * 4  # a header, two files a shard
    return files


def features_at(cfg: Config, place: str) -> Path:
    """Let the features go to another place."""
    cfg.test_dataloader.dataset.store = place
    return Path(place, 'small')


def content(path: Path) -> dict:
    """All files but ``read.json``, which slow runs write and fast ones not."""
    return {
        p.name: p.read_bytes() for p in path.iterdir() if p.name != 'read.json'
    }


@pytest.fixture
def seen(monkeypatch) -> list:
    """Numbers of frames of the videos that go through the backbone."""
    frames, tokens = [], Extractor.tokens

    def count(self, video):
        frames.append(video.size(2))
        return tokens(self, video)

    monkeypatch.setattr(Extractor, 'tokens', count)
    return frames


def dataset_of(cfg: Config, **kwargs):
    return DATASETS.build({**cfg.test_dataloader.dataset, **kwargs})


# -- values -----------------------------------------------------------------
def test_stored_tokens_are_those_of_the_backbone(cfg, seen):
    prepare(cfg)
    assert seen == [5 + i for i in range(NUMBER)]
    dataset = dataset_of(cfg)
    extractor = Extractor(cfg.model, num_workers=0)
    clips = extractor.load(dataset, dataset.names)
    for i, (clip, key) in enumerate(clips):
        stored = dataset.get_data_info(i)['features']
        assert stored.shape == (5 + i, 8) and stored.any()
        assert np.array_equal(stored, extractor.tokens(clip))
        assert key == dataset.sources[f'{i}.mp4'].key()
    prepare(cfg)
    assert len(seen) == 2 * NUMBER  # none by the second prepare


def test_float16(cfg):
    prepare(cfg)
    single = dataset_of(cfg)
    cfg.test_dataloader.dataset.extraction.update(dtype='float16', name='half')
    prepare(cfg)
    half = dataset_of(cfg)
    for i in range(NUMBER):
        stored, exact = half.features[i], single.features[i]
        assert np.array_equal(stored, exact.astype(np.float16))
    assert half[0]['imgs'].dtype == np.float32


def test_a_changed_weight_is_named(cfg, seen):
    prepare(cfg)
    seen.clear()
    cfg.model.backbone.seed = 1
    with pytest.raises(ValueError, match='another weights: .*seed 0 there'):
        prepare(cfg)
    assert not seen


def test_damaged_rows_are_named_before_training(cfg):
    prepare(cfg)
    file = Path('features/small/shard_00001.npy')
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ValueError, match="shard_00001.npy .*'5.mp4'"):
        prepare(cfg)


def test_stored_videos_are_no_longer_needed(cfg):
    prepare(cfg)
    for file in Path('videos').iterdir():
        file.unlink()
    prepare(cfg)
    assert len(dataset_of(cfg)) == NUMBER
    features_at(cfg, 'elsewhere')
    with pytest.raises(ValueError, match='11 of 11 videos'):
        prepare(cfg)
    assert not Path('elsewhere').exists()


# -- another list, other videos ---------------------------------------------
def relist(numbers) -> None:
    Path('list.txt').write_text(''.join(f'{i}.mp4 0\n' for i in numbers))


def check_rows(cfg, numbers) -> None:
    """What training reads is what the backbone makes of these videos."""
    dataset = dataset_of(cfg)
    extractor = Extractor(cfg.model, num_workers=0)
    assert len(dataset) == len(numbers)
    clips = extractor.load(dataset, dataset.names)
    for i, (clip, _) in enumerate(clips):
        stored = dataset.get_data_info(i)['features']
        assert np.array_equal(stored, extractor.tokens(clip))


@pytest.mark.parametrize(
    'first, then, read',
    [
        (range(NUMBER), [7, 2, 0, 9], []),  # shorter, in another order
        (range(2, 6), range(NUMBER), [0, 1, 6, 7, 8, 9, 10]),
        ([0, 1, 2], [3, 4], [3, 4]),  # two lists share a store
        ([0, 1], [1, 1, 0], []),
    ],
)
def test_another_list_reads_what_is_new(cfg, seen, first, then, read):
    relist(first)
    prepare(cfg)
    seen.clear()
    relist(then)
    for _ in range(2):
        prepare(cfg)
        assert seen == [5 + i for i in read]
    relist(first)
    prepare(cfg)
    assert seen == [5 + i for i in read]
    relist(then)
    check_rows(cfg, then)


def test_a_list_that_grows_in_a_killed_extraction(cfg, expected, slow):
    """What was read is kept, wherever its line is now."""
    relist(range(0, NUMBER, 2))
    process = start(prepare, cfg)
    wait_for(lambda: slow() > 4)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    relist(reversed(range(NUMBER)))
    prepare(cfg)
    assert slow() <= NUMBER + 1
    check_rows(cfg, range(NUMBER))


@pytest.mark.parametrize('killed', [False, True])
def test_a_replaced_video_is_read_again(cfg, expected, seen, killed):
    if killed:  # its tokens belong to a shard in the making
        relist(range(5))
        process = start(prepare, cfg)
        wait_for(lambda: list(Path('features').rglob('shard_00001.json')))
        process.join()
        for file in Path('features/small').glob('shard_00001.*'):
            file.unlink()
        relist(range(NUMBER))
    else:
        prepare(cfg)
    seen.clear()
    before = content(Path('features/small'))
    shutil.copy('videos/9.mp4', 'videos/3.mp4')
    for _ in range(2):
        prepare(cfg)
    assert seen.count(14) == 1 + killed and (killed or len(seen) == 1)
    check_rows(cfg, range(NUMBER))
    if not killed:
        after = content(Path('features/small'))
        changed = [k for k in before if after[k] != before[k]]
        assert sorted(changed) == ['shard_00001.json', 'shard_00001.npy']


def test_touched_and_moved_videos_are_the_same(cfg, seen):
    prepare(cfg)
    Path('videos').rename('moved')
    shutil.copytree('moved', 'videos', copy_function=shutil.copyfile)
    prepare(cfg)
    assert len(seen) == NUMBER
    before = content(Path('features/small'))
    prepare(cfg)  # now nothing is compared, or written
    assert content(Path('features/small')) == before


def test_two_videos_of_one_name_share_no_store(cfg):
    """Lists of two folders; the one would be served with the other's."""
    shutil.copytree('videos', 'others')
    shutil.copy('videos/9.mp4', 'others/3.mp4')
    other = copy.deepcopy(cfg.test_dataloader)
    other.dataset.videos.data_prefix = dict(video='others')
    other.dataset.videos.ann_file = 'other.txt'
    shutil.copy('list.txt', 'other.txt')
    cfg.val_dataloader = other
    cfg.val_cfg, cfg.val_evaluator = dict(), dict(type='AccMetric')
    with pytest.raises(ValueError, match='3.mp4.* call other videos so'):
        prepare(cfg)


def test_a_store_is_made_once_its_weights_are_read(cfg):
    cfg.model.backbone.pop('seed')
    cfg.model.backbone.checkpoint = 'w.pth'
    Path('w.pth').write_bytes(b'no weights')
    with pytest.raises(Exception, match='w.pth|weights|pickle'):
        prepare(cfg)
    assert not Path('features').exists()


def test_an_empty_store_of_other_weights_is_no_obstacle(cfg):
    Extractor(cfg.model).store(dataset_of(cfg, lazy_init=True))
    cfg.model.backbone.seed = 1
    prepare(cfg)
    assert len(dataset_of(cfg)) == NUMBER


# -- bad videos -------------------------------------------------------------
def test_a_bad_video_is_named_and_tried_again(cfg, expected, seen):
    Path('videos/4.mp4').rename('good.mp4')
    Path('videos/4.mp4').write_text('this is no video')
    for _ in range(2):
        with pytest.raises(ValueError) as error:
            prepare(cfg)
        for part in (
            "1 of 11 videos of 'list.txt'",
            'videos/4.mp4: ',
            're-encode them or remove their lines',
            'tried again at the next start',
            "bad_videos='exclude'",
        ):
            assert part in str(error.value)
    assert len(seen) == 10  # all the others, once
    with pytest.raises(ValueError, match='videos/4.mp4'):
        dataset_of(cfg)
    Path('good.mp4').replace('videos/4.mp4')
    prepare(cfg)
    assert seen[10:] == [5 + 4]
    assert content(Path('features/small')) == expected


def test_what_the_net_cannot_take_is_named(cfg, seen):
    """With its size, beside all others; the rest is stored."""
    odd = moving_square(2)[:, :31, :33]
    write_video('videos/2.mp4', odd, pix_fmt='yuv444p')
    Path('videos/4.mp4').write_text('#EXTM3U\nhttp://localhost:9/x.ts')
    Path('videos/5.mp4').unlink()
    os.mkfifo('videos/5.mp4')
    with pytest.raises(ValueError, match='1 of 11 .*5.mp4: named pipe'):
        prepare(cfg)
    assert not seen
    cfg.test_dataloader.dataset.bad_videos = 'exclude'
    prepare(cfg)
    assert len(seen) == 9
    cfg.test_dataloader.dataset.bad_videos = 'refuse'
    with pytest.raises(ValueError) as error:
        dataset_of(cfg)
    for part in (
        "3 of 11 videos of 'list.txt'",
        'videos/2.mp4: ShiftNet fails on frames of 33 x 31 px',
        "videos/4.mp4: it begins with b'#EXTM3U",
        'videos/5.mp4: it is a named pipe',
    ):
        assert part in str(error.value)


def test_a_long_video_gives_the_same_tokens(cfg, expected, monkeypatch):
    """Nothing is held but pieces of 4 frames, and those a token sees."""
    monkeypatch.setattr(decoding, 'WHOLE_BYTES', 0)
    monkeypatch.setattr(decoding, 'PIECE', 4)
    prepare(cfg)
    assert content(Path('features/small')) == expected


def test_excluded_videos(cfg, seen, monkeypatch):
    said = []
    monkeypatch.setattr(
        dataset_module, 'print_log', lambda text, *_: said.append(text)
    )
    Path('videos/4.mp4').write_text('this is no video')
    Path('videos/7.mp4').unlink()
    cfg.test_dataloader.dataset.bad_videos = 'exclude'
    for _ in range(2):
        prepare(cfg)
    assert len(seen) == 9
    dataset = dataset_of(cfg)
    assert len(said) == 3
    for part in ('left out: 2 of 11', 'videos/4.mp4: ', 'videos/7.mp4: '):
        assert part in said[-1]
    names = [dataset.get_data_info(i)['filename'] for i in range(9)]
    assert names == [
        f'videos/{i}.mp4' for i in range(NUMBER) if i not in (4, 7)
    ]
    assert [len(dataset.get_data_info(i)['features']) for i in range(9)] == [
        5 + i for i in range(NUMBER) if i not in (4, 7)
    ]
    part = dataset.get_subset([5, 8])
    assert len(part.get_data_info(1)['features']) == 5 + 10


def test_bad_videos_alone_are_no_data_set(cfg):
    cfg.test_dataloader.dataset.bad_videos = 'exclude'
    Path('list.txt').write_text('none.mp4 0\n')
    with pytest.raises(ValueError, match='1 of 1 videos'):
        prepare(cfg)


def test_unknown_choices(cfg):
    with pytest.raises(ValueError, match="bad_videos must .* 'ignore'"):
        dataset_of(cfg, bad_videos='ignore')
    with pytest.raises(ValueError, match="extraction.dtype must .* 'int8'"):
        dataset_of(cfg, extraction=dict(name='small', dtype='int8'))
    with pytest.raises(TypeError, match='dype'):
        dataset_of(cfg, extraction=dict(name='small', dype='float16'))
    with pytest.raises(ValueError, match='belongs into extraction.pipeline'):
        dataset_of(cfg, videos=dict(type='VideoDataset', pipeline=[]))
    with pytest.raises(ValueError, match='multi_class .* into its videos'):
        dataset_of(cfg, multi_class=True)


# -- several processes ------------------------------------------------------
@pytest.mark.parametrize(
    'method', ['fork', pytest.param('spawn', marks=pytest.mark.full)]
)
def test_two_processes_make_what_one_makes(cfg, expected, monkeypatch, method):
    monkeypatch.setattr(pool, 'START_METHOD', method)
    # What is spawned gets all that it needs pickled.
    assert pickle.loads(pickle.dumps(Extractor(cfg.model))).model == cfg.model
    prepare(cfg, num_processes=2)
    assert content(Path('features/small')) == expected


def test_an_error_of_one_of_two_processes(cfg, monkeypatch):
    """Is told as if there were one process."""

    def fail(*_):
        raise OSError('No space left on device')

    monkeypatch.setattr(pool, 'START_METHOD', 'fork')
    monkeypatch.setattr(Extractor, 'tokens', fail)
    with pytest.raises(Faults, match='^No space left on device$'):
        prepare(cfg, num_processes=2)


def test_torchrun_makes_what_one_process_makes(cfg, expected, tmp_path):
    """What a user starts, with a header that says three videos a shard."""
    path = Path('features/small')
    Extractor(cfg.model).store(dataset_of(cfg, lazy_init=True))
    cfg.custom_imports = dict(imports=['mmaction_uda'])
    cfg.dump('config.py')
    tool = tool_command(
        'extract_features.py', 'config.py', '--launcher', 'pytorch'
    )
    torchrun = 'torch.distributed.run --standalone --nproc-per-node 2'.split()
    subprocess.run(
        [sys.executable, '-m', *torchrun, *tool[1:]],
        env=tool_env(),
        timeout=4 * LIMIT,
        check=True,
    )
    assert content(path) == expected


def start(function, *args) -> multiprocessing.Process:
    """Run in a process that leads a group of its own."""

    def run():
        os.setpgrp()
        function(*args)

    process = FORK.Process(target=run)
    process.start()
    return process


def wait_for(condition) -> None:
    deadline = time.time() + LIMIT
    while not condition():
        assert time.time() < deadline
        time.sleep(0.001)


@pytest.fixture
def slow(cfg, monkeypatch):
    """Takes 50 ms a video; gives the number of those that were begun."""
    log, tokens = Path('log').absolute(), Extractor.tokens

    def slow_tokens(self, video):
        with log.open('ab') as file:
            file.write(b'.')
        time.sleep(0.05)
        return tokens(self, video)

    log.touch()
    monkeypatch.setattr(Extractor, 'tokens', slow_tokens)
    return lambda: log.stat().st_size


@pytest.mark.parametrize('num_processes', [1, 2])
def test_killed_twice(cfg, expected, slow, num_processes):
    """SIGKILL at random moments; at most the videos in hand are lost."""
    for kill in (1, 2):
        process = start(prepare, cfg, num_processes)
        wait_for(lambda kill=kill: slow() > 4 * kill)
        time.sleep(0.05 * random.random())
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        # Its children hold its sentinel, too, and end a moment later.
        multiprocessing.connection.wait([process.sentinel], LIMIT)
        with pytest.raises(FileNotFoundError):
            dataset_of(cfg)
    prepare(cfg, num_processes)
    assert NUMBER <= slow() <= NUMBER + 2 * num_processes
    assert content(Path('features/small')) == expected


def test_children_end_with_their_parent(cfg, slow):
    """Else a second start would find its shards in other hands."""
    process = start(prepare, cfg, 2)
    wait_for(slow)
    process.kill()
    # Its sentinel is a pipe, open in all processes that come from it.
    assert multiprocessing.connection.wait([process.sentinel], 2)
    assert slow() < NUMBER
    prepare(cfg, 2)
    assert len(dataset_of(cfg)) == NUMBER


def test_a_child_that_dies_is_named(cfg, monkeypatch):
    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(Extractor, 'tokens', die)
    with pytest.raises(
        RuntimeError, match=r'process \d .*SIGKILL.*start again'
    ):
        prepare(cfg, 2)


def test_the_error_of_a_child_is_shown(cfg, monkeypatch):
    def fail(*_):
        raise RuntimeError('CUDA out of memory')

    monkeypatch.setattr(Extractor, 'tokens', fail)
    with pytest.raises(Exception, match='CUDA out of memory'):
        prepare(cfg, 2)


def run_rank(rank: int, cfg: Config, bad_rank: int) -> None:
    """One of two processes; the bad one fails at its first video."""
    dist.init_process_group(
        'gloo',
        init_method=f'file://{os.getcwd()}/init',
        rank=rank,
        world_size=2,
    )

    def fail(*_):
        raise OSError('no space left on device')

    if rank == bad_rank:
        Extractor.tokens = fail
    try:
        prepare(cfg)
    except Exception as error:
        Path(f'{rank}.txt').write_text(str(error))


@pytest.mark.parametrize('bad_rank', [0, 1])
def test_an_error_of_one_rank_ends_both(cfg, bad_rank):
    ranks = [start(run_rank, rank, cfg, bad_rank) for rank in range(2)]
    for process in ranks:
        process.join(LIMIT)
        process.kill()
        assert process.exitcode == 0
    for rank in range(2):
        assert 'no space left on device' in Path(f'{rank}.txt').read_text()
    told = Path(f'{1 - bad_rank}.txt').read_text()
    assert told.startswith(f'process {bad_rank} failed: OSError')
    prepare(cfg)  # the share of the other one is not lost
    assert len(dataset_of(cfg)) == NUMBER


def test_bad_data_end_both_ranks(cfg):
    """Found by the first process, told by both."""
    Path('list.txt').write_text('0.mp4 7\n')
    ranks = [start(run_rank, rank, cfg, -1) for rank in range(2)]
    for process in ranks:
        process.join(LIMIT)
        process.kill()
    for rank in range(2):
        assert "'list.txt', line 1: 7 of " in Path(f'{rank}.txt').read_text()


# -- permissions ------------------------------------------------------------
def as_a_reader(function, *args) -> str:
    """What a user is told who owns no file here."""
    parent, child = FORK.Pipe()

    def run() -> None:
        if os.geteuid() == 0:  # whom no permission stops
            os.setegid(65534)
            os.seteuid(65534)
        try:
            child.send(str(function(*args)))
        except Exception as error:
            child.send(f'{type(error).__name__}: {error}')

    process = FORK.Process(target=run)
    process.start()
    assert parent.poll(LIMIT)
    process.join()
    return parent.recv()


@pytest.fixture
def locked(cfg, monkeypatch):
    """Complete data in a folder that others can only read."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree('.', folder, dirs_exist_ok=True)
        monkeypatch.chdir(folder)
        prepare(cfg)
        Path('features/small/shard_00009.part').touch()
        subprocess.run(['chmod', '-R', 'a=rX', '.'], check=True)
        yield Path(folder)
        subprocess.run(['chmod', '-R', 'u+w', '.'], check=True)


def test_complete_data_are_only_read(cfg, locked):
    """Even where something could be tidied up, or kept for next time."""
    length = lambda: prepare(cfg) or len(dataset_of(cfg))  # noqa: E731
    assert as_a_reader(length) == str(NUMBER)
    for file in ('shard_00000.json', 'shard_00001.json'):
        file = locked / 'features/small' / file
        file.chmod(0o644)
        notes = json.loads(file.read_text())
        del notes['finite'], notes['keys']  # of an older version
        file.write_text(json.dumps(notes))
        file.chmod(0o444)
    Path('list.txt').chmod(0o644)
    relist([2, 0, 5])
    assert as_a_reader(length) == '3'


@pytest.mark.parametrize(
    'path',
    [
        'features/small',
        'features/small/store.json',
        'features/small/shard_00001.json',
        'features/small/shard_00001.npy',
        'list.txt',
    ],
)
def test_missing_permission_is_named_as_such(cfg, locked, path):
    Path(path).chmod(0)
    said = as_a_reader(prepare, cfg)
    Path(path).chmod(0o755)
    assert path in said and 'Permission denied' in said
    assert 'Correct its permissions' in said and 'missing' not in said


def test_videos_of_a_closed_folder_are_not_missing(cfg, locked):
    shutil.rmtree(locked / 'features', onerror=None)
    Path('videos').chmod(0)
    said = as_a_reader(prepare, cfg)
    Path('videos').chmod(0o755)
    assert "'videos/0.mp4' cannot be read: Permission denied" in said

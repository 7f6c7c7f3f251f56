"""Segments of long videos: one file, many items."""

import logging
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.configs import small_config, uncached
from helpers.data import moving_square, write_data
from helpers.runs import make_runner, state_of, train
from helpers.videos import write_video
from mmaction.registry import DATASETS

from mmaction_uda.apis import only_test
from mmaction_uda.datasets import FeatureStore, VideoInit, checks
from mmaction_uda.datasets.features import sources
from mmaction_uda.datasets.segment_dataset import read_segments
from mmaction_uda.datasets.video_file import VideoFile
from mmaction_uda.engine import Extractor, prepare
from mmaction_uda.engine.identity import Identity
from mmaction_uda.faults import Faults

LENGTH = 12  # frames of an action
NAME = 'source_only@shift_net_epic_1to2'
FOLDER = Path('data/epic_kitchens')
TEST = FOLDER / 'd2_test.txt'


def dataset(lines: str, **kwargs):
    Path('list.txt').write_text(lines)
    cfg = dict(type='SegmentDataset', ann_file='list.txt', pipeline=[])
    return DATASETS.build({**cfg, **kwargs})


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cfg():
    """EPIC-Kitchens, made small; 8 segments in 3 videos of each list."""
    cfg = small_config(NAME)
    write_data(cfg, 8)
    return cfg


# -- lists ------------------------------------------------------------------
def test_lines():
    """Labels may be left out; names may hold blanks and numbers."""
    Path('list.txt').write_text(
        'P01/P01_01.mp4 0 30 7\n\na b 3.mp4\t5\t6\t-1\nx.mp4 10 20\n'
    )
    found = [(x.name, x.segment, x.label) for x in read_segments('list.txt')]
    assert found == [
        ('P01/P01_01.mp4', (0, 30), 7),
        ('a b 3.mp4', (5, 6), -1),
        ('x.mp4', (10, 20), -1),
    ]


@pytest.mark.parametrize(
    'line', ['x.mp4 3', 'x.mp4 9 9 0', 'x.mp4 9 3 0', 'x.mp4 -1 3 0']
)
def test_lines_that_are_none(line):
    Path('list.txt').write_text(f'y.mp4 0 1 0\n{line}\n')
    with pytest.raises(ValueError, match='`path start stop label`') as caught:
        read_segments('list.txt')
    assert f'line 2: {line!r}' in str(caught.value)


# -- checks -----------------------------------------------------------------
def test_two_actions_may_go_on_at_one_time(monkeypatch):
    """As in the published lists; of a whole video it is a fault."""
    told = []
    monkeypatch.setattr(
        checks, 'print_log', lambda text, *_: told.append(text)
    )
    videos = dataset('x.mp4 0 9 0\nx.mp4 0 9 1\nx.mp4 9 20 1\n')
    checks.check_labels(videos, 2, 'is needed')
    assert told == ["'list.txt': 1 of 3 lines name a video again."]
    with pytest.raises(Faults, match='line 3: 1 of .x.mp4 9 20.'):
        checks.check_labels(videos, 1)


@pytest.mark.parametrize(
    ('line', 'shared'),
    [
        ('x.mp4 0 10 0', False),
        ('x.mp4 20 30 0', False),
        ('y.mp4 10 20 0', False),
        ('x.mp4 19 30 0', True),
        ('x.mp4 0 11 0', True),
        ('x.mp4 12 13 0', True),
    ],
)
def test_tested_segments_share_no_frame_with_learnt_ones(line, shared):
    learnt, tested = dataset('x.mp4 10 20 0\n'), dataset(line)
    if shared:
        with pytest.raises(ValueError, match='whose labels are learnt'):
            checks.check_overlap([learnt], tested)
    else:
        checks.check_overlap([learnt], tested)


def test_segments_are_part_of_the_identity(cfg):
    before = Identity.of(cfg)
    train_list = FOLDER / 'd1_train.txt'
    lines = train_list.read_text().splitlines()
    lines[0] = lines[0].replace(' 12 0', ' 11 0')
    train_list.write_text('\n'.join(lines))
    place = 'train_dataloader.dataset.source.ann_file'
    assert Identity.of(cfg).differences(before) == {
        place: 'other content there'
    }


# -- reading ----------------------------------------------------------------
def test_a_segment_is_a_video_of_its_own():
    """Counted from its start, whatever draws the frames."""
    write_video('x.mp4', moving_square(0, 40), g='10')
    opened = VideoInit().transform(
        dict(filename='x.mp4', segment=(7, 20), start_index=0)
    )
    assert (opened['total_frames'], opened['start_index']) == (13, 7)
    with pytest.raises(ValueError, match='40 frames, too few for the segment'):
        VideoInit().transform(dict(filename='x.mp4', segment=(7, 41)))
    for sample, numbers in (
        (dict(type='AllFrames', frame_interval=3), [7, 10, 13, 16, 19]),
        (dict(type='SegmentFrames', num_frames=2), [10, 16]),
    ):
        pipeline = [dict(type='VideoInit'), sample, dict(type='VideoDecode')]
        item = dataset('x.mp4 7 20 0\n', pipeline=pipeline, test_mode=True)[0]
        assert item['frame_inds'].tolist() == numbers
        np.testing.assert_array_equal(
            item['imgs'], VideoFile('x.mp4').read(numbers)
        )


def test_whole_videos_are_not_opened_for_segments():
    """MMAction2's own would read all of the video, and say nothing."""
    pipeline = [dict(type='DecordInit'), dict(type='DecordDecode')]
    for transforms in (pipeline, [dict(type='InPieces', transforms=pipeline)]):
        with pytest.raises(ValueError, match='DecordInit opens a whole video'):
            dataset('x.mp4 0 9 0\n', pipeline=transforms)


def test_a_video_is_opened_and_hashed_once(cfg, monkeypatch):
    """Of all its segments; and no other frame is decoded."""
    counted, hashed, decoded = [], [], []
    index, feed, picture = VideoFile._index, sources._feed, VideoFile._picture
    monkeypatch.setattr(
        VideoFile,
        '_index',
        lambda self: (counted.append(self.path), index(self)),
    )
    monkeypatch.setattr(
        sources,
        '_feed',
        lambda d, path, f: (hashed.append(path), feed(d, path, f)),
    )
    monkeypatch.setattr(
        VideoFile,
        '_picture',
        lambda self, frame: (decoded.append(1), picture(self, frame))[1],
    )
    lines = TEST.read_text().splitlines()
    TEST.write_text('\n'.join(lines[:3]))  # of one video
    tested = DATASETS.build({**cfg.test_dataloader.dataset, 'lazy_init': True})
    assert tested.names == [
        f'd2_test_00.mp4 {i * LENGTH} {(i + 1) * LENGTH}' for i in range(3)
    ]
    extractor = Extractor(cfg.model, num_workers=0)
    found = [*extractor.read(tested, tested.names)]
    assert len(counted) == len(hashed) == 1
    # Of each the first 8 of 12 frames are read, and the first is looked at.
    assert len(decoded) in (3 * 8, 3 * 9)
    assert [rows.shape for rows, _ in found] == 3 * [(8, 128)]
    assert len({key for _, key in found}) == 3


def read_segments_of(numbers) -> None:
    pipeline = [dict(type='VideoInit'), dict(type='AllFrames')]
    pipeline.append(dict(type='VideoDecode'))
    lines = ''.join(f'{n}.mp4 2 5 0\n' for n in numbers)
    videos = dataset(lines, pipeline=pipeline, test_mode=True)
    assert all(len(videos[i]['imgs']) == 3 for i in range(len(videos)))


def test_a_fork_forgets_what_its_parent_has_decoded():
    """Threads of a decoder do not live on in it; it would wait for them."""
    for number in range(6):
        write_video(f'{number}.mp4', moving_square(number, 8))
    read_segments_of([0, 1])
    fork = multiprocessing.get_context('fork')
    process = fork.Process(target=read_segments_of, args=(range(6),))
    process.start()
    process.join(60)
    assert process.exitcode == 0


def logits(runner) -> torch.Tensor:
    model = runner.model.eval()
    rows = []
    with torch.no_grad():
        for batch in runner.build_dataloader(runner.cfg.test_dataloader):
            batch = model.data_preprocessor(batch)
            rows.append(model(**batch, mode='tensor', stage='head'))
    return torch.cat(rows)


def test_stored_segments_are_those_of_the_videos(cfg):
    """Cached ≡ end to end, and segments of one video are told apart."""
    cfg.model.neck.num_frames = 8
    cfg.test_dataloader.dataset.pipeline[0].update(num_frames=8, num_views=1)
    found, weights = [], None
    for one in (only_test(cfg), only_test(uncached(cfg))):
        prepare(one)
        runner = make_runner(one)
        weights = weights or state_of(runner.model)
        runner.model.load_state_dict(weights, strict=False)
        found.append(logits(runner))
    assert found[0].shape == found[1].shape and len(found[0]) == 8
    assert found[0].std(0).min() > 1e-4
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)


# -- the store --------------------------------------------------------------
def tokens(names=None) -> dict:
    path = 'data/epic_kitchens/features/d2_test/shift_net'
    store = FeatureStore.open(path, names)
    return {name: store[i].copy() for i, name in enumerate(store.names)}


def test_what_is_new_is_extracted_and_what_changed_again(cfg, caplog):
    cfg = only_test(cfg)
    prepare(cfg)
    before = tokens()
    lines = TEST.read_text().splitlines()
    TEST.write_text('\n'.join(['d2_test_00.mp4 5 17 3', *lines]))
    prepare(cfg)
    after = tokens()
    (new,) = set(after) - set(before)
    assert new == 'd2_test_00.mp4 5 17'
    assert all(np.array_equal(after[n], before[n]) for n in before)
    # Another video of the same name: all of its segments, no other.
    videos = cfg.test_dataloader.dataset.videos
    frames = np.concatenate([moving_square(5 + n, LENGTH) for n in range(3)])
    video = Path(videos.data_prefix.video, 'd2_test_00.mp4')
    video.unlink()
    write_video(video, frames)
    with caplog.at_level(logging.WARNING):
        prepare(cfg)
    again = tokens()
    changed = {n for n in again if not np.array_equal(again[n], after[n])}
    assert changed == {n for n in again if n.startswith('d2_test_00.mp4 ')}
    assert len(changed) == 4


def test_segments_beyond_the_end_are_named(cfg):
    lines = TEST.read_text().splitlines()
    TEST.write_text('\n'.join([*lines, 'd2_test_00.mp4 30 99 0']))
    with pytest.raises(ValueError) as caught:
        prepare(only_test(cfg))
    text = str(caught.value)
    assert 'd2_test_00.mp4 30 99: ' in text
    assert 'it has 36 frames, too few for the segment 30 … 98' in text
    assert '1 of 9 videos' in text


def test_training_on_the_videos_themselves(cfg):
    """Without a store: each item is drawn from its segment."""
    cfg = uncached(cfg)
    lines = TEST.read_text()
    TEST.write_text(f'd2_test_00.mp4 30 99 0\n{lines}')
    with pytest.raises(Faults, match='36 frames, too few for the segment 30'):
        prepare(cfg)
    TEST.write_text(lines)
    runner = train(cfg)
    source = runner.train_dataloader.dataset.source
    clip = source[1]['inputs']
    assert clip.shape[2] == 8
    frames = VideoFile(source.get_data_info(1)['filename']).read([LENGTH])
    found = clip[0, :, 0].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(found, frames[0])

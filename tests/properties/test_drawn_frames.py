"""Which frames a view holds, for any lengths and numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmaction_uda.datasets import SampleFeature

STORED = st.integers(1, 400)
FRAMES = st.integers(1, 80)
VIEWS = st.integers(1, 4)
RULES = st.sampled_from(['release', 'ordered'])
SEEDS = st.integers(0, 2**32 - 1)


@given(STORED, FRAMES, VIEWS, RULES, st.booleans(), SEEDS)
def test_frames_are_there_and_in_order(
    stored, frames, views, rule, test_mode, seed
):
    sample = SampleFeature(frames, views, rule, test_mode)
    np.random.seed(seed)
    found = sample.frame_indices(stored)
    assert found.shape == (views, frames)
    assert found.min() >= 0 and found.max() < stored
    if stored >= frames or rule == 'ordered':
        assert (np.diff(found) >= 0).all()
    if stored < frames:
        assert all(set(view) == {*range(stored)} for view in found)
    else:  # one of each segment
        start = np.arange(frames) * stored // frames
        end = -(-(np.arange(frames) + 1) * stored // frames)
        assert ((start <= found) & (found < end)).all()


@given(STORED, FRAMES, VIEWS, RULES, SEEDS)
def test_a_test_draws_nothing(stored, frames, views, rule, seed):
    sample = SampleFeature(frames, views, rule, test_mode=True)
    np.random.seed(seed)
    before = np.random.get_state()[1].copy()
    first = sample.frame_indices(stored)
    assert np.array_equal(np.random.get_state()[1], before)
    assert np.array_equal(first, sample.frame_indices(stored))


@given(
    st.lists(st.tuples(STORED, SEEDS), min_size=1, max_size=6), FRAMES, VIEWS
)
def test_a_video_is_drawn_as_if_alone(videos, frames, views):
    """Whatever else is in its batch."""
    sample = SampleFeature(frames, views)
    lengths, seeds = zip(*videos)
    together = sample.draw_indices(lengths, seeds)
    for length, seed, found in zip(lengths, seeds, together):
        (alone,) = sample.draw_indices([length], [seed])
        assert np.array_equal(alone, found)


@given(STORED, st.integers(1, 9), FRAMES, VIEWS, st.booleans(), SEEDS)
def test_rows_are_those_of_the_frames(
    stored, width, frames, views, test_mode, seed
):
    features = np.arange(stored * width, dtype=np.float32)
    features = features.reshape(stored, width)
    sample = SampleFeature(frames, views, test_mode=test_mode)
    np.random.seed(seed)
    found = sample.transform(dict(features=features))['imgs']
    np.random.seed(seed)
    assert np.array_equal(found, features[sample.frame_indices(stored)])

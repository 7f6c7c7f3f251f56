import numpy as np
import pytest
import torch
from mmaction.registry import TRANSFORMS

from mmaction_uda.datasets import SampleFeature, draws_from
from mmaction_uda.views import fill_short_video

RULES = ('release', 'ordered')
# N < S in both parities, one frame, one short of S.
SHORT = [(22, 53), (1, 53), (2, 53), (26, 53), (27, 53), (52, 53), (3, 16)]


def features(num: int) -> np.ndarray:
    """Frame ``i`` holds ``i`` and ``-i``."""
    frames = np.arange(num, dtype=np.float32)
    return np.stack((frames, -frames), 1)


def sample(num_stored: int, **kwargs) -> np.ndarray:
    """Frame numbers ``[V, S]`` that the transform takes."""
    results = SampleFeature(**kwargs)(dict(features=features(num_stored)))
    assert np.array_equal(results['imgs'][..., 1], -results['imgs'][..., 0])
    return results['imgs'][..., 0].astype(int)


def naive_release(num_stored: int, num_frames: int) -> list:
    """systems.md 1.2, one number at a time."""
    numbers = []
    for i in range(num_stored):
        numbers.append(i)
    m = num_frames - num_stored + 1
    for i in range(1, m):
        place = num_stored * i // m
        numbers = numbers[:place] + [place] + numbers[place:]
    return numbers


# -- Short videos -----------------------------------------------------------
def test_release_rule_of_22_frames():
    """As measured in the authors' code, systems.md 1.2."""
    numbers = (fill_short_video(22, 53, 'release') + 1).tolist()
    up = list(range(1, 23))
    assert len(numbers) == 53
    assert numbers[:22] == up and numbers[-22:] == up
    down = numbers[22:-22]
    assert down[:3] == [20, 18, 16] and down[-1] == 3
    assert down == sorted(down, reverse=True)


@pytest.mark.parametrize('num_stored, num_frames', SHORT)
def test_release_rule_equals_naive_loop(num_stored, num_frames):
    numbers = fill_short_video(num_stored, num_frames, 'release')
    assert numbers.tolist() == naive_release(num_stored, num_frames)


@pytest.mark.parametrize('num_stored, num_frames', SHORT)
def test_ordered_rule_keeps_time_and_repeats_evenly(num_stored, num_frames):
    numbers = fill_short_video(num_stored, num_frames, 'ordered').tolist()
    assert numbers == sorted(numbers)
    counts = [numbers.count(i) for i in range(num_stored)]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize('rule', RULES)
@pytest.mark.parametrize('num_stored, num_frames', SHORT)
def test_every_frame_occurs(num_stored, num_frames, rule):
    numbers = fill_short_video(num_stored, num_frames, rule)
    assert len(numbers) == num_frames
    assert set(numbers.tolist()) == set(range(num_stored))


@pytest.mark.parametrize('test_mode', [True, False])
@pytest.mark.parametrize('rule', RULES)
def test_views_of_a_short_video_are_equal(rule, test_mode):
    views = sample(
        22, num_views=3, short_video=rule, test_mode=test_mode
    ).tolist()
    assert views == 3 * [fill_short_video(22, 53, rule).tolist()]


# -- Other videos -----------------------------------------------------------
@pytest.mark.parametrize('num_stored', [53, 54, 100, 727])
def test_random_draws_lie_within_their_segments(num_stored):
    """``floor(u + j N / S)``, ``u ~ U(0, N / S)``."""
    with draws_from(0):
        drawn = np.concatenate([sample(num_stored) for _ in range(200)])
    assert drawn.shape == (400, 53)
    for j in range(53):
        first = j * num_stored // 53
        last = -(-(j + 1) * num_stored // 53) - 1
        frames = set(drawn[:, j].tolist())
        assert frames <= set(range(first, last + 1))
        # Frames that a boundary cuts are rare.
        assert set(range(first + 1, last)) <= frames


def test_random_draws_are_uniform():
    with draws_from(0):
        drawn = np.concatenate(
            [sample(160, num_frames=16, num_views=50) for _ in range(20)]
        )
    counts = np.bincount((drawn % 10).ravel(), minlength=10)
    assert len(drawn) == 1000
    assert abs(counts - 1600).max() < 200  # five standard deviations


def test_views_are_independent_draws():
    with draws_from(0):
        first, second = sample(300)
        assert not np.array_equal(first, second)
        assert not np.array_equal(sample(300)[0], first)
    with draws_from(0):
        assert np.array_equal(sample(300), [first, second])


@pytest.mark.parametrize('num_stored', [53, 60, 100, 727])
def test_one_view_at_test_takes_the_centres(num_stored):
    numbers = sample(num_stored, num_views=1, test_mode=True)
    # floor((j + 1/2) N / S) in integers
    expected = [(2 * j + 1) * num_stored // (2 * 53) for j in range(53)]
    assert numbers.tolist() == [expected]


def test_views_at_test_divide_the_segments():
    numbers = sample(80, num_frames=4, num_views=2, test_mode=True)
    assert numbers.tolist() == [[5, 25, 45, 65], [15, 35, 55, 75]]


@pytest.mark.parametrize('num_views', [1, 2, 3])
def test_test_mode_draws_nothing(num_views):
    state = np.random.get_state()[1].tolist()
    first, second = (
        sample(200, num_views=num_views, test_mode=True) for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert np.random.get_state()[1].tolist() == state


def test_as_many_frames_as_wanted_are_taken_once_each():
    for test_mode in (True, False):
        views = sample(53, test_mode=test_mode)
        assert views.tolist() == 2 * [list(range(53))]


# -- The transform ----------------------------------------------------------
def test_tokens_are_given_to_the_model_as_float32():
    transform = TRANSFORMS.build(
        dict(type='SampleFeature', num_frames=4, num_views=3)
    )
    stored = features(9).astype(np.float16)
    results = transform(dict(features=stored, label=1))
    assert results['imgs'].shape == (3, 4, 2)
    assert results['imgs'].dtype == np.float32
    assert results['label'] == 1


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('num_views', [1, 3])
@pytest.mark.parametrize('num_stored', [3, 9])
def test_a_tensor_gives_the_numbers_of_an_array(num_stored, num_views, dtype):
    rng = np.random.default_rng(0)
    stored = rng.standard_normal((num_stored, 2)).astype(dtype)
    transform = SampleFeature(num_frames=4, num_views=num_views)
    with draws_from(0):
        rows = transform(dict(features=torch.from_numpy(stored)))['imgs']
    with draws_from(0):
        array = transform(dict(features=stored))['imgs']
    with draws_from(0):
        expected = stored[transform.frame_indices(num_stored)]
    assert rows.dtype == torch.float32 and rows.shape == (num_views, 4, 2)
    assert array.dtype == np.float32
    assert np.array_equal(rows.numpy(), expected.astype(np.float32))
    assert np.array_equal(array, expected.astype(np.float32))


def test_stored_tokens_are_not_handed_on():
    """What a later transform writes must not reach the store."""
    for stored in (features(4), torch.from_numpy(features(4))):
        results = SampleFeature(num_frames=4, num_views=1)(
            dict(features=stored)
        )
        results['imgs'][:] = 7
        assert np.array_equal(np.asarray(stored), features(4))


def test_unknown_rule_is_refused():
    with pytest.raises(ValueError, match='short_video'):
        SampleFeature(short_video='loop')

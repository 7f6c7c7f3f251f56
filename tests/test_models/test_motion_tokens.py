"""What moves: patches of a vision transformer, and stored frames."""

import math

import numpy as np
import pytest
import torch

from mmaction_uda.datasets import SelectFrames
from mmaction_uda.models.backbones.patches import Grid
from mmaction_uda.models.layers import MotionTokens, log_density
from mmaction_uda.motion import motion_energy


@pytest.fixture(autouse=True)
def double():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


# -- energy -------------------------------------------------------------------
def test_energy_by_hand():
    """Two patches of two values in four steps."""
    steps = torch.zeros(1, 4, 2, 2)
    steps[0, 1, 0] = torch.tensor([1.0, -3.0])  # mean |difference| 2
    steps[0, 2, 0] = torch.tensor([1.0, 1.0])  # 2
    steps[0, 3, 0] = torch.tensor([1.0, 2.0])  # 0.5
    steps[0, 3, 1] = torch.tensor([8.0, 0.0])  # 4
    moved = torch.tensor([[0.5, 0], [0.5, 0], [0.125, 1]])
    energy = motion_energy(steps)
    assert torch.equal(energy[0], torch.cat((torch.ones(1, 2), moved)))
    energy = motion_energy(steps, keep_first=False)
    assert torch.equal(energy[0], torch.cat((moved[:1], moved)))


def test_a_still_video_keeps_all():
    still = torch.rand(1, 1, 3, 4).expand(2, 5, 3, 4)
    for keep_first in (True, False):
        select = MotionTokens(tau=0.9, keep_first=keep_first)
        assert select(still).all()
        assert select(still[:, :1]).all()  # of one step, too


def test_videos_do_not_depend_on_each_other():
    patches = torch.rand(3, 4, 6, 5) * torch.tensor([1, 9, 99]).view(
        3, 1, 1, 1
    )
    whole = motion_energy(patches)
    each = torch.cat([motion_energy(p[None]) for p in patches])
    assert torch.equal(whole, each)
    assert whole.flatten(1).amax(1).eq(1).all()


def test_kept_and_dropped_are_all():
    patches = torch.rand(3, 4, 6, 5)
    shares = []
    for tau in (0.0, 0.3, 0.6, 0.99):
        select = MotionTokens(tau=tau)
        kept = select(patches)
        assert kept.dtype == torch.bool and kept.shape == (3, 4, 6)
        assert kept[:, 0].all()
        assert kept[:, 1:].flatten(1).any(1).all()  # the largest energy is 1
        dropped = motion_energy(patches) <= tau
        assert torch.equal(kept, ~dropped)
        shares.append(select.loss({})['kept'].item())
        assert shares[-1] == kept.double().mean().item()
    assert shares == sorted(shares, reverse=True)


def test_patches_are_means_over_their_frames():
    clips = torch.rand(2, 5, 3, 8, 4)  # the fifth frame fills no tubelet
    patches = Grid(2, 4, 2).cut(clips)
    assert patches.shape == (2, 2, 4, 3 * 4 * 2)
    second = clips[1, 2:4, :, :4, 2:].mean(0)  # first row, second column
    assert torch.equal(patches[1, 1, 1], second.flatten())


# -- the learned threshold ----------------------------------------------------
@pytest.mark.parametrize('mu, log_sigma', [(0.01, -1.0), (1.5, 0.3)])
def test_density_integrates_to_one(mu, log_sigma):
    edges = torch.linspace(0, 1, 200_001)
    tau = (edges[1:] + edges[:-1]) / 2
    mu, log_sigma = torch.tensor(mu), torch.tensor(log_sigma)
    density = log_density(tau.logit(), mu, log_sigma).exp()
    torch.testing.assert_close(
        density.mean(), torch.tensor(1.0), rtol=0, atol=1e-6
    )


def test_gradient_of_the_density_is_the_finite_difference():
    u, step = torch.tensor(0.7), 1e-6
    point = torch.tensor([0.3, -0.4], requires_grad=True)
    found = torch.autograd.grad(log_density(u, *point), point)[0]
    sigma = math.exp(-0.4)
    z = 0.4 / sigma
    by_hand = torch.tensor([z / sigma, z * z - 1])
    torch.testing.assert_close(found, by_hand, rtol=0, atol=1e-12)
    for i, gradient in enumerate(found):
        offset = step * torch.eye(2)[i]
        ends = [
            log_density(u, *(point.detach() + s * offset)) for s in (1, -1)
        ]
        difference = (ends[0] - ends[1]) / (2 * step)
        torch.testing.assert_close(gradient, difference, rtol=0, atol=1e-8)


def learned() -> MotionTokens:
    select = MotionTokens(threshold='learned').double()
    select(torch.rand(2, 3, 4, 5))
    select.kept_share = torch.tensor(0.25)
    return select


@pytest.mark.parametrize('above', [True, False])
@pytest.mark.parametrize('good', [True, False])
def test_signs_of_the_gradient(above, good):
    """A draw better than the baseline pulls the mean, a worse one repels."""
    select = learned()
    select.drawn = select.mu.detach() + (0.2 if above else -0.2)
    select.baseline.fill_(-9.0)  # R = -10 L - share
    losses = dict(loss_cls=torch.tensor(0.5 if good else 2.0))
    select.loss(losses)['loss_policy'].backward()
    rises = select.mu.grad < 0  # a step goes against the gradient
    assert rises == (above == good)
    # So near the mean, a good draw makes the distribution narrower.
    assert (select.log_sigma.grad > 0) == good


def test_reward_and_baseline():
    select = learned()
    losses = dict(
        loss_cls=torch.tensor(0.3, requires_grad=True),
        loss_pseudo=torch.tensor(0.2),
        loss_other=torch.tensor(7.0),
    )
    reward = -10 * (0.3 + 0.2) - 2 * 0.25
    density = log_density(select.drawn, select.mu, select.log_sigma)
    for baseline in (0.0, 0.1 * reward, 0.19 * reward):
        found = select.loss(losses)
        expected = -(reward - baseline) * density
        torch.testing.assert_close(found['loss_policy'], expected)
        assert found['tau'] == select.drawn.sigmoid()
    found['loss_policy'].backward()
    assert losses['loss_cls'].grad is None  # a reward has no gradient


def test_threshold_at_test_is_the_mean():
    select = learned().eval()
    tau = select._threshold(torch.float64)
    u = torch.linspace(-10, 10, 100_001)
    density = log_density(u, select.mu, select.log_sigma)
    weights = (density + u.sigmoid().log() + (-u).sigmoid().log()).exp()
    mean = (weights * u.sigmoid()).sum() / weights.sum()
    torch.testing.assert_close(tau, mean.detach(), rtol=0, atol=1e-4)
    assert select._threshold(torch.float64) == tau
    drawn = {learned()._threshold(torch.float64).item() for _ in range(5)}
    assert len(drawn) == 5


# -- stored frames ------------------------------------------------------------
@pytest.mark.parametrize('kind', [np.float16, np.float32, 'tensor'])
def test_frames_that_move_are_selected(kind):
    rows = [[0, 0], [0, 0.25], [4, 0.25], [4, 0.5], [0, 0.5], [0, 0.5]]
    features = np.array(rows, np.float32)  # differences 1, 16, 1, 16, 0 / 8
    if kind == 'tensor':
        features = torch.from_numpy(features)
    else:
        features = features.astype(kind)
    for threshold, kept in ((0.0, [0, 1, 2, 3, 4]), (0.1, [0, 2, 4])):
        select = SelectFrames(threshold=threshold)
        found = select(dict(features=features))['features']
        assert type(found) is type(features)
        assert found.dtype == features.dtype
        assert found.tolist() == [rows[i] for i in kept]
    found = SelectFrames(0.1, keep_first=False)(dict(features=features))
    assert len(found['features']) == 2


@pytest.mark.parametrize('value', [-0.1, 1.0])
def test_thresholds_that_cannot_be(value):
    with pytest.raises(ValueError, match='threshold'):
        SelectFrames(value)
    with pytest.raises(ValueError, match='tau'):
        MotionTokens(tau=value)

"""The benchmark asks for motion: single frames must not give it away."""

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmaction_uda.datasets import RenderedBenchmark
from mmaction_uda.models.backbones import ShiftNet

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools/dev'))

from _check import Encoder, accuracy, encode, fit, load, normalise  # noqa: E402
from check_demo_benchmark import WEIGHTS  # noqa: E402


@pytest.fixture(scope='module')
def target(tmp_path_factory) -> dict:
    """Clips and labels of a small rendering of the target."""
    root = str(tmp_path_factory.mktemp('honesty') / 'demo')
    RenderedBenchmark(root, seed=100, num_train=24, num_test=10).prepare()
    return {s: load(root, f'target_{s}') for s in ('train', 'test')}


@pytest.fixture(scope='module')
def backbone() -> ShiftNet:
    net = ShiftNet()
    net.load_state_dict(load_file(WEIGHTS))
    return net.eval()


def single_frame_tokens(net, clips, labels) -> tuple:
    """Every fourth frame seen alone: no neighbour tells of its motion."""
    frames = clips[:, ::4].flatten(0, 1)[:, None]
    with torch.no_grad():
        tokens = [net(normalise(f)).mean((2, 3, 4)) for f in frames.split(64)]
    return torch.cat(tokens).numpy(), labels.repeat_interleave(8).numpy()


@pytest.mark.full
def test_single_frames_do_not_solve_the_target(target, backbone):
    classifier = make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=300)
    )
    classifier.fit(*single_frame_tokens(backbone, *target['train']))
    single = 100 * classifier.score(
        *single_frame_tokens(backbone, *target['test'])
    )

    torch.manual_seed(0)
    tokens = {s: encode(backbone, clips) for s, (clips, _) in target.items()}
    oracle = Encoder(tokens['train'].size(1))
    fit(oracle, tokens['train'], target['train'][1], epochs=40)
    oracle = accuracy(oracle, tokens['test'], target['test'][1])
    assert oracle > 70, (single, oracle)
    assert single <= 0.6 * oracle, (single, oracle)

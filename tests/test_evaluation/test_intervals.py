"""What is predicted of each test video is kept, and tells how sure tables are.

tests/test_end_to_end.py has two processes.
"""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers.runs import make_runner, train
from mmaction.evaluation import top_k_accuracy
from mmaction.structures import ActionDataSample
from mmengine.hooks import Hook

from mmaction_uda.engine import PredictionsHook
from mmaction_uda.evaluation import (
    Predictions,
    accuracy,
    difference,
    read_predictions,
    read_validations,
)


def run(correct, seed: int = 0) -> Predictions:
    """Of videos of class 0, the first of another class."""
    labels = [1] + [0] * (len(correct) - 1)
    predicted = [y if right else 2 for y, right in zip(labels, correct)]
    return Predictions(seed, tuple(predicted), tuple(labels))


def binomial_quantile(share: float, n: int, p: float) -> int:
    """The least number of successes with so much of the distribution."""
    total = 0.0
    for k in range(n + 1):
        total += math.comb(n, k) * p**k * (1 - p) ** (n - k)
        if total >= share:
            return k
    raise AssertionError


# -- values -------------------------------------------------------------------
def test_all_right_or_all_wrong_has_no_width():
    assert accuracy([run([1] * 7), run([1] * 7, 1)]) == (1, 1, 1)
    assert accuracy([run([0] * 7)]) == (0, 0, 0)
    # Every video right with one of three seeds.
    same = [run([1, 0, 0]), run([0, 1, 0], 1), run([0, 0, 1], 2)]
    assert accuracy(same) == (1 / 3, 1 / 3, 1 / 3)


def test_two_videos():
    """None, one or both right with shares 1/4, 1/2, 1/4."""
    assert accuracy([run([1, 0])]) == (0.5, 0, 1)
    found = difference([run([1, 1])], [run([0, 1])])
    assert found == (0.5, 0, 1) and not found.excludes_zero
    better = difference([run([1, 1])], [run([0, 0])])
    assert better == (1, 1, 1) and better.excludes_zero
    assert difference([run([0, 0])], [run([1, 1])]).excludes_zero


@pytest.mark.parametrize('n, right', [(30, 18), (240, 200), (2000, 130)])
def test_one_seed_is_binomial(n, right):
    found = accuracy([run([i < right for i in range(n)])])
    assert found.mean == right / n
    for end, share in ((found.low, 0.025), (found.high, 0.975)):
        wanted = binomial_quantile(share, n, right / n)
        # A tenth of the standard deviation, or one video.
        error = max(1, 0.1 * math.sqrt(right * (1 - right / n)))
        assert abs(end * n - wanted) <= error


def test_drawing_numbers_is_drawing_videos():
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 3, 50)) < [[[0.7]], [[0.5]]]  # [seeds, videos]
    found = difference(
        [run(x, s) for s, x in enumerate(a)],
        [run(x, s) for s, x in enumerate(b)],
    )
    drawn = rng.integers(0, 50, (20000, 50))
    each = (a.astype(int) - b).mean(0)
    wanted = np.percentile(each[drawn].mean(1), (2.5, 97.5))
    assert found.mean == pytest.approx(each.mean(), abs=1e-12)
    assert found[1:] == pytest.approx(wanted, abs=0.01)


def test_the_same_predictions_do_not_differ():
    runs = [run([i % 3 > 0 for i in range(60)], seed) for seed in range(3)]
    found = accuracy(runs)
    assert found.high - found.low > 0.2
    assert difference(runs, runs) == (0, 0, 0)


def test_seeds_are_paired_whatever_their_order():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 4, 40)) < 0.6
    runs = [run(x, seed) for seed, x in enumerate(a)]
    others = [run(x, seed) for seed, x in enumerate(b)]
    found = difference(runs, others)
    assert difference(runs[::-1], others[2:] + others[:2]) == found
    assert accuracy(runs[::-1]) == accuracy(runs)
    # What one of them lacks does not count.
    few = difference(runs, others[1:3])
    assert few == difference(runs[1:3], others)
    assert few.mean == (a[1:3].sum() - b[1:3].sum()) / 80 != found.mean
    assert difference(runs[:2], others[2:]) is None


def test_other_lists_are_not_compared():
    here, there = run([1, 1, 0]), run([1, 1, 0, 0], 1)
    assert accuracy([here, there]) is accuracy([]) is None
    assert difference([here], [run([1, 1, 0, 0])]) is None


def test_chance():
    assert run([1] * 8).chance == 7 / 8
    # Videos without a label are never right.
    some = Predictions(0, (1, 1, 0), (1, -1, -1))
    assert some.correct.tolist() == [1, 0, 0] and some.chance == 1 / 3
    assert Predictions(0, (1,), (-1,)).chance == 0


# -- records ------------------------------------------------------------------
def check(work_dir: str, epochs: list) -> dict:
    """Predictions are those whose accuracy the log has, to the last bit."""
    found, logged = read_predictions(work_dir), read_validations(work_dir)
    assert list(found) == list(logged) == epochs
    for epoch, values in logged.items():
        assert found[epoch].correct.mean() == values['acc/top1']
    return found


class Interruption(Hook):
    """Raises within the third epoch."""

    def before_train_epoch(self, runner) -> None:
        if runner.epoch == 2:
            raise KeyboardInterrupt


def test_a_resumed_training_keeps_the_same(make_config):
    cfg = make_config('source_only_demo')
    cfg.train_cfg.update(max_epochs=3)
    videos = train(cfg).val_dataloader.dataset
    whole = check(cfg.work_dir, [1, 2, 3])
    infos = map(videos.get_data_info, range(len(videos)))
    assert whole[3].labels == tuple(info['label'] for info in infos)
    assert whole[3].seed == cfg.randomness.seed == 0

    cfg.work_dir = 'interrupted'
    with pytest.raises(KeyboardInterrupt):
        train(cfg, Interruption())
    check('interrupted', [1, 2])
    cfg.resume = True
    make_runner(cfg).train()
    assert check('interrupted', [1, 2, 3]) == whole


def write(folder: Path, time: str, *lines: str) -> None:
    path = folder / time / 'vis_data'
    path.mkdir(parents=True)
    (path / 'predictions.jsonl').write_text('\n'.join(lines))


def line(epoch: int, *predicted: int, seed: int = 0) -> str:
    labels = list(range(len(predicted)))
    return json.dumps(
        dict(epoch=epoch, seed=seed, predicted=predicted, labels=labels)
    )


def test_the_later_line_counts(tmp_path):
    write(tmp_path, '1', line(1, 0, 0), line(2, 0, 1), line(3, 1, 1), '{"ep')
    write(tmp_path, '2', line(2, 1, 1), '')
    found = read_predictions(str(tmp_path))
    assert {e: p.predicted for e, p in found.items()} == {1: (0, 0), 2: (1, 1)}
    assert read_predictions(str(tmp_path / 'nothing')) == {}


def kept(tmp_path, scores, labels) -> Predictions:
    """What the hook keeps of videos in batches of four, None for no label."""
    samples = [ActionDataSample().set_pred_score(s) for s in scores]
    for sample, label in zip(samples, labels):
        if label is not None:
            sample.set_gt_label(label)
    loader = SimpleNamespace(dataset=samples)
    runner = SimpleNamespace(
        epoch=4, seed=7, log_dir=str(tmp_path / 'now'), val_dataloader=loader
    )
    hook = PredictionsHook()
    hook.before_val_epoch(runner)
    for i in range(0, len(samples), 4):
        hook.after_val_iter(runner, i // 4, None, samples[i : i + 4])
    hook.after_val_epoch(runner)
    found = read_predictions(str(tmp_path))
    assert list(found) == [4] and found[4].seed == 7
    return found[4]


def test_videos_without_labels(tmp_path):
    scores = torch.eye(3)[[2, 0, 1]]
    found = kept(tmp_path, scores, [2, None, -1])
    assert found == Predictions(7, (2, 0, 1), (2, -1, -1))


def test_ties_are_decided_as_for_the_accuracy(tmp_path):
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 3, (200, 12)).astype(np.float32)
    labels = rng.integers(0, 12, 200).tolist()
    found = kept(tmp_path, torch.tensor(scores), labels)
    assert [found.correct.mean()] == top_k_accuracy(list(scores), labels)

"""What is wrong with lists is said before a video is decoded.

The lists of the embedded benchmark, changed as a user may have them.
"""

from pathlib import Path

import numpy as np
import pytest
from helpers.data import without_tokens
from helpers.runs import run_tool

from mmaction_uda.config import ConfigError, load_config
from mmaction_uda.config.checking import check_settings
from mmaction_uda.datasets import checks
from mmaction_uda.engine import prepare
from mmaction_uda.engine.checking import check
from mmaction_uda.evaluation import ClassAccMetric
from mmaction_uda.faults import Faults

LISTS = 'data/demo/seed0_distractors0'
SOURCE, TARGET, TEST = (
    f'{LISTS}/{name}.txt'
    for name in ('source_train', 'target_train', 'target_test')
)


@pytest.fixture
def demo(make_config, monkeypatch):
    return without_tokens(make_config('transferattn_demo'), monkeypatch)


def rewrite(file: str, change, encoding: str = 'utf-8') -> None:
    """``change`` maps the lines of a list to others."""
    lines = change(Path(file).read_text().splitlines())
    text = ''.join(f'{line}\n' for line in lines)
    Path(file).write_text(text, encoding=encoding)


def told(cfg) -> list:
    with pytest.raises(Faults) as caught:
        prepare(cfg)
    return caught.value.faults


def unlabelled(lines: list) -> list:
    return [line.split()[0] for line in lines]


# -- labels -----------------------------------------------------------------
@pytest.mark.parametrize('number', [1, 3])
def test_a_source_video_lost_its_label(demo, number):
    def change(lines):
        lines[number - 1] = lines[number - 1].split()[0]
        return lines

    rewrite(SOURCE, change)
    (fault,) = told(demo)
    assert f'{SOURCE!r}, line {number}: -1 of' in fault
    assert '1 of 32 videos have no label, which the training' in fault
    assert fault.endswith('Give them labels.')


def test_a_source_without_labels(demo):
    rewrite(SOURCE, unlabelled)
    (fault,) = told(demo)
    assert '32 of 32 videos have no label, which the training' in fault


def test_a_test_list_without_labels(demo):
    rewrite(TEST, unlabelled)
    (fault,) = told(demo)
    assert '16 of 16 videos have no label, which val_evaluator' in fault
    assert 'or train with --no-validate' in fault
    # Training without validation needs none; testing does.
    demo.val_dataloader = demo.val_cfg = demo.val_evaluator = None
    check([demo], ('train', 'val'))
    (fault,) = told(demo)
    assert 'which test_evaluator compares with' in fault


def test_a_target_needs_no_labels(demo):
    rewrite(TARGET, unlabelled)
    check([demo])
    demo.train_dataloader.dataset.keep_target_labels = True
    (fault,) = told(demo)
    assert f'{TARGET!r}, line 1: -1 of' in fault


def test_a_video_with_two_labels(demo):
    rewrite(SOURCE, lambda lines: [*lines, lines[0].split()[0] + ' 3'])
    (fault,) = told(demo)
    assert f'{SOURCE!r}, lines 1 and 33: ' in fault
    assert 'has the labels 0 and 3' in fault


def test_doubles_are_counted(demo, monkeypatch):
    said = []
    monkeypatch.setattr(
        checks, 'print_log', lambda text, *_: said.append(text)
    )
    rewrite(TARGET, lambda lines: [*lines, *lines[:5]])
    check([demo])
    assert said == [f'{TARGET!r}: 5 of 37 lines name a video again.']


def test_fewer_names_than_classes(demo):
    names = dict(classes=[f'class {i}' for i in range(7)])
    demo.test_dataloader.dataset.videos.metainfo = names
    assert any('7 names' in f and '=8' in f for f in told(demo))


# -- lines ------------------------------------------------------------------
@pytest.mark.parametrize(
    'number, line',
    [
        (1, 'target/train/walk_000.mp4 32 0'),
        (1, '# my list'),
        (1, 'path label'),
        (4, 'target/train/walk_000.mp4 0.0'),
        (4, 'target/train/walk_000.mp4 walk'),
        (4, 'target/train/walk_000.mp4,0'),
        (4, 'target/train/walk_000.mp4, 0'),
        (4, '"target/train/walk_000.mp4";0'),
    ],
)
def test_lines_that_are_no_lines(demo, number, line):
    def change(lines):
        return [*lines[: number - 1], line, *lines[number - 1 :]]

    rewrite(TARGET, change)
    (fault,) = told(demo)
    assert f'{TARGET!r}, line {number}: {line!r}' in fault
    assert '1 of its lines are not `path label`' in fault


def with_tabs(lines: list) -> list:
    return [line.replace(' ', '\t') for line in lines]


def with_two_blanks(lines: list) -> list:
    return [line.replace(' ', '  ') for line in lines]


def with_blank_lines(lines: list) -> list:
    return [lines[0], '', ' \t', *lines[1:], '']


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig'])
@pytest.mark.parametrize(
    'change', [with_tabs, with_two_blanks, with_blank_lines]
)
def test_lists_that_are_read(demo, change, encoding):
    rewrite(TARGET, change, encoding)
    check([demo])


def test_names_with_blanks(demo):
    """The label is the last word."""
    Path(f'{LISTS}/a film').mkdir()
    video = f'{LISTS}/target/train/walk_000.mp4'
    Path(f'{LISTS}/a film/take  2 0').symlink_to(Path(video).resolve())
    Path(f'{LISTS}/a film/take 2.mp4').symlink_to(Path(video).resolve())
    rewrite(TARGET, lambda lines: [*lines, 'a film/take 2.mp4 6'])
    check([demo])
    rewrite(TARGET, lambda lines: [*lines, 'a film/take 3.mp4 6'])
    (fault,) = told(demo)
    assert "a film/take 3.mp4'" in fault or 'a film/take 3.mp4' in fault


# -- all of them ------------------------------------------------------------
def test_faults_of_all_lists_at_once(demo):
    rewrite(SOURCE, unlabelled)
    rewrite(TARGET, lambda lines: ['a header', *lines])
    rewrite(TEST, lambda lines: [lines[0].split()[0] + ' 8', *lines[1:]])
    faults = told(demo)
    assert [f.split(',')[0] for f in faults] == [
        repr(SOURCE),
        repr(TARGET),
        repr(TEST),
    ]


def test_lists_beside_settings(demo, tmp_path):
    """Those that can be read although a setting is wrong."""
    rewrite(TARGET, lambda lines: ['a header', *lines])
    demo.model.neck.dept = 3
    wrong, listed = check_settings(demo)
    assert 'model.neck.dept=3' in wrong
    assert listed.startswith(f'{TARGET!r}, line 1: ')


def test_too_few_videos_for_the_last_stage(make_config):
    """Told before the first stage is trained."""
    cfg = make_config('cleanadapt_frozen_demo')
    cfg.train_dataloader.batch_size = 80
    (fault,) = told(cfg)
    assert '32 videos, fewer than one batch of 80' in fault


def test_the_tool_tells_lines_alone(demo):
    rewrite(SOURCE, unlabelled)
    demo.dump('config.py')
    output = run_tool('train.py', 'config.py', fails=True, debug=False)
    assert 'Traceback' not in output
    assert output.splitlines()[-1].startswith(f'error: {SOURCE!r}, line 1: ')


def test_the_environment_is_named(monkeypatch):
    monkeypatch.setenv('DEMO_SEED', 'abc')
    with pytest.raises(ConfigError, match="{'DEMO_SEED': 'abc'"):
        load_config('transferattn_demo')


# -- lists beside each other ------------------------------------------------
def add_tests(lines: list) -> list:
    return lines + Path(TEST).read_text().splitlines()


def test_videos_whose_labels_are_learnt_are_not_tested(demo):
    """Unlabelled videos of the target may be; or it is said to be meant."""
    names = [line.split()[0] for line in Path(TEST).read_text().splitlines()]
    rewrite(TARGET, lambda lines: add_tests(lines))
    check([demo])
    rewrite(SOURCE, lambda lines: add_tests(lines))
    (text,) = told(demo)
    for part in (
        f'{len(names)} of {len(names)} videos of {TEST!r}',
        f'are in {SOURCE!r}, whose labels are learnt',
        *names[:3],
        'allow_overlap=True',
    ):
        assert part in text
    assert names[3] not in text
    demo.allow_overlap = True
    check([demo])


def test_a_class_without_a_test_video_is_said(demo, monkeypatch):
    said = []
    monkeypatch.setattr(
        checks, 'print_log', lambda text, *_: said.append(text)
    )
    check([demo])
    assert not said
    rewrite(TEST, lambda lines: [s for s in lines if s[-1] not in '57'])
    check([demo])
    classes = demo.test_dataloader.dataset.videos.metainfo.classes
    wanted = f'no video of 2 of 8 classes: {classes[5]}, {classes[7]}.'
    assert any(repr(TEST) in text and wanted in text for text in said)


def test_the_mean_over_the_classes_that_are_there():
    """Half of class 0 is right, all of class 1; class 2 has no video."""
    metric = ClassAccMetric(metric_options=dict(top_k_accuracy=dict(topk=1)))
    scores = list(np.eye(3)[[0, 2, 1]])
    found = metric.calculate(scores, [0, 0, 1])
    assert found['mean1'] == pytest.approx((0.5 + 1 + 0) / 3)
    assert found['mean1_present'] == pytest.approx((0.5 + 1) / 2)
    assert 'mean1_present' not in metric.calculate(scores, [0, 2, 1])

"""Alarms: each on a training that goes wrong in its way, or on its record."""

import json
import re
from pathlib import Path

import pytest
import torch
from helpers.configs import ROOT
from helpers.runs import run_tool, train

from mmaction_uda.engine import AlarmHook
from mmaction_uda.engine.alarms import oracle_lines
from mmaction_uda.engine.header import described_checkpoint
from mmaction_uda.evaluation import (
    VALIDATORS,
    History,
    Seen,
    alarm_lines,
    choose,
    is_oracle,
    new_alarms,
    read_history,
    signals,
)
from mmaction_uda.evaluation import alarms as rules
from mmaction_uda.evaluation.signals import frame_concentration
from mmaction_uda.visualization.report import gather

LISTS = Path('data/demo/seed0_distractors0')


# -- signals ------------------------------------------------------------------
def test_signals_of_predictions():
    logits = torch.eye(4)[[2, 2, 2, 0]]
    labels = torch.tensor([0, 0, 0, 1, 2])
    found = signals(Seen(logits=logits, feats=logits, source_labels=labels))
    assert found == {
        'label_free/top_class': 2,
        'label_free/top_share': 0.75,
        'label_free/source_classes': 3,
        'label_free/unpredicted': 1,  # class 3 is not the source's
        'label_free/source_chance': 0.6,
    }
    assert not set(found) & {f'label_free/{name}' for name in VALIDATORS}


@pytest.mark.parametrize(
    'weights, spread, top',
    [
        ([0.25] * 4, 0, 0.25),
        ([0, 1, 0, 0], 3**0.5, 1),
        ([[0.5, 0.5], [0, 1]], 0.5, 0.75),  # a mean over views
    ],
)
def test_frame_concentration(weights, spread, top):
    found = frame_concentration(torch.tensor(weights, dtype=torch.float32))
    assert found == pytest.approx((spread, top))


# -- trainings that go wrong --------------------------------------------------
def wrong(make_config, name: str, **options) -> tuple:
    """Alarms of a training and what its log warns of."""
    cfg = make_config(name)
    cfg.merge_from_dict({k.replace('__', '.'): v for k, v in options.items()})
    runner = train(cfg, AlarmHook())
    return alarm_lines(read_history(cfg.work_dir)), warnings(cfg), runner


def warnings(run) -> list:
    """Of the log of a config or a runner."""
    (log,) = Path(run.work_dir).glob('*/*.log')
    return re.findall(r'WARNING - (.*)', log.read_text())


def test_all_predictions_are_one_class(make_config):
    found, told, runner = wrong(
        make_config,
        'baseline_demo',
        model__loss_entropy__loss_weight=1000.0,
        model__loss_entropy__diversity_weight=0.0,
        default_hooks__checkpoint__save_best='acc/top1',
    )
    assert set(found) == {'one_class', 'source_chance'}
    assert re.fullmatch(
        r'100% of the target is predicted as class \d [a-z]+_?[a-z]*',
        found['one_class'],
    )
    chance = 'source accuracy 12.5% is not above chance (12.5%)'
    assert found['source_chance'] == chance
    assert told[-2:] == list(found.values())
    (best,) = [line for line in told if 'save_best' in line]
    assert 'best_acc_top1_epoch_N.pth is an oracle' in best
    assert not any('target accuracy' in line for line in told)

    # What labels of the target tell is called so, and in tables alone.
    lines = gather(dict(mine=[runner.work_dir]))['alarms']
    oracle = 'oracle: target accuracy 12.5% is not above chance (12.5%)'
    assert lines == [
        *(f'mine: {line}' for line in found.values()),
        f'mine: {oracle}',
        'mine: oracle: target labels chose best_acc_top1_epoch_1.pth',
    ]
    runner.test()
    assert warnings(runner)[-1] == oracle


def test_nothing_is_learnt(make_config):
    found, told, _ = wrong(
        make_config,
        'dann_demo',
        optim_wrapper__optimizer__lr=1e-9,
        model__domain_head__dropout=0.9999,
        train_cfg__max_epochs=3,
    )
    assert set(found) == {'unpredicted', 'never_learnt', 'source_chance'}
    assert re.match(r"[1-7] of the source's 8 classes", found['unpredicted'])
    # Missing classes are told when they have been for three validations.
    first, second, third = (told.index(line) for line in found.values())
    assert second < third < first


def test_domains_that_stay_apart(make_config):
    found, *_ = wrong(
        make_config,
        'dann_demo',
        model__domain_head__grl=dict(amplitude=0.0),
        model__domain_head__dropout=0.0,
        model__domain_head__hidden_channels=256,
        model__neck__embed_dims=128,
        model__neck__hidden_channels=128,
        model__feature_scale=20.0,
        train_dataloader__batch_size=16,
        train_cfg__max_epochs=60,
        train_cfg__val_interval=60,
    )
    assert 'never_fooled' in found
    assert found['never_fooled'].startswith('domain_acc: the discriminator')


def test_batches_without_pairs_and_idle_attention(make_config):
    found, *_ = wrong(
        make_config, 'transferattn_demo', train_cfg__max_epochs=3
    )
    assert set(found) == {'unpredicted', 'no_pairs', 'uniform_attention'}
    assert found['no_pairs'].endswith('the information bottleneck is idle')
    assert re.search(r'\(spread 0.00\d\)$', found['uniform_attention'])


@pytest.mark.parametrize('method', ['source_only', 'baseline', 'transferattn'])
def test_ordinary_trainings(method, make_config):
    """So few videos do not teach all classes, nor MDTA to look anywhere:
    both is true. tests/test_small_data.py has trainings that learn."""
    found, *_ = wrong(
        make_config,
        f'{method}_demo',
        train_dataloader__batch_size=8,
        train_cfg__max_epochs=6,
    )
    assert set(found) <= {'unpredicted', 'uniform_attention'}


def flip(file: Path) -> None:
    """Reverse the order of the classes in a list of videos."""
    rows = [line.split() for line in file.read_text().splitlines()]
    file.write_text(''.join(f'{name} {7 - int(n)}\n' for name, n in rows))


def test_target_labels_change_nothing_but_accuracy(make_config):
    cfg = make_config('transferattn_demo')
    cfg.train_cfg.max_epochs = 3
    once, twice = {}, {}
    for found in (once, twice):
        train(cfg, AlarmHook())
        rows = read_history(cfg.work_dir)
        found['alarms'] = alarm_lines(rows)
        found['chosen'] = [choose(rows.validations, v) for v in VALIDATORS]
        numbers = rows.validations.values()
        found['accuracy'] = [
            [v.pop('acc/top1'), v.pop('acc/mean1')] for v in numbers
        ]
        found['rest'] = rows.validations
        for name in ('target_train', 'target_test'):
            flip(LISTS / f'{name}.txt')
        cfg.work_dir = 'flipped'
    assert once.pop('accuracy') != twice.pop('accuracy')
    assert once == twice and once['alarms']
    assert set(once['rest']) == {1, 2, 3}
    assert {f'label_free/{v}' for v in VALIDATORS} < set(once['rest'][1])


# -- written histories --------------------------------------------------------
def history(steps=(), **numbers) -> History:
    """Of validations ``label_free/<name>=[...]`` and ``steps``, dicts."""
    rows = zip(*numbers.values())
    names = [f'label_free/{name}' for name in numbers]
    return History(
        {epoch: dict(zip(names, row)) for epoch, row in enumerate(rows, 1)},
        [dict(epoch=1, step=i, **row) for i, row in enumerate(steps, 1)],
    )


def monitored(name: str, *values: float, **others) -> History:
    return history([{name: v, **others} for v in values])


@pytest.mark.parametrize(
    'share, told',
    [
        (0.94, {}),
        (0.97, {'one_class': '97% of the target is predicted as class 3'}),
    ],
)
def test_share_of_one_class(share, told):
    assert alarm_lines(history(top_class=[3], top_share=[share])) == told


def test_missing_classes_have_to_stay_so():
    seen = dict(source_classes=[8] * 4, top_class=[0] * 4)
    for missing, share, fires in (
        ([0, 3, 2, 1], 0.5, True),
        ([5, 3, 0, 1], 0.5, False),
        ([7, 7, 7, 7], 1.0, False),  # one class: said already
    ):
        rows = history(unpredicted=missing, top_share=[share] * 4, **seen)
        assert ('unpredicted' in alarm_lines(rows)) == fires


@pytest.mark.parametrize(
    'values, fires',
    [
        ([0.5] * 11, False),  # too few
        ([0.5] * 12, True),
        ([0.4, 0.6] * 6, True),
        ([0.8] * 4 + [0.5] * 8, False),  # it has learnt, then been fooled
        ([0.5] * 8 + [0.6] * 4, False),
    ],
)
@pytest.mark.parametrize('name', ['domain_acc', 'domain_acc_frame'])
def test_a_discriminator_that_never_learns(values, fires, name):
    found = alarm_lines(monitored(name, *values))
    assert set(found) == ({'never_learnt'} if fires else set())
    assert all(line.startswith(f'{name}: ') for line in found.values())


@pytest.mark.parametrize(
    'values, coefficients, fires',
    [
        ([1.0] * 12, [1.0] * 12, True),
        ([0.6] * 8 + [1.0] * 4, [0.0] * 12, True),
        ([1.0] * 8 + [0.9] * 4, [1.0] * 12, False),
        ([1.0] * 12, [i / 12 for i in range(12)], False),  # it sets in
        ([1.0] * 11, [1.0] * 11, False),
    ],
)
def test_a_discriminator_that_is_never_fooled(values, coefficients, fires):
    steps = [
        dict(domain_acc=v, grl_coeff=c) for v, c in zip(values, coefficients)
    ]
    assert ('never_fooled' in alarm_lines(history(steps))) == fires


@pytest.mark.parametrize(
    'pairs, fires',
    [
        ([2.0] * 12, True),
        ([9.0] * 8 + [0.0] * 4, True),
        ([0.0] * 11 + [3.0], False),
        ([0.0] * 11, False),
    ],
)
def test_pairs_of_the_bottleneck(pairs, fires):
    assert set(alarm_lines(monitored('num_pairs', *pairs))) == (
        {'no_pairs'} if fires else set()
    )


@pytest.mark.parametrize(
    'spreads, tops, fires',
    [
        ([0.01] * 3, [0.07] * 3, 'uniform_attention'),
        ([0.01] * 2, [0.07] * 2, None),
        ([0.01, 0.01, 0.06], [0.07] * 3, None),
        ([3.7] * 3, [0.95] * 3, 'one_hot_attention'),
        ([2.4] * 3, [0.6] * 3, None),
    ],
)
def test_attention(spreads, tops, fires):
    found = alarm_lines(history(frame_spread=spreads, top_frame=tops))
    assert set(found) == ({fires} if fires else set())
    if fires == 'one_hot_attention':
        assert found[fires].endswith('one frame alone (95% of the weight)')


@pytest.mark.parametrize(
    'entropies, accuracies, fires',
    [
        ([0.5, 0.3, 0.4, 0.45, 0.5], [0.6, 0.9, 0.9, 0.9, 0.89], True),
        ([0.5, 0.3, 0.4, 0.39, 0.5], [0.9] * 5, False),  # not for long
        ([0.5, 0.3, 0.4, 0.45, 0.5], [0.9, 0.9, 0.9, 0.8, 0.9], False),
        ([0.3, 0.5, 0.5], [0.9] * 3, False),  # too few
        ([0.9, 0.7, 0.6, 0.5, 0.5], [0.9] * 5, False),
    ],
)
def test_entropy_of_the_target(entropies, accuracies, fires):
    rows = dict(confidence=[-e for e in entropies], source_acc=accuracies)
    found = alarm_lines(history(**rows))
    assert set(found) == ({'entropy_rises'} if fires else set())
    if fires:
        assert '(0.30 to 0.50)' in found['entropy_rises']
        assert '(89.0%)' in found['entropy_rises']


def test_what_is_new():
    rows = history(source_acc=[0.9, 0.1, 0.1, 0.9], source_chance=[0.2] * 4)
    told = [new_alarms(rows.until(epoch)) for epoch in range(5)]
    assert [len(lines) for lines in told] == [0, 0, 1, 0, 0]


# -- records of interrupted trainings -----------------------------------------
def write(folder: str, rows: list) -> None:
    path = Path(folder, 'vis_data')
    path.mkdir(parents=True)
    text = ''.join(f'{json.dumps(row)}\n' for row in rows)
    Path(path, 'scalars.json').write_text(text)


def epoch_of(number: int, accuracy: float = 0.5, **numbers) -> list:
    """Two logged steps and a validation."""
    rows = [
        dict(epoch=number, step=2 * number + i, domain_acc=0.1 * number)
        for i in (-1, 0)
    ]
    scores = {f'label_free/{k}': v for k, v in numbers.items()}
    return rows + [{'acc/top1': accuracy, 'step': number, **scores}]


def test_a_resumed_training_has_one_history(tmp_path):
    rows = [row for number in range(1, 5) for row in epoch_of(number)]
    write(tmp_path / 'whole/1', rows)
    write(tmp_path / 'resumed/1', rows[:8])  # within the third epoch
    write(tmp_path / 'resumed/2', rows[6:])
    whole = read_history(str(tmp_path / 'whole'))
    assert read_history(str(tmp_path / 'resumed')) == whole
    assert [s['step'] for s in whole.steps] == list(range(1, 9))
    # Begun anew, and killed while it wrote.
    write(tmp_path / 'resumed/3', epoch_of(1, 0.1))
    with open(tmp_path / 'resumed/3/vis_data/scalars.json', 'a') as file:
        file.write('{"epoch": 2')
    anew = read_history(str(tmp_path / 'resumed'))
    assert anew.validations == {1: {'acc/top1': 0.1}} and len(anew.steps) == 2


# -- tables and checkpoints ---------------------------------------------------
def test_alarms_below_a_table(tmp_path):
    good = dict(source_acc=0.9, source_chance=0.2)
    for name, score in (('low', 0.4), ('mine', 0.3), ('high', 0.2)):
        for seed in (0, 1):
            folder = tmp_path / name / f'seed{seed}'
            numbers = dict(good, class_balance=score + 0.01 * seed)
            if name == 'mine' and seed:
                numbers['source_acc'] = 0.2
            rows = epoch_of(1, 0.6, **numbers)
            rows[-1]['acc/mean1'] = 0.6
            write(folder / 'time', rows)
            (folder / 'weights.safetensors').touch()
    bounds = '--bounds', 'low', 'high'
    printed = run_tool('collect_results.py', tmp_path, *bounds)
    _, below = printed.split('\n\nAlarms (docs/validators.md):\n\n')
    assert below.splitlines() == [
        '- mine, seed1: source accuracy 20.0% is not above chance (20.0%)',
        '- mine: class_balance 0.305 is below low (0.405): adaptation has '
        'not helped',
    ]
    assert gather(dict(low=[str(tmp_path / 'low/seed0')]))['alarms'] == []


def test_checkpoints_that_target_labels_chose():
    assert list(oracle_lines(['label_free/snd'])) == []
    for name in ('auto', 'acc/top1'):
        assert list(oracle_lines([name])) == [
            f'save_best={name!r} chooses by the labels of the target test '
            'videos: best_acc_top1_epoch_N.pth is an oracle. '
            "save_best='label_free/infomax' rule='greater' is not"
        ]
    assert is_oracle('work/best_acc_mean1_epoch_3.pth')
    assert not is_oracle('work/best_label_free_snd_epoch_3.pth')
    assert not is_oracle('best_acc/epoch_3.pth')
    best = 'work/best_acc_mean1_epoch_3.pth'
    assert described_checkpoint(best) == (
        f'{best} (oracle: target labels chose it)'
    )
    assert described_checkpoint('epoch_3.pth') == 'epoch_3.pth'


def test_documented_thresholds():
    said = ' '.join((ROOT / 'docs/validators.md').read_text().split())
    for text in (
        f'{100 * rules.ONE_CLASS:.0f} % or more of the target',
        f'{100 * rules.NEVER_LEARNT:.0f} % or less in each third',
        f'{100 * rules.NEVER_FOOLED:.0f} % or more in the last third',
        f'{rules.PAIRS} pairs or fewer',
        f'less than {rules.UNIFORM} at each of the last {rules.HELD}',
        f'{rules.ONE_HOT} or more at each of the last {rules.HELD}',
        f'at least {rules.RISE} above',
        f'not more than {100 * rules.FALL:.0f} points',
        f'alarms wait for {rules.FEWEST} of them',
    ):
        assert text in said
    assert rules.GROWTH == 0.1 and 'less than a tenth' in said


@pytest.mark.parametrize(
    'config, oracle',
    [
        ('train_dataloader = None\ntest_dataloader = None\n', False),
        (
            'train_dataloader = dict(dataset=dict(keep_target_labels=True))\n'
            'test_dataloader = None\n',
            True,
        ),
    ],
)
def test_a_record_without_a_test_or_a_training(tmp_path, config, oracle):
    write(tmp_path / 'time', epoch_of(1, 0.5))
    (tmp_path / 'time/vis_data/config.py').write_text(config)
    found = read_history(str(tmp_path))
    assert list(found.validations) == [1]
    assert (list(found.classes), found.oracle) == ([], oracle)

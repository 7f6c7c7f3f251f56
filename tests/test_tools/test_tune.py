"""Tuning: equal budgets, and no look at a target label."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest
from helpers.configs import ROOT
from helpers.runs import run_tool

from mmaction_uda.faults import Faults

sys.path.insert(0, str(ROOT / 'tools'))
from tune import axis, check, trials  # noqa: E402

RATE, WEIGHT = 'optim_wrapper.optimizer.lr', 'model.loss_entropy.loss_weight'


def test_values_of_an_axis():
    assert axis('a.b=1,2') == [('a.b=1',), ('a.b=2',)]
    assert axis('a+b=(1,2),[3,4]') == [
        ('a=(1,2)', 'b=(1,2)'),
        ('a=[3,4]', 'b=[3,4]'),
    ]


def test_as_many_trials_for_every_method():
    args = Namespace(
        grid=[axis(f'{RATE}=1e-3,1e-4,1e-5'), axis(f'{WEIGHT}=1,2')],
        trials=3,
        cfg_options=[],
    )
    # Source-only has no entropy term: its axis is the rate alone.
    assert trials('source_only_demo', args) == [
        (f'{RATE}={rate}',) for rate in ('1e-3', '1e-4', '1e-5')
    ]
    found = trials('baseline_demo', args)
    assert len(set(found)) == 3 and trials('baseline_demo', args) == found
    assert all(len(setting) == 2 for setting in found)
    # A number that the method leaves to its class is tuned, too.
    args.grid, args.trials = [axis('model.loss_align.loss_weight=1,2')], 2
    assert len(trials('mmd@demo', args)) == 2
    check({'mmd@demo': [('model.loss_align.loss_weight=1',)]}, args)
    with pytest.raises(Faults, match='mmd@demo: .*loss_wait'):
        check({'mmd@demo': [('model.loss_align.loss_wait=1',)]}, args)
    args.grid, args.trials = [axis(f'{RATE}=1,2,3')], 4
    with pytest.raises(Faults, match='source_only_demo has 3 settings'):
        trials('source_only_demo', args)


def test_target_labels_choose_nothing(make_config):
    """With all of them changed it prints the same, and by score."""
    make_config('baseline_demo').dump('small.py')
    printed = []
    for folder in ('once', 'flipped'):
        options = f'{RATE}=1e-5,1e-2', '--trials', 2, '--seeds', 100
        more = '--validator', 'infomax', '--work-dir', folder
        text = run_tool('tune.py', 'small.py', '--grid', *options, *more)
        printed.append(text[text.index('infomax, mean of seeds 100') :])
        for file in Path('data').rglob('target_*.txt'):
            rows = [line.split() for line in file.read_text().splitlines()]
            rows = [f'{name} {7 - int(label)}\n' for name, label in rows]
            file.write_text(''.join(rows))
    assert printed[0] == printed[1]
    _, worse, better = printed[0].splitlines()
    scores = [float(line.split()[1]) for line in (worse, better)]
    assert scores[0] < scores[1] and worse.split()[2] != better.split()[2]

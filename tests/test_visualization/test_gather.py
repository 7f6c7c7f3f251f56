"""Every number of a report, against what is computed by hand."""

import json
import re
from pathlib import Path

import pytest
from helpers.configs import CONFIGS, ROOT
from helpers.finished import CONFIG, write_training

from mmaction_uda.visualization.report import gather
from mmaction_uda.visualization.report.runs import published

LABELS = 0, 0, 1, 2
# By method and seed: predictions after the last epoch.
PREDICTED = dict(
    low=[(0, 1, 2, 0), (0, 0, 2, 0)],
    mine=[(0, 0, 1, 0), (0, 0, 1, 2)],
    high=[(0, 0, 1, 2), (0, 0, 1, 2)],
)


def right(predicted) -> float:
    return sum(map(int.__eq__, predicted, LABELS)) / len(LABELS)


@pytest.fixture
def methods(tmp_path) -> dict:
    """Three methods, two seeds, four videos of three classes."""
    return {
        name: [
            write_training(
                tmp_path / name / f'seed{seed}',
                {2: 0.75, 4: right(predicted)},
                predicted,
                LABELS,
                seed,
                CONFIG,
                infomax={2: 0.5, 4: 0.4},
                source_acc={2: 0.5, 4: 1.0},
            )
            for seed, predicted in enumerate(runs)
        ]
        for name, runs in PREDICTED.items()
    }


def test_accuracies(methods):
    facts = gather(methods, 'low', 'high')
    mine = facts['methods']['mine']
    assert mine['seeds'] == [0, 1]
    assert mine['top1']['values'] == [75, 100]
    assert mine['top1']['mean'] == 87.5
    assert mine['top1']['std'] == pytest.approx(12.5 * 2**0.5)
    assert mine['top1']['epochs'] == [4, 4]
    assert mine['chosen']['values'] == [75, 75]
    assert mine['chosen']['epochs'] == [2, 2]
    assert mine['best']['values'] == [75, 100]
    assert mine['best']['epochs'] == [2, 4]
    # The last video is right with one of two seeds: by draws, 50 or more.
    assert mine['interval'] == dict(low=62.5, high=100)
    assert mine['curve'] == dict(
        epochs=[2, 4],
        target=[[75, 75], [75, 100]],
        source=[[50, 100], [50, 100]],
    )
    low = facts['methods']['low']
    assert low['top1']['values'] == [25, 50]
    assert mine['share'] == pytest.approx(100 * (87.5 - 37.5) / (100 - 37.5))
    difference = mine['versus']['low']
    assert difference['mean'] == 50 and difference['clear']
    assert facts['methods']['low']['versus']['low']['mean'] == 0


def test_task_and_classes(methods):
    facts = gather(methods, 'low', 'high')
    assert facts['lists'] == [dict(n=4, chance=50)]
    assert facts['task'] == dict(
        source='src_train', target='tgt_test', classes=['a', 'b', 'c']
    )
    low = facts['methods']['low']['confusion']
    assert low['counts'] == [[3, 1, 0], [0, 0, 2], [2, 0, 0]]
    assert low['recalls'] == [75, 0, 0]
    assert facts['methods']['mine']['gains'] == [25, 100, 50]
    assert gather(methods)['methods']['mine']['gains'] is None
    assert gather(methods)['methods']['mine']['share'] is None


def test_runs(methods, tmp_path):
    folder = methods['mine'][1]
    (file,) = Path(folder).glob('*/vis_data')
    made = dict(
        command='python tools/train.py x', versions={'a': '1'}, git='f'
    )
    (file / 'made_by.json').write_text(json.dumps(made))
    runs = gather(methods)['runs']
    assert [(run['method'], run['seed']) for run in runs] == [
        (name, seed) for name in PREDICTED for seed in (0, 1)
    ]
    assert runs[3] == dict(
        method='mine', seed=1, work_dir=folder, config=CONFIG, **made
    )
    assert runs[0]['command'] is runs[0]['git'] is None


def test_warnings(methods, tmp_path):
    found = gather(methods, 'low', 'high')['warnings']
    assert found == [
        '4 test videos: one more right video is 25.0 points',
        'low: top-1 37.5 % is not above chance (50.0 %)',
    ]
    methods['mine'].pop()  # 75 %, of four videos
    found = gather(methods, 'high', 'low')['warnings']
    assert found[2:] == [
        'mine: the interval of top-1 reaches down to chance (50.0 %)',
        'methods have different seeds: low 0, 1; mine 0; high 0, 1',
        'low (37.5) is not above high (100.0): there is no gap to have a '
        'share of',
    ]
    other = write_training(
        tmp_path / 'o', {1: 1.0}, [0] * 50, [0] * 50, config=CONFIG
    )
    facts = gather({'mine': methods['mine'], 'o': [other]}, versus=['mine'])
    assert facts['lists'] == [dict(n=4, chance=50), dict(n=50, chance=100)]
    assert facts['methods']['o']['list'] == 1
    assert facts['methods']['o']['versus'] == dict(mine=None)
    assert facts['warnings'][0].startswith('2 test lists: ')


def test_little_is_known_of_an_old_training(tmp_path):
    old = write_training(tmp_path / 'old', {1: 0.5, 3: 0.25})
    facts = gather(dict(old=[old]))
    found = facts['methods']['old']
    assert found['seeds'] == [None] and found['interval'] is None
    assert found['chosen']['mean'] is None and found['confusion'] is None
    assert found['best'] == dict(values=[50], mean=50, std=None, epochs=[1])
    assert facts['task'] is None and facts['lists'] == []
    (tmp_path / 'none').mkdir()
    with pytest.raises(ValueError, match='no epoch was validated'):
        gather(dict(none=[str(tmp_path / 'none')]))


def test_what_papers_say():
    assert published('transferattn_i3d_ucf2hmdb') == dict(
        figure=94.4, table='Table I'
    )
    # The table stands in the second line of the comment.
    assert published('source_only_stam_kinetics2necdrone')['figure'] == 29.4
    assert published('transferattn_demo') is published('no_config') is None
    stating = {
        name
        for name in CONFIGS
        if re.search(
            r'\d in\s+(# )?Table', (ROOT / f'configs/{name}.py').read_text()
        )
    }
    assert len(stating) > 20 and all(map(published, stating))

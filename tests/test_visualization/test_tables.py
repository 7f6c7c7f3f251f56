"""The table: as Markdown, for LaTeX, as bare numbers."""

import argparse
import csv
import io
import sys

import pytest
from helpers.configs import ROOT
from helpers.finished import write_training

from mmaction_uda.visualization.figures import ENDINGS, KINDS
from mmaction_uda.visualization.report import (
    FORMATS,
    gather,
    to_csv,
    to_latex,
    to_markdown,
)

sys.path.insert(0, str(ROOT / 'tools'))
import _runs  # noqa: E402
import collect_results  # noqa: E402
import visualize  # noqa: E402

LABELS = 0, 1, 2, 3
KEPT = dict(
    low=[(0.25, (0, 0, 0, 0)), (0.5, (0, 1, 0, 0))],
    mine=[(1.0, LABELS), (1.0, LABELS)],
    high=[(0.5, (0, 1, 0, 0)), (0.5, (0, 1, 0, 0))],
)


@pytest.fixture
def methods(tmp_path) -> dict:
    """Three methods with two seeds, one without predictions."""
    found = {
        name: [
            write_training(
                tmp_path / name / f'seed{seed}', {1: top1}, kept, LABELS, seed
            )
            for seed, (top1, kept) in enumerate(runs)
        ]
        for name, runs in KEPT.items()
    }
    found['older'] = [write_training(tmp_path / 'older', {1: 0.3})]
    return found


def test_markdown(methods):
    facts = gather(methods, 'low', 'high', versus=['mine'])
    table, below = to_markdown(facts).split('\n\nWarnings:\n\n')
    told, _, head, _, low, mine, high, older = table.split('\n')
    assert told == (
        '4 test videos, chance 25.0 % (largest class of the test list). In '
        'brackets: 95 % intervals over these videos. Bold: the best of two '
        'or more methods, bounds aside; differences whose interval excludes '
        '0.'
    )
    names = [cell.strip() for cell in head.split('|')]
    assert names[3] == 'top-1' and names[-4:-1] == [
        'share of the gap',
        'difference to low',
        'difference to mine',
    ]
    # Both seeds are right of the first video, one of the second.
    assert '| low | 2 | 37.5 ± 17.7 [0.0, 75.0] | 37.5 ± 17.7 |' in low
    assert low.endswith('| +0.0 [+0.0, +0.0] | **-62.5 [-100.0, -25.0]** |')
    assert '| **100.0 ± 0.0 [100.0, 100.0]** | **100.0 ± 0.0** |' in mine
    assert mine.endswith(' **+62.5 [+25.0, +100.0]** | +0.0 [+0.0, +0.0] |')
    assert '| 100 % | +12.5 [+0.0, +37.5] |' in high
    assert older.startswith('| older | 1 | 30.0 | 30.0 |')
    assert older.endswith('| – | – |')
    assert below.startswith('- 4 test videos: one more right video is 25.0')


def test_older_trainings_have_the_table_they_had(methods):
    older = methods.pop('older')
    assert to_markdown(gather(dict(a=older))).startswith('| method |')
    both = dict(b=methods['mine'][:1] + older)
    assert '| b | 2 | 65.0 ± 49.5 | 65.0' in to_markdown(gather(both))


def test_latex(methods):
    names = {f'{name}_1%': runs for name, runs in methods.items()}
    text = to_latex(gather(names, 'low_1%', 'high_1%'))
    body = [x for x in text.split('\n') if not x.startswith('%')]
    assert body[0] == r'\begin{tabular}{lrrrrrrr}' and body[1] == r'\toprule'
    assert body[-2:] == [r'\bottomrule', r'\end{tabular}']
    rows = [line.removesuffix(r' \\').split(' & ') for line in body[4:-2]]
    assert {len(row) for row in rows} == {8}
    assert rows[0][0] == r'low\_1\%'
    assert rows[0][2] == r'37.5 $\pm$ 17.7 [0.0, 75.0]'
    assert rows[1][2] == r'\textbf{100.0 $\pm$ 0.0 [100.0, 100.0]}'
    assert rows[1][-1] == r'\textbf{$+$62.5 [$+$25.0, $+$100.0]}'
    assert rows[3][-1] == '--'
    assert 'top-1' in body[2]  # no minus
    assert text.startswith('% 4 test videos')


def test_csv(methods):
    text = to_csv(gather(methods, 'low', 'high'))
    low, mine, _, older = csv.DictReader(io.StringIO(text))
    assert (low['method'], low['seeds'], low['n']) == ('low', '0 1', '4')
    assert float(low['top1']) == 37.5 and float(low['chance']) == 25
    assert float(low['top1_std']) == pytest.approx(17.678, abs=1e-3)
    assert (float(low['top1_low']), float(low['top1_high'])) == (0, 75)
    assert float(mine['share']) == pytest.approx(500)
    assert float(mine['to low mean']) == 62.5
    assert older['top1_low'] == older['n'] == older['chosen'] == ''


def chosen(*work_dirs, bounds=None, versus=()) -> dict:
    args = argparse.Namespace(
        work_dirs=[*map(str, work_dirs)], bounds=bounds, versus=[*versus]
    )
    return _runs.chosen(args)


def test_folders_that_a_tool_reads(methods, tmp_path):
    """Bounds by their names, around the rest; equal names by folders."""
    for old, new in {'low': 'source_only_x', 'high': 'target_only_x'}.items():
        (tmp_path / old).rename(tmp_path / new)
    found = chosen(tmp_path)
    assert [*found['methods']] == [
        'source_only_x',
        'mine',
        'older',
        'target_only_x',
    ]
    assert (found['lower'], found['upper']) == (
        'source_only_x',
        'target_only_x',
    )
    assert found['methods']['mine'] == [
        str(tmp_path / f'mine/seed{seed}') for seed in (0, 1)
    ]
    write_training(tmp_path / 'more/source_only_x', {1: 0.5})
    found = chosen(tmp_path, tmp_path / 'more')
    assert {'more/source_only_x', f'{tmp_path.name}/source_only_x'} < set(
        found['methods']
    )
    assert found['lower'] is None  # there are two
    alone = chosen(tmp_path / 'mine/seed1')['methods']
    assert alone == dict(mine=[str(tmp_path / 'mine/seed1')])
    with pytest.raises(ValueError) as error:
        chosen(tmp_path / 'mine', bounds=['a', 'b'], versus=['c'])
    assert [line[:26] for line in str(error.value).splitlines()] == [
        '--bounds: there is no a an',
        '--versus: there is no c in',
    ]


def test_what_tools_offer():
    assert collect_results.FORMATS == tuple(FORMATS)
    assert visualize.KINDS == tuple(KINDS) and visualize.ENDINGS == ENDINGS

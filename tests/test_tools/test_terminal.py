"""What a user sees: of a real training in a pipe, of bars, of errors."""

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from helpers import runs

from mmaction_uda.config import load_config
from mmaction_uda.engine.terminal import Columns
from mmaction_uda.faults import Faults
from mmaction_uda.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))
from _child import DONE, run_tool  # noqa: E402
from _grid import Grid  # noqa: E402
from _plan import Trial  # noqa: E402
from cli import told  # noqa: E402

EPOCHS, STEPS = 3, 6
CONFIG = f"""
_base_ = '{ROOT}/configs/transferattn_release_demo.py'
prepare = [
    dict(
        type='RenderedBenchmark',
        root='data/demo/seed{{{{$DEMO_SEED:0}}}}_distractors0',
        seed={{{{'$DEMO_SEED:0'}}}},
        num_train=6,
        num_test=3,
        size=32,
        num_frames=16,
        num_processes=1,
    )
]
model = dict(
    neck=dict(
        embed_dims=32,
        hidden_channels=32,
        last_attention=dict(hidden_channels=32),
    ),
    domain_head=dict(hidden_channels=32),
    ib_head=dict(projector=dict(channels=(32, 32)), queue_size=24),
    # One class is the cheapest for the target: an alarm.
    loss_entropy=dict(diversity_weight=0.0, loss_weight=100.0),
)
train_dataloader = dict(batch_size=8)
train_cfg = dict(max_epochs={EPOCHS}, val_interval=2)
default_hooks = dict(logger=dict(interval=1))
"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """Where a training has run; ``output`` is what it printed in a pipe."""
    folder = tmp_path_factory.mktemp('terminal')
    Path(folder, 'tiny.py').write_text(CONFIG)
    call = 'train.py', 'tiny.py', '--work-dir', 'work'
    done = subprocess.run(
        runs.tool_command(*call, debug=False),
        cwd=folder,
        capture_output=True,
        text=True,
        env=dict(runs.tool_env(), DEMO_SEED='77'),
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    Path(folder, 'output').write_text(done.stdout)
    return folder


@pytest.fixture
def tool(folder, monkeypatch):
    """``tool(name, *args)``: what a tool prints there."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv('DEMO_SEED', '77')
    return partial(runs.run_tool, debug=False)


@pytest.fixture
def lines(folder) -> list:
    """Without what so short a training warns of."""
    lines = Path(folder, 'output').read_text().splitlines()
    return [line for line in lines if not line.startswith('warning: ')]


def epochs_of(lines: list) -> list:
    return [i for i, line in enumerate(lines) if re.match(r' +\d/3 ', line)]


# -- a training ---------------------------------------------------------------
def test_few_lines_before_the_first_epoch(lines):
    head = lines[: epochs_of(lines)[0]]
    assert len(head) <= 25
    text = ' '.join(' '.join(head).split())
    for part in (
        'tiny work_dir',
        'method transferattn_release: TransformerNeck, MLPClsHead',
        'backbone ShiftNet in a FrozenBackbone, stored tokens',
        '48 of source_train -> 48 of target_train, validated on 24 of',
        'classes 8 (circle_out',
        f'{EPOCHS} epochs of {STEPS} steps',
        'seed 0',
        'threads: 1',
    ):
        assert part in text


def test_progress_in_a_pipe(lines):
    told = [line.split(': ')[0] for line in lines if 'videos in 0:' in line]
    assert told[0].startswith('rendering data/demo/seed77')
    lists = ['source_test', 'source_train', 'target_test', 'target_train']
    assert sorted(told[1:]) == [f'{name}/shift_net' for name in lists]


def test_one_line_an_epoch(lines):
    rows = epochs_of(lines)
    assert rows == list(range(len(lines) - EPOCHS, len(lines)))
    names = lines[rows[0] - 1].split()
    losses = ['loss', 'cls', 'entropy', 'domain', 'ib']
    assert names == ['epoch', *losses, 'lr', 'train', 'target', 'left']
    # The first epoch is not validated, the last one always is.
    assert [len(lines[i].split()) for i in rows] == [9, 10, 10]
    assert len({len(line) for line in lines[rows[0] - 1 :]}) == 1
    paths = ('  work_dir', '  log')  # may be longer
    assert all(len(x) <= 100 for x in lines if not x.startswith(paths))


def test_alarms_follow_the_epoch(folder):
    lines = Path(folder, 'output').read_text().splitlines()
    told = [i for i, x in enumerate(lines) if x.startswith('warning: ')]
    assert told and told[0] > epochs_of(lines)[1]
    assert all(len(lines[i]) <= 100 for i in told)


def test_the_log_file_keeps_all(folder, lines):
    (log,) = Path(folder, 'work').glob('*/*.log')
    text = log.read_text()
    for part in (
        'System environment',
        'embed_dims=32',
        'Hooks will be executed in the following order',
        'Checkpoints will be saved to',
        'cls_head.mlp.0.weight is skipped since its requires_grad=False',
        f'Epoch(train) [3][{STEPS}/{STEPS}]',
        'Epoch(val) [2][1/1]',
        lines[-1],
    ):
        assert part in text
    assert 'Epoch(' not in '\n'.join(lines)


def test_scalars_are_all_there(folder, lines):
    (file,) = Path(folder, 'work').glob('*/vis_data/scalars.json')
    rows = list(map(json.loads, file.read_text().splitlines()))
    steps = [row for row in rows if 'loss' in row]
    assert len(steps) == EPOCHS * STEPS
    names = 'base_lr lr data_time time epoch iter step loss loss_cls top1_acc '
    names += 'loss_entropy loss_domain domain_acc grl_coeff loss_ib '
    names += 'num_pairs'
    assert all(set(row) == set(names.split()) for row in steps)
    found = [row['acc/top1'] for row in rows if 'acc/top1' in row]
    shown = [lines[i].split()[-2] for i in epochs_of(lines)[1:]]
    assert shown == [f'{100 * value:.1f}' for value in found]
    # Windows of 20 steps: the last of the first epoch holds all six.
    first = lines[epochs_of(lines)[0]].split()
    assert float(first[1]) == pytest.approx(steps[STEPS - 1]['loss'], rel=1e-3)


def test_test_says_what_it_found(tool, folder, lines):
    said = tool(
        'test.py', 'tiny.py', 'work/epoch_3.pth', '--out', 'found.json'
    )
    found = dict(re.findall(r'^(acc/\w+): ([\d.]+)$', said, re.M))
    assert set(found) == {'acc/top1', 'acc/mean1'}
    assert f'{100 * float(found["acc/top1"]):.1f}' == lines[-1].split()[-2]
    assert 'videos      24 of target_test' in said
    told = said.splitlines()
    assert len(told) < 12 + 9
    wrote = json.loads(Path(folder, 'found.json').read_text())
    assert wrote['videos'] == len(wrote['predictions']) == 24
    assert f'{wrote["top1"]:.1f}' == lines[-1].split()[-2]
    assert told[-9].startswith(f'24 videos, top-1 {wrote["top1"]:.1f} % [')
    assert told[-9].endswith('chance 12.5 %')
    right = [v['label'] == v['predicted'] for v in wrote['predictions']]
    assert 100 * sum(right) / 24 == pytest.approx(wrote['top1'])
    assert told[-8].split() == [
        (name := next(iter(wrote['classes']))),
        f'{wrote["classes"][name]["right"]:.1f}',
        *('%', 'of', '3'),
    ]
    first = wrote['predictions'][0]
    assert first['video'].endswith('.mp4') and first['label'] == 0


def test_a_table_of_a_training_alone(tool):
    said = tool('collect_results.py', 'work', '--versus', 'work')
    assert said.startswith('24 test videos, chance 12.5 % ')
    assert '| work | 1 |' in said and '| difference to work |' in said
    bounds = '--bounds', 'low', 'high'
    said = tool('collect_results.py', 'work', *bounds, fails=True)
    assert "there is no low and no high in 'work', but work" in said


# -- columns ------------------------------------------------------------------
def test_a_hundred_columns_are_enough():
    names = ['loss', *(f'loss_number_{i}' for i in range(20))]
    columns = Columns(names, 1000)
    assert 90 < len(columns.head) <= 100
    row = columns.row(dict(epoch='1000/1000', loss='1.2e+10', left='9:59:59'))
    assert len(row) == len(columns.head)
    assert columns.left_out == names[-len(columns.left_out) :]
    assert columns.left_out[0] not in columns.head


# -- bars ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ('seconds', 'told'),
    [
        (0.01, [100]),
        (0.25, [*range(20, 101, 20)]),  # a tenth, but not within 5 s
        (1, [*range(10, 101, 10)]),
        (20, [*range(2, 101, 2)]),  # whenever 30 s have passed
    ],
)
def test_lines_without_a_terminal(seconds, told, capsys):
    now = 0.0
    with Progress() as bars:
        bars.get_time = lambda: now
        for _ in bars.track(range(100), description='videos of a list'):
            now += seconds
    lines = capsys.readouterr().out.splitlines()
    assert [int(DONE.match(line)[2]) for line in lines] == told
    assert all(line.startswith('videos of a list: ') for line in lines)
    if seconds == 1:
        assert lines[4] == (
            'videos of a list: 50/100, 1.0 videos/s, 0:00:50 left'
        )
        assert lines[-1] == 'videos of a list: 100/100 videos in 0:01:40'


def test_quiet_bars(capsys):
    with Progress(quiet=True) as bars:
        list(bars.track(range(3)))
    assert not capsys.readouterr().out


# -- grids --------------------------------------------------------------------
def test_lines_that_a_grid_reads(lines):
    found = [DONE.match(line) for line in lines]
    found = [match.groups() for match in found if match]
    assert [name for name, *_ in found[-3:]] == [None] * EPOCHS
    assert found[-1][1:] == ('3', '3')
    assert ('source_train/shift_net', '48', '48') in found


def test_two_configs_of_one_name():
    with pytest.raises(Faults, match='a/x.py and b/x.py.*grid/x. Rename'):
        Grid([*map(Trial, ('a/x.py', 'y', 'b/x.py'))], [0], 'grid')
    trial = Trial('dann@demo')
    grid = Grid([trial], [0, 0], 'grid')
    assert grid.folder(trial, 0) == 'grid/dann@demo/seed0'
    assert grid.seeds == [0]


def test_what_a_tool_of_a_grid_refuses(tmp_path):
    log = str(tmp_path / 'log')
    with pytest.raises(Faults) as error:
        run_tool('collect_results.py', ['no/such'], {}, 1, log, print)
    call, fault = error.value.faults
    assert call == f'collect_results.py no/such, see {log}:'
    assert fault == "there is no folder 'no/such'."
    with pytest.raises(RuntimeError, match='failed, see'):
        run_tool('cli.py', [], {}, 1, log, print)


# -- errors -------------------------------------------------------------------
def test_faults_in_lines(capsys):
    with pytest.raises(SystemExit) as end, told(debug=False):
        raise Faults('one', 'two')
    assert end.value.code == 2
    assert capsys.readouterr().err == 'error: one\nerror: two\n'
    with pytest.raises(Faults), told(debug=True):
        raise Faults('one')
    with pytest.raises(ZeroDivisionError), told(debug=False):
        raise ZeroDivisionError


# -- configs ------------------------------------------------------------------
@pytest.mark.parametrize('name', ['udavt_demo', 'transvae@i3d_ucf2hmdb'])
def test_a_printed_config_can_be_read(name, tmp_path, monkeypatch):
    """With what it says of stages, wherever it lies."""
    monkeypatch.delenv('DEMO_SEED', raising=False)
    cfg = load_config(name)
    path = Path(tmp_path, 'printed.py')
    path.write_text(cfg.pretty_text)
    assert load_config(str(path))._cfg_dict == cfg._cfg_dict


def test_only_the_config_is_printed(tool):
    said = tool('print_config.py', 'tiny.py')
    compile(said, 'printed.py', 'exec')
    assert 'seed77' in said

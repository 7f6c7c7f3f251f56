"""A directory has one training, also where processes race and are killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from helpers.runs import (
    TRAININGS,
    run_tool,
    start_tool,
    tool_command,
    tool_env,
)

from mmaction_uda.evaluation import read_predictions, read_validations

LR = 'optim_wrapper.optimizer.lr'


@pytest.fixture
def config(make_config) -> str:
    """Trains until it is killed."""
    cfg = make_config('source_only_demo')
    cfg.train_cfg.update(max_epochs=9999, val_interval=9999)
    cfg.dump('long.py')
    return 'long.py'


def wait_for(file: str) -> str:
    """What a file holds, once it is there."""
    end = time.time() + 300
    while time.time() < end:
        if Path(file).is_file() and Path(file).read_text():
            return Path(file).read_text()
        time.sleep(0.05)
    raise AssertionError(f'{file} is not written')


def alive(pid: int) -> bool:
    try:
        return 'zombie' not in Path(f'/proc/{pid}/status').read_text()
    except FileNotFoundError:
        return False


def test_two_starts_at_once(config):
    """One of them trains, the other one names it, whoever is first."""
    options = '--work-dir', 'work/once', '--cfg-options', f'{LR}='
    processes = [
        start_tool('train.py', config, *options[:-1], f'{LR}={rate}')
        for rate in (0.1, 0.2)
    ]
    TRAININGS.extend(processes)
    while all(p.poll() is None for p in processes):
        time.sleep(0.05)
    refused, trains = sorted(processes, key=lambda p: p.poll() is None)
    assert refused.returncode == 1  # with --debug
    (pid,) = re.findall(
        r"'work/once' is being trained by process (\d+) on",
        refused.communicate()[0],
    )
    assert int(pid) == trains.pid and trains.poll() is None
    trains.kill()
    trains.wait()


def start_grid(config: str, *options) -> subprocess.Popen:
    command = tool_command('run_grid.py', config, *options)
    with open('grid.log', 'w') as log:
        process = subprocess.Popen(
            command, env=tool_env(), stdout=log, stderr=log
        )
    TRAININGS.append(process)
    return process


@pytest.mark.full
@pytest.mark.parametrize(
    'number, code', [(signal.SIGKILL, -9), (signal.SIGTERM, 143)]
)
def test_trainings_end_with_their_grid(config, number, code):
    grid = start_grid(config, '--seeds', 7, '--work-dir', 'grid')
    owner = wait_for('grid/long/seed7/.lock')
    pid = int(re.fullmatch(r'process (\d+) on .*', owner)[1])
    assert alive(pid) and pid != grid.pid
    grid.send_signal(number)
    assert grid.wait() == code
    end = time.time() + 30
    while alive(pid) and time.time() < end:
        time.sleep(0.05)
    assert not alive(pid)


@pytest.mark.full
def test_a_grid_compares_before_it_trains(make_config):
    """All that differs is named at once; nothing was trained meanwhile."""
    make_config('source_only_demo').dump('a.py')
    shutil.copy('a.py', 'b.py')
    grid = 'a.py', 'b.py', '--seeds', 1, '--work-dir', 'grid'
    run_tool('run_grid.py', *grid)
    files = [Path(f'grid/{x}/seed1/weights.safetensors') for x in 'ab']
    before = [file.stat().st_mtime_ns for file in files]
    run_tool('run_grid.py', *grid)
    assert [file.stat().st_mtime_ns for file in files] == before

    more = '--cfg-options', f'{LR}=0.25'
    output = run_tool('run_grid.py', 'c.py', *grid, *more, fails=True)
    assert output.startswith('error: there is no config')
    shutil.copy('a.py', 'c.py')
    output = run_tool('run_grid.py', 'c.py', *grid, *more, fails=True)
    faults = output.splitlines()
    assert len(faults) == 2
    for name, fault in zip('ab', faults):
        assert fault.startswith(f"error: 'grid/{name}/seed1' cannot be")
        assert re.search(rf'{LR}: \S+ there, 0.25 here', fault)
    assert not Path('grid/c').exists()
    longer = '--cfg-options', 'train_cfg.max_epochs=2'
    output = run_tool('run_grid.py', *grid, *longer, fails=True)
    assert output.count('train_cfg.max_epochs: 1 there, 2 here') == 2

    shutil.rmtree('grid/b')
    run_tool('run_grid.py', *grid, *more, '--overwrite')
    assert files[0].stat().st_mtime_ns != before[0] and files[1].is_file()


# -- validations --------------------------------------------------------------
@pytest.mark.full  # tests/faults kill in validations, too
def test_a_validation_that_was_killed_is_made_up(make_config):
    """Not the last one; as the uninterrupted training has them."""
    cfg = make_config('source_only_demo')
    cfg.train_cfg.update(max_epochs=3)
    cfg.dump('config.py')
    run_tool('train.py', 'config.py', '--work-dir', 'whole')
    shutil.copytree('whole', 'killed')
    for name in ('epoch_3.pth', 'weights.safetensors'):
        Path('killed', name).unlink()
    (file,) = Path('killed').glob('*/vis_data/scalars.json')
    rows = file.read_text().splitlines(keepends=True)
    last = next(
        i
        for i, row in enumerate(rows)
        if 'acc/top1' in row and json.loads(row)['step'] == 2
    )
    file.write_text(''.join(rows[:last]) + rows[last][:20])
    (kept,) = Path('killed').glob('*/vis_data/predictions.jsonl')
    kept.write_text(kept.read_text().splitlines(keepends=True)[0])
    with pytest.warns(UserWarning, match='scalars.json.*is not whole'):
        assert list(read_validations('killed')) == [1]

    run_tool('train.py', 'config.py', '--work-dir', 'killed', '--resume')
    whole = read_validations('whole')
    with pytest.warns(UserWarning):
        assert read_validations('killed') == whole and len(whole) == 3
    assert read_predictions('killed') == read_predictions('whole')
    table = run_tool('collect_results.py', 'killed')
    (warning,) = [x for x in table.splitlines() if 'not whole' in x]
    assert warning.startswith("warning: 'killed/") and '| killed |' in table


def test_the_same_command_again(make_config):
    make_config('source_only_demo').dump('config.py')
    command = 'train.py', 'config.py', '--work-dir', 'work'
    run_tool(*command)
    told = run_tool(*command, debug=False)
    assert told.splitlines() == [
        "'work' holds this very training, finished: nothing is trained. "
        '--overwrite trains it anew.'
    ]
    both = tool_command(*command, '--resume', '--overwrite')
    done = subprocess.run(both, env=dict(os.environ), capture_output=True)
    assert done.returncode == 2 and b'not allowed with' in done.stderr

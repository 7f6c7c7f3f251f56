"""The command ``mmaction-uda``, which an installation brings."""

import subprocess
import sys
from pathlib import Path

from helpers.runs import tool_env

ROOT = Path(__file__).resolve().parents[2]


def call(*args: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / 'bin' / 'mmaction-uda'), *args]
    return subprocess.run(
        command, capture_output=True, text=True, env=tool_env()
    )


def test_it_lists_the_tools():
    done = call('--help')
    assert done.returncode == 0 and call().stdout == done.stdout
    lines = [line.split(None, 1) for line in done.stdout.splitlines()[2:]]
    assert {'train', 'run-grid', 'data/ucf-hmdb/build-lists'} < {
        name for name, _ in lines
    }
    assert all(said.strip() for _, said in lines)
    assert not {'cli', '-child'} & {name for name, _ in lines}


def test_it_runs_a_tool():
    for name in ('collect-results', 'collect_results.py'):
        done = call(name, 'no/such')
        assert done.returncode == 2
        assert done.stderr == "error: there is no folder 'no/such'.\n"
    assert 'usage:' in call('data/extract-flow', '--help').stdout


def test_a_tool_that_is_not_there():
    done = call('trian')
    assert done.returncode == 2 and 'Traceback' not in done.stderr
    assert "no tool 'trian', but train" in done.stderr

"""The command ``mmaction-uda``, which an installation brings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
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


@pytest.mark.parametrize('mine', [None, 'ACTIVE'])
def test_threads_do_not_wait_on_cores_of_others(mine, monkeypatch):
    monkeypatch.delenv('OMP_WAIT_POLICY', raising=False)
    if mine:
        monkeypatch.setenv('OMP_WAIT_POLICY', mine)
    code = (
        'import cli, os, sys; '
        "print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"
    )
    done = subprocess.check_output(
        [sys.executable, '-c', code], cwd=ROOT / 'tools', text=True
    )
    assert done.split() == [mine or 'PASSIVE', 'False']


# -- completion ---------------------------------------------------------------
@pytest.fixture
def shell(tmp_path):
    """``shell(line)``: what a bash offers at the end of a line."""
    pytest.importorskip('argcomplete')
    command = tmp_path / 'mmaction-uda'
    program = ROOT / 'bin' / 'mmaction-uda'
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {program} "$@"\n')
    command.chmod(0o755)
    path = f'{tmp_path}:{Path(sys.executable).parent}:{os.environ["PATH"]}'
    register = 'argcomplete.scripts.register_python_argcomplete'
    done = subprocess.run(
        [sys.executable, '-m', register, 'mmaction-uda'], capture_output=True
    )
    (tmp_path / 'completion.bash').write_bytes(done.stdout)
    code = (
        '. ./completion.bash\n'
        'COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9\n'
        '_python_argcomplete mmaction-uda; printf "%s\\n" "${COMPREPLY[@]}"'
    )

    def offered(line: str) -> list:
        done = subprocess.run(
            ['bash', '-c', code, 'bash', line],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=dict(tool_env(), PATH=path),
        )
        assert done.returncode == 0 and not done.stderr, done.stderr
        return [word.strip() for word in done.stdout.splitlines()]

    return offered


def test_bash_completes_a_tool(shell):
    assert shell('mmaction-uda tra') == ['train']
    assert shell('mmaction-uda train') == ['train']
    assert {'run-grid', 'infer', 'mmaction2'} < set(shell('mmaction-uda '))
    assert 'data/ucf-hmdb/build-lists' in shell('mmaction-uda data/ucf')


def test_bash_completes_what_a_tool_takes(shell, tmp_path):
    (tmp_path / 'coral_my.py').touch()
    assert shell('mmaction-uda train transferattn_lite0_') == [
        'transferattn_lite0_ut1to2',
        'transferattn_lite0_ut2to1',
    ]
    assert shell('mmaction-uda train coral_') == ['coral_demo', 'coral_my.py']
    assert shell('mmaction-uda train coral_demo --over') == ['--overwrite']
    found = shell('mmaction-uda train coral_demo --launcher ')
    assert found == ['none', 'pytorch', 'slurm', 'mpi']
    assert shell('mmaction-uda run-grid coral_d') == ['coral_demo']

"""What made a training is written down beside its log."""

import subprocess
import sys

import torch

from mmaction_uda.engine import provenance
from mmaction_uda.engine.provenance import (
    git_state,
    read_provenance,
    record_provenance,
)


def test_command_versions_and_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tool = str(tmp_path / 'tools/train.py')
    monkeypatch.setattr(sys, 'argv', [tool, 'x', '--work-dir', 'a b'])
    record_provenance('work/20260101_000000')
    found = read_provenance('work')
    assert found['command'] == "python tools/train.py x --work-dir 'a b'"
    assert found['versions']['torch'] == torch.__version__
    assert found['git'] == git_state()
    # A later start takes its place.
    monkeypatch.setattr(sys, 'argv', ['tools/train.py', 'y', '--resume'])
    record_provenance('work/20260101_000001')
    assert read_provenance('work')['command'].endswith(' y --resume')


def test_older_trainings_say_nothing(tmp_path):
    assert read_provenance(str(tmp_path)) == dict(
        command=None, versions=None, git=None
    )


def test_git(tmp_path, monkeypatch):
    package = tmp_path / 'mmaction_uda/engine'
    package.mkdir(parents=True)
    monkeypatch.setattr(provenance, '__file__', str(package / 'x.py'))
    assert git_state() is None

    def git(*args: str) -> str:
        who = '-c', 'user.name=a', '-c', 'user.email=a@b.c'
        call = ['git', '-C', str(tmp_path), *who, *args]
        done = subprocess.run(call, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git('init')
    (package / 'x.py').write_text('1')
    git('add', '.')
    git('commit', '-m', 'x')
    git('tag', 'v1')
    commit = git('rev-parse', '--short=12', 'HEAD')
    assert git_state() == commit
    (package / 'x.py').write_text('2')
    assert git_state() == f'{commit}-dirty'

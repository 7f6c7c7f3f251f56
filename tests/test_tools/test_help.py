"""Help of every tool, before anything slow is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / 'tools'
# What begins with an underscore is a part of tools, and cli.py says so.
FILES = sorted(
    str(file.relative_to(TOOLS))
    for file in TOOLS.rglob('*.py')
    if not file.name.startswith('_') and file.name != 'cli.py'
)
# Runs a tool as a script, and says what it has imported.
CODE = """
import atexit, os, runpy, sys
file = sys.argv[1]
sys.path[0] = os.path.dirname(file)
sys.argv = sys.argv[1:]
slow = {'torch', 'mmaction', 'mmaction_uda'}
atexit.register(lambda: print('imported:', sorted(slow & set(sys.modules))))
runpy.run_path(file, run_name='__main__')
"""


def call(tool: str, *args: str) -> subprocess.CompletedProcess:
    command = [sys.executable, '-c', CODE, str(TOOLS / tool), *args]
    return subprocess.run(
        command, capture_output=True, text=True, env=dict(os.environ)
    )


def test_there_are_tools():
    assert {'train.py', 'quickstart.py', 'data/extract_flow.py'} < {*FILES}
    assert len(FILES) > 20


@pytest.mark.parametrize('tool', FILES)
def test_help(tool):
    done = call(tool, '--help')
    assert done.returncode == 0, done.stderr
    assert f'example: python tools/{tool}' in done.stdout
    assert '--debug' in done.stdout
    assert done.stdout.endswith('imported: []\n')


@pytest.mark.parametrize(
    ('tool', 'args', 'message'),
    [
        ('infer.py', 'x x.pth v.mp4 --top 0', "'0' is no number above 0"),
        ('infer.py', 'x x.pth v.mp4 --out no/x.json', "no folder 'no'"),
        ('test.py', 'x x.pth --dump no/x.pkl', "no folder 'no'"),
        ('train.py', 'x --cfg-options seed', 'seed: give key=value'),
        ('run_grid.py', 'x --jobs 0', "'0' is no number above 0"),
        ('collect_results.py', 'no/such', "no folder 'no/such'"),
        ('collect_results.py', str(TOOLS), 'is finished'),
        ('report.py', 'no/such', "no folder 'no/such'"),
        ('visualize.py', 'curves x --out x.jpg', 'must end in .png, .svg'),
        ('bench/bench_backbones.py', 'Nonet', 'there is no Nonet'),
        (
            'data/ucf_hmdb/build_lists.py',
            '--ucf-splits no/such',
            "'no/such/trainlist01.txt' is not there",
        ),
    ],
)
def test_refused_at_once(tool, args, message):
    done = call(tool, *args.split())
    assert done.returncode == 2 and 'Traceback' not in done.stderr
    assert 'error: ' in done.stderr and message in done.stderr
    assert done.stdout == 'imported: []\n'


def test_what_tools_share_is_no_tool():
    done = call('cli.py', '--help')
    assert done.returncode == 1 and 'no tool itself' in done.stderr


def test_layouts_are_those_of_the_package(monkeypatch):
    from mmaction_uda.datasets.features import layouts

    monkeypatch.syspath_prepend(str(TOOLS / 'data'))
    import _layout

    assert _layout.LAYOUTS == layouts.LAYOUTS

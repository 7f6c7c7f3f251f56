"""Commands of the documents: bash reads them, each part is looked up.

A tool's own parser reads its arguments, configs are read with the settings
that are changed, and files, extras and targets of make are there. Nothing is
run but what a page shows together with its output (``console``), and the
commands of the README in ``make test-all``.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest
import yaml
from helpers import command_lines, shell
from helpers.configs import ROOT
from helpers.pages import (
    INDENTED,
    LANGUAGES,
    PAGES,
    blocks,
    blocks_of,
    text_of,
    without_blocks,
    write_files,
)
from helpers.project import add_videos, lay_out, modules_of
from helpers.runs import run_tool

from mmaction_uda.own_data import Wanted, make_task


@pytest.fixture(scope='module')
def project(tmp_path_factory) -> Path:
    """A clone with two folders of videos, and the task that is made of them.

    Pages are read in it one after the other, and leave their files.
    """
    folder = tmp_path_factory.mktemp('project')
    lay_out(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        add_videos()
        task = make_task(Wanted('videos/street', 'videos/drone'))
        task.write('mine', 'shift_net', overwrite=False)
    return folder


@pytest.fixture
def here(project, monkeypatch) -> Path:
    monkeypatch.chdir(project)
    with modules_of(project):
        yield project


def having(language: str) -> List[str]:
    """Pages with blocks of a language."""
    return [page for page in PAGES if blocks_of(page, language)]


@pytest.mark.parametrize('page', having('bash'))
def test_commands(page, here):
    files = write_files(page, here)
    faults = []
    for file in files:
        name = str(file.relative_to(here))
        if re.fullmatch(r'configs/\w+\.py', name):
            faults += command_lines.config_faults(name)
    for block in blocks_of(page, 'bash'):
        faults += command_lines.faults(block.text, here)
    assert faults == []


@pytest.mark.parametrize('page', having('console'))
def test_consoles(page, here):
    """What a page shows of a tool is what it prints."""
    for block in blocks_of(page, 'console'):
        for command, printed in shell.commands(block.text):
            (call,), said = shell.calls(command, here)
            assert not said and call.program == 'python'
            tool, *args = call.args
            fails = printed.startswith('error: ')
            name = tool.removeprefix('tools/')
            found = run_tool(name, *args, fails=fails, debug=False)
            assert found == printed


@pytest.mark.full
@pytest.mark.parametrize('number', [0, 1])
def test_the_readme_runs(number, tmp_path):
    """Its commands for one training, and for several, as they are printed."""
    lay_out(tmp_path)
    first, second = [
        block.text
        for block in blocks_of('README.md', 'bash')
        if 'transferattn_demo' in block.text or 'run_grid' in block.text
    ]
    text = first if number == 0 else second.rpartition('bash ')[0]
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    done = subprocess.run(
        ['bash', '-euc', text],
        cwd=tmp_path,
        env=dict(os.environ, PATH=path, OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    left = 'transferattn_demo/epoch_24.pth', 'report/report.html'
    assert (tmp_path / 'work_dirs' / left[number]).is_file()


def test_the_workflow_calls_what_is_there(here):
    text = (ROOT / '.github/workflows/ci.yml').read_text('utf-8')
    steps = yaml.safe_load(text)['jobs']['test']['steps']
    commands = [s['run'] for s in steps if s.get('run', '').startswith('make')]
    commands += re.findall(r'^make .*', (ROOT / '.ci/run').read_text(), re.M)
    assert len(commands) == 8
    assert command_lines.faults('\n'.join(commands), here) == []


def test_pages_have_commands():
    """The search finds what it is to find."""
    found = [b for page in PAGES for b in blocks_of(page, 'bash', 'console')]
    assert len(found) > 40
    assert {b.page for b in found} > {'README.md', 'docs/migration.md'}


@pytest.mark.parametrize(
    ('text', 'fault'),
    [
        ('python tools/no.py', 'there is no file tools/no.py'),
        ('python tools/train.py', 'required: config'),
        ('python tools/train.py demo_no', "no config 'demo_no'"),
        ('python tools/train.py dann@demo --nope', 'arguments: --nope'),
        (
            'python tools/train.py dann@demo --cfg-options no=1',
            'no is read by nothing',
        ),
        (
            'python tools/train.py dann@demo \\\n'
            '    --cfg-options model.neck.dept=3',
            'model.neck.dept=3 is not an argument',
        ),
        ('python tools/train.py dann@demo --seed x', "int value: 'x'"),
        (
            'python tools/test.py dann@demo work_dirs/dann@demo/epoch_9.pth',
            'ends with epoch_24.pth',
        ),
        ('python tools/run_grid.py {dann,no}@demo', "there is no method 'no'"),
        (
            'python tools/run_grid.py dann@demo --ablation x model.nek=None',
            'model.nek',
        ),
        ('python tools/run_grid.py no.yaml', "no plan 'no.yaml'"),
        (
            'python tools/tune.py dann@demo --trials 1 --grid model.nek.x=1',
            'model.nek',
        ),
        ('bash tools/dist_train.sh dann@demo 4 --nope', 'arguments: --nope'),
        ('bash tools/no.sh', 'tools/no.sh: No such file'),
        ('GPUS=2 bash tools/slurm_train.sh p n no_demo', "config 'no_demo'"),
        ('torchrun --no tools/train.py dann@demo', 'torchrun'),
        ('NO_SEED=1 python tools/train.py dann@demo', 'nothing reads NO_SEED'),
        ('mmaction-uda run-grid dann@demo --nope', 'arguments: --nope'),
        ('mmaction-uda no', 'there is no file tools/no.py'),
        ('make no', 'make knows no no'),
        ("pip install '.[no]'", 'there is no extra no'),
        ('pip install -c no.txt .', 'there is no file no.txt'),
        ('pip install no', 'no is in no extra'),
        ('no_such_program', 'command not found'),
        ("python tools/train.py 'dann@demo", 'matching'),
        ('grep x no.txt > pins.txt', 'no.txt: No such file'),
        ('python tools/report.py data/no/runs', 'no data/no'),
    ],
)
def test_what_is_wrong_is_found(text, fault, here):
    assert any(fault in x for x in command_lines.faults(text, here))


def test_a_file_of_a_page_is_looked_into(here):
    (here / 'configs/mine_demo.py').write_text(
        "_base_ = 'dann_demo.py'\nmodel = dict(neck=dict(dept=3))\n"
    )
    (fault,) = command_lines.config_faults('configs/mine_demo.py')
    assert 'model.neck.dept=3 is not an argument' in fault


@pytest.mark.parametrize('page', PAGES)
def test_blocks_say_what_they_are(page):
    """A language, so that none is overlooked, and no other comment."""
    for block in blocks(text_of(page)):
        assert block.language in LANGUAGES, block.text
        assert not block.mark or block.file or block.left_out, block.mark
    rest = without_blocks(text_of(page))
    assert '```' not in rest and not INDENTED.search(rest)

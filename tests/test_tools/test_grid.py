"""What a grid trains, where, and what it says before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from helpers.configs import ROOT
from helpers.runs import run_tool, tool_env
from safetensors.torch import load_file

sys.path.append(str(Path(ROOT, 'tools')))

import _places  # noqa: E402
from _grid import Grid  # noqa: E402
from _places import DEVICES, Here, visible_gpus  # noqa: E402
from _plan import Plan, Trial, read_plan  # noqa: E402
from _surroundings import stage_files  # noqa: E402

from mmaction_uda.config import load_config  # noqa: E402
from mmaction_uda.engine import open_stages  # noqa: E402
from mmaction_uda.engine.identity import Identity  # noqa: E402
from mmaction_uda.faults import Faults  # noqa: E402


# -- plans --------------------------------------------------------------------
def test_all_of_a_plan():
    plan = Plan(
        configs=['a.py'],
        methods=['dann', 'coral'],
        backbones=['i3d', 'stam'],
        tasks=['ucf2hmdb'],
        ablations={'deep': {'model.neck.depth': 8}},
    )
    trials = plan.trials(['x=1'])
    assert len(trials) == 2 * (1 + 2 * 2)
    assert trials[:2] == [
        Trial('a.py', ('x=1',)),
        Trial('a.py', ('x=1', 'model.neck.depth=8'), 'deep'),
    ]
    assert [t.name for t in trials[2::2]] == [
        'dann@i3d_ucf2hmdb',
        'coral@i3d_ucf2hmdb',
        'dann@stam_ucf2hmdb',
        'coral@stam_ucf2hmdb',
    ]
    assert trials[3].name == 'dann@i3d_ucf2hmdb+deep'
    settings = Plan(methods=['dann'], tasks=['demo']).trials()
    assert settings == [Trial('dann@demo')]


@pytest.mark.parametrize(
    'plan', [{}, {'methods': ['dann']}, {'tasks': ['demo']}]
)
def test_a_plan_of_nothing(plan):
    with pytest.raises(Faults, match='nothing to train|methods and tasks'):
        Plan(**plan).trials()


@pytest.mark.parametrize('name', ['table1', 'table2', 'table3', 'ablations'])
def test_shipped_plans_name_what_is_there(name):
    trials = read_plan(f'{name}.yaml').trials()
    numbers = dict(table1=24, table2=6, table3=6, ablations=12)
    assert len(trials) == numbers[name]
    for config in {trial.config for trial in trials}:
        load_config(config)


def test_plans_that_are_none(tmp_path):
    file = tmp_path / 'a.yaml'
    texts = {
        'method: [dann]\nseeds: [a]\n': ['method is read', 'list of int'],
        'ablations: [x]\n': ['NAME: {KEY: VALUE}'],
        '- a\n': ['no table of configs, methods'],
        'a: [': ['no YAML'],
    }
    for text, wanted in texts.items():
        file.write_text(text)
        with pytest.raises(Faults) as error:
            read_plan(str(file))
        assert len(error.value.faults) == len(wanted)
        for fault, part in zip(error.value.faults, wanted):
            assert str(file) in fault and part in fault
    with pytest.raises(Faults, match='no plan .*there.yaml'):
        read_plan('there.yaml')


# -- places -------------------------------------------------------------------
PRINT = """
import os, sys, time
print(os.environ.get('CUDA_VISIBLE_DEVICES'), 'torch' in sys.modules)
"""


def printed(place, folder: Path) -> list:
    """What a tool prints that runs in a place."""
    tool, log = folder / 'tool.py', folder / 'log'
    tool.write_text(PRINT)
    place.run(str(tool), [], {}, 1, str(log), print)
    return log.read_text().split()


def test_each_training_has_a_gpu(tmp_path, monkeypatch):
    monkeypatch.delenv(DEVICES, raising=False)
    assert Here().jobs == 2 and visible_gpus() == []
    assert printed(Here(), tmp_path) == ['None', 'True']
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    assert visible_gpus() == ['0', '1']
    place = Here()
    assert place.jobs == 2
    found = [printed(place, tmp_path)[0] for _ in range(3)]
    assert found == ['0', '1', '0']
    monkeypatch.setenv(DEVICES, '5,GPU-7,9')
    assert visible_gpus() == ['5', 'GPU-7']
    shared = Here(3)
    assert [printed(shared, tmp_path)[0] for _ in range(3)] == [
        '5',
        'GPU-7',
        '5',
    ]


def test_a_server_that_cannot_fork_for_gpus(tmp_path):
    """As where an import has asked CUDA for devices."""
    (tmp_path / 'asks.py').write_text(
        'import torch\ntorch.cuda._is_in_bad_fork = lambda: True\n'
    )
    (tmp_path / 'tool.py').write_text(PRINT)
    tool, log = tmp_path / 'tool.py', tmp_path / 'log'
    (tmp_path / 'main.py').write_text(
        'import _child\n'
        "if __name__ == '__main__':\n"
        "    _child.PRELOADED = ('asks',)\n"
        f'    tool, log = {str(tool)!r}, {str(log)!r}\n'
        '    _child.run_tool(tool, [], {}, 1, log, print)\n'
    )
    env = tool_env()
    env['PYTHONPATH'] = os.pathsep.join(
        [str(tmp_path), str(Path(ROOT, 'tools')), env.get('PYTHONPATH', '')]
    )
    command = [sys.executable, str(tmp_path / 'main.py')]
    subprocess.run(command, env=env, check=True)
    assert log.read_text().split() == ['None', 'False']


def test_slurm_without_submitit(monkeypatch):
    monkeypatch.setitem(sys.modules, 'submitit', None)
    with pytest.raises(Faults, match=r'mmaction_uda\[slurm\]'):
        _places.Slurm('gpu', 1)


# -- grids --------------------------------------------------------------------
@pytest.mark.full
def test_a_plan_as_jobs(make_config):
    """What it says before; ablations; jobs train as processes here do."""
    make_config('source_only_demo').dump('a.py')
    plan = dict(
        configs=['a.py'],
        ablations=dict(slow={'optim_wrapper.optimizer.lr': 1e-5}),
        seeds=[3],
    )
    Path('plan.yaml').write_text(yaml.safe_dump(plan))
    said = run_tool('run_grid.py', 'plan.yaml', '--dry-run')
    assert '2 trainings, 2 at a time' in said and 'a+slow' in said
    assert not Path('work_dirs').exists()
    grid = 'plan.yaml', '--work-dir'
    said = run_tool('run_grid.py', *grid, 'jobs', '--slurm', 'local')
    assert 'trainings: 2/2' in said
    run_tool('run_grid.py', *grid, 'here')
    weights = {
        (place, name): load_file(f'{place}/{name}/seed3/weights.safetensors')
        for place in ('jobs', 'here')
        for name in ('a', 'a+slow')
    }
    for name in ('a', 'a+slow'):
        here, there = weights['here', name], weights['jobs', name]
        assert here and all(torch.equal(here[k], there[k]) for k in here)
    fast, slow = weights['here', 'a'], weights['here', 'a+slow']
    assert not all(torch.equal(fast[k], slow[k]) for k in fast)
    said = run_tool('run_grid.py', *grid, 'here', '--dry-run')
    assert said.count('1 finished') == 2 and '0 trainings' in said


def test_what_lacks_is_named(make_config):
    cfg = make_config('source_only_demo')
    cfg.pop('prepare')
    cfg.train_dataloader.dataset.source.videos.ann_file = 'no_list.txt'
    cfg.dump('a.py')
    cfg.model.backbone.checkpoint = 'no_weights.pth'
    cfg.dump('b.py')
    said = run_tool('run_grid.py', 'a.py', 'b.py', '--dry-run')
    said = ' '.join(said.split())
    assert "lacks, for a and 1 more: The list 'no_list.txt' is not" in said
    assert "b: model.backbone.checkpoint: 'no_weights.pth' is not" in said
    said = run_tool(
        *('run_grid.py', 'a.py', '--ablation', 'x', 'model.nek.depth=1'),
        fails=True,
    )
    assert 'model.nek' in said and said.startswith('error: ')


def test_a_stage_that_is_listed_is_one_training():
    """Its options hold for it, and others begin with what it makes."""
    option = 'train_cfg.max_epochs=2'
    free = Trial('transferattn_source_free_demo', (option,))
    (file,) = stage_files(free.config).values()
    alone = Grid([free], [0], 'grid', stage_dir='stages')
    assert [*alone.stages(free).values()] == [Trial(file)]
    assert alone.folder(Trial(file), 0).startswith('stages/')
    listed = Trial(file, (option,))
    changed = Trial(file, (option, 'model.feature_scale=2.0'), 'scale')
    grid = Grid([free, changed, listed], [0], 'grid', stage_dir='stages')
    assert [*grid.stages(free).values()] == [listed]
    assert grid.folder(listed, 0).startswith('grid/')
    expected = grid.config(listed, 0)
    (stage,) = open_stages(grid.config(free, 0)).values()
    assert stage.work_dir == expected.work_dir
    assert not Identity.of(stage).differences(Identity.of(expected))
    assert stage.train_cfg.max_epochs == 2

"""The scripts that start the tools on several processes."""

import os
import pickle
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.configs import ROOT, reduce_config
from helpers.runs import accuracies, state_of, tool_env, train
from safetensors.torch import load_file

from mmaction_uda.config import load_config

LIMIT = 240  # seconds
ODD = 15  # test videos: one of two processes tests one of them again
PAIRS = 'train_dataloader.batch_size'
SCRIPTS = {
    'dist_train.sh': ('c.py', 2),
    'dist_test.sh': ('c.py', 'c.pth', 2),
    'slurm_train.sh': ('gpus', 'job', 'c.py'),
    'slurm_test.sh': ('gpus', 'job', 'c.py', 'c.pth'),
}
PRINT = 'printf "%s\\n" "$@"'
# Stands for Slurm: one task on this machine.
SRUN = f"""{PRINT} > srun.txt
while [ "$1" != python ]; do shift; done
export SLURM_PROCID=0 SLURM_NTASKS=1 SLURM_LOCALID=0 SLURM_NODELIST=here
exec "$@"
"""


def put_program(name: str, body: str) -> None:
    """A program that scripts started here find before all others."""
    Path('bin').mkdir(exist_ok=True)
    Path('bin', name).write_text(f'#!/usr/bin/env bash\n{body}\n')
    Path('bin', name).chmod(0o755)


def start_script(name: str, *args, **env) -> subprocess.Popen:
    """Start a script of tools/, for which ``python`` is this one."""
    folders = [Path('bin').resolve(), Path(sys.executable).parent]
    path = os.pathsep.join([*map(str, folders), os.environ['PATH']])
    return subprocess.Popen(
        ['bash', str(ROOT / 'tools' / name), *map(str, args)],
        env=dict(tool_env(), PATH=path, **env),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def finish(*processes: subprocess.Popen) -> list:
    """What processes print, all of which must end well and in time."""
    try:
        outputs = [p.communicate(timeout=LIMIT)[0] for p in processes]
    finally:
        for process in processes:
            process.terminate()  # torchrun ends its own
            process.wait()
    for process, output in zip(processes, outputs):
        assert process.returncode == 0, output[-4000:]
    return outputs


def free_port() -> int:
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        return server.getsockname()[1]


def small_config():
    """The release's method: a queue and, here, no dropout."""
    cfg = reduce_config(load_config('transferattn_release_demo'), 'one')
    neck, still = cfg.model.neck, dict(dropout=0.0)
    neck.attention.update(still)
    neck.last_attention.update(proj_dropout=0.0, disc_dropout=0.0, **still)
    cfg.model.domain_head.update(still)
    cfg.model.ib_head.update(queue_size=8, loss_weight=1.0)
    cfg.optim_wrapper = dict(
        type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01)
    )
    cfg.auto_scale_lr.base_batch_size = 2
    for phase in ('val', 'test'):
        videos = cfg[f'{phase}_dataloader'].dataset.videos
        videos.ann_file = f'{cfg.prepare[0].root}/odd.txt'
    return cfg


def start_all() -> dict:
    """Processes that do what one process has done, all at the same time.

    A training on two processes with half of the pairs each, a test on two
    machines, both of them this one.
    """
    trained = ('config.py', 'one/epoch_1.pth')
    machines = dict(NNODES='2', MASTER_ADDR='127.0.0.1', PORT=str(free_port()))
    two = ('dist_test.sh', *trained, 1, '--dump', 'two.pkl', '--debug')
    return dict(
        two=start_script(
            *('dist_train.sh', 'config.py', 2, '--work-dir', 'two'),
            *('--debug', '--auto-scale-lr', '--cfg-options', f'{PAIRS}=2'),
        ),
        first=start_script(*two, **machines),
        second=start_script(*two, **machines, NODE_RANK='1'),
    )


@pytest.fixture(scope='module')
def runs(demo_data, tmp_path_factory):
    """A folder, the runner of one process with 4 pairs a step, and what
    the processes of :func:`start_all` print."""
    folder = tmp_path_factory.mktemp('launch')
    shutil.copytree(demo_data, folder / 'data')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        cfg = small_config()
        lines = (
            Path(cfg.prepare[0].root, 'target_test.txt')
            .read_text()
            .split('\n')
        )
        Path(cfg.prepare[0].root, 'odd.txt').write_text('\n'.join(lines[:ODD]))
        cfg.dump('config.py')
        cfg.train_dataloader.batch_size = 4
        cfg.optim_wrapper.optimizer.lr *= 2
        runner = train(cfg)
        put_program('srun', SRUN)
        put_program('scontrol', 'echo 127.0.0.1')
        started = start_all()
        outputs = dict(zip(started, finish(*started.values())))
    return folder, runner, outputs


def test_training(runs):
    """Weights, queue and accuracies are those of one process.

    It was given the learning rate that `--auto-scale-lr` makes of theirs.
    """
    folder, runner, outputs = runs
    check_training(folder, runner, 'two', outputs['two'], world=2)


@pytest.mark.full
def test_training_under_slurm(runs, monkeypatch):
    folder, runner, _ = runs
    monkeypatch.chdir(folder)
    started = start_script(
        *('slurm_train.sh', 'gpus', 'a job', 'config.py'),
        *('--work-dir', 'slurm', '--debug', '--auto-scale-lr'),
        *('--cfg-options', f'{PAIRS}=4'),
        GPUS='1',
    )
    (output,) = finish(started)
    check_training(folder, runner, 'slurm', output, world=1)


def check_training(folder, runner, name: str, output: str, world: int) -> None:
    expected = state_of(runner.model)
    assert f'GPU number: {world}' in output
    assert 'Epoch(train) [1][8/8]' in output
    found = load_file(folder / name / 'weights.safetensors')
    assert set(found) == set(expected)
    for key, value in expected.items():
        torch.testing.assert_close(
            found[key], value, rtol=1e-4, atol=1e-5, msg=key
        )
    assert (found['ib_head.queue_labels'] >= 0).all()
    for key, value in accuracies(output, 'val').items():
        scalar = runner.message_hub.get_scalar(f'val/{key}')
        assert value == f'{scalar.current():.4f}'


def test_each_video_is_tested_once(runs):
    """Two processes test 16 videos, of which 15 are counted."""
    folder, runner, outputs = runs
    results = pickle.loads((folder / 'two.pkl').read_bytes())
    labels = [int(result['gt_label']) for result in results]
    lines = next(folder.glob('data/demo/*/odd.txt')).read_text().split('\n')
    assert labels == [int(line.split()[-1]) for line in lines]
    assert len(labels) == ODD
    found = accuracies(outputs['first'], 'test')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        alone = runner.test()
    assert found == {k: f'{v:.4f}' for k, v in alone.items() if 'acc' in k}
    hits = sum(
        int(result['pred_label']) == label
        for result, label in zip(results, labels)
    )
    assert 0 < hits < ODD  # then no share of 16 is this one
    assert found['acc/top1'] == f'{hits / ODD:.4f}'


@pytest.mark.parametrize(
    'name',
    [
        'clip_zero_shot',  # learns nothing
        *(
            pytest.param(name, marks=pytest.mark.full)
            for name in (
                *('unite', 'motion_tokens', 'transferattn_teacher'),
                *('costar', 'dallv'),
                *('cleanadapt', 'cleanadapt_ts', 'cleanadapt_frozen'),
                *('transvae', 'ta3n', 'ma2ltd', 'udavt_phase1', 'udavt'),
                *('transferattn_source_free', 'transferattn_multimodal'),
            )
        ),
    ],
)
def test_methods_train_and_are_tested(name, make_config):
    cfg = make_config(f'{name}_demo')
    cfg.pop('stages', None)  # their weights are there
    cfg.dump('c.py')
    train_it = 'dist_train.sh', 'c.py', 2, '--work-dir', 'two', '--debug'
    (said,) = finish(start_script(*train_it))
    assert (
        'GPU number: 2' in said and Path('two/weights.safetensors').is_file()
    )
    test_it = 'dist_test.sh', 'c.py', 'two/epoch_1.pth', 2, '--debug'
    (tested,) = finish(start_script(*test_it))
    assert accuracies(tested, 'test') == accuracies(said, 'val')


def test_two_processes_label_and_adapt_as_one(make_config):
    """They share the pass over the target that labels and selects."""
    cfg = make_config('cleanadapt_frozen_demo')
    cfg.model.neck.attention.dropout = 0.0
    cfg.optim_wrapper = dict(
        type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01)
    )
    (stage,) = cfg.stages.values()
    stage.config = str(Path(stage.work_dir, stage.config))  # as trained
    cfg.dump('config.py')
    written = Path('config.py').read_text()
    weights = f'{stage.work_dir}/weights'
    assert weights in written  # what its references stand for
    written = written.replace(weights, 'stage://source/weights')
    Path('config.py').write_text(written)
    two = start_script(
        *('dist_train.sh', 'config.py', 2, '--work-dir', 'two'),
        *('--debug', '--cfg-options', f'{PAIRS}=2'),
    )
    cfg.train_dataloader.batch_size = 4
    one = train(cfg)
    (output,) = finish(two)
    assert 'GPU number: 2' in output
    found, expected = (
        torch.load(f'{folder}/epoch_1.pth', weights_only=True)
        for folder in ('two', cfg.work_dir)
    )
    assert torch.equal(found['pseudo_labels'], expected['pseudo_labels'])
    assert len(one.train_dataloader) > 2
    for key, value in expected['state_dict'].items():
        torch.testing.assert_close(
            found['state_dict'][key], value, rtol=1e-4, atol=1e-5, msg=key
        )


# -- command lines ----------------------------------------------------------
@pytest.fixture
def printed(tmp_path, monkeypatch):
    """``printed(name, *args, **env)``: what a script would run."""
    monkeypatch.chdir(tmp_path)
    for program in ('python', 'srun'):
        put_program(program, f'echo {program}; {PRINT}; echo $MASTER_PORT')

    def run(name: str, *args, **env) -> list:
        return finish(start_script(name, *args, **env))[0].splitlines()

    return run


@pytest.mark.parametrize('name', SCRIPTS)
def test_usage(name):
    process = start_script(name, *SCRIPTS[name][:-1])
    output = process.communicate(timeout=LIMIT)[0]
    assert process.returncode == 2 and output.startswith('usage: ')


@pytest.mark.parametrize('name', SCRIPTS)
def test_options_arrive(printed, name):
    """Each as one word; the tool's own arguments come first."""
    launcher, tool = name.removesuffix('.sh').split('_')
    options = ['--work-dir', 'a folder', '--cfg-options', 'a="b c"']
    lines = printed(name, *SCRIPTS[name], *options)
    start = lines.index(str(ROOT / 'tools' / f'{tool}.py'))
    files = [a for a in SCRIPTS[name] if str(a).startswith('c.')]
    launcher = dict(dist='pytorch', slurm='slurm')[launcher]
    *command, _ = lines[start + 1 :]
    assert command == [*files, '--launcher', launcher, *options]


@pytest.mark.parametrize('name', ['dist_train.sh', 'dist_test.sh'])
def test_where_processes_meet(printed, name):
    """Alone, torchrun finds a free port; else all must name the same."""
    launch = ['python', str(ROOT / 'tools/_launch.py')]
    end = ['--nproc_per_node', '2']

    def meet(**env) -> str:
        lines = printed(name, *SCRIPTS[name], **env)
        last = lines.index(end[0]) + 2
        assert lines[:2] == launch and lines[last - 2 : last] == end
        return ' '.join(lines[2 : last - 2])

    assert meet() == '--standalone'
    assert meet(PORT='1234') == (
        '--nnodes 1 --node_rank 0 --master_addr 127.0.0.1 --master_port 1234'
    )
    assert meet(NNODES='3', NODE_RANK='2', MASTER_ADDR='there') == (
        '--nnodes 3 --node_rank 2 --master_addr there --master_port 29500'
    )


@pytest.mark.parametrize('name', ['slurm_train.sh', 'slurm_test.sh'])
def test_what_slurm_is_asked_for(printed, name):
    def ask(**env) -> tuple:
        *lines, port = printed(name, *SCRIPTS[name], **env)
        options = lines[: lines.index('python')]
        ahead = [x for x in options if x.startswith('--signal')]
        assert ahead == (['--signal=USR1@120'] if 'train' in name else [])
        return [x for x in options if x not in ahead], int(port)

    asked = [ask() for _ in range(4)]
    assert asked[0][0] == [
        'srun',
        '--partition=gpus',
        '--job-name=job',
        '--ntasks=8',
        '--ntasks-per-node=8',
        '--gres=gpu:8',
        '--cpus-per-task=5',
        '--kill-on-bad-exit=1',
    ]
    ports = {port for _, port in asked}
    assert len(ports) > 1 and min(ports) >= 20000 and max(ports) < 30000
    options, port = ask(
        GPUS='4', CPUS_PER_TASK='2', PORT='1', SRUN_ARGS='--time=1 --quiet'
    )
    assert options[3:7] == [
        '--ntasks=4',
        '--ntasks-per-node=4',
        '--gres=gpu:4',
        '--cpus-per-task=2',
    ]
    assert options[-2:] == ['--time=1', '--quiet'] and port == 1
    assert '--ntasks-per-node=2' in ask(GPUS='16', GPUS_PER_NODE='2')[0]


def test_a_training_is_queued_again(tmp_path, monkeypatch):
    """When its time is up, and then it goes on; a failed one is not."""
    monkeypatch.chdir(tmp_path)
    ends = 'echo "$@" >> calls; read -r code < codes; sed -i 1d codes'
    put_program('srun', f'{ends}; exit $code')
    put_program('scontrol', 'echo scontrol "$@" >> calls')

    def calls(codes: list, code: int, **env) -> tuple:
        Path('codes').write_text(''.join(f'{c}\n' for c in codes))
        Path('calls').write_text('')
        process = start_script('slurm_train.sh', 'gpus', 'job', 'c.py', **env)
        assert process.wait(LIMIT) == code
        lines = Path('calls').read_text().splitlines()
        return [line.endswith('--resume') for line in lines], lines[-1]

    assert calls([138, 138, 0], 0)[0] == [False, True, True]
    assert calls([2], 2)[0] == [False]
    assert calls([143], 143)[0] == [False]  # it was to end
    job = dict(SLURM_JOB_ID='7')
    assert calls([138], 138, **job) == ([False, False], 'scontrol requeue 7')
    assert calls([0], 0, **job, SLURM_RESTART_COUNT='1')[0] == [True]


def test_processes_part_in_order():
    """A group that nobody ends aborts about one exit of a hundred."""
    code = """
import torch.distributed as dist
from mmengine.config import ConfigDict
from train import launched
dist_cfg = dict(backend='gloo')
with launched(ConfigDict(launcher='none')):
    assert not dist.is_initialized()
with launched(ConfigDict(launcher='pytorch', env_cfg=dict(dist_cfg=dist_cfg))):
    assert dist.is_initialized()
assert not dist.is_initialized()
"""
    only = dict(RANK='0', LOCAL_RANK='0', WORLD_SIZE='1')
    address = dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=str(free_port()))
    process = subprocess.Popen(
        [sys.executable, '-c', code],
        cwd=ROOT / 'tools',
        env={**tool_env(), **only, **address},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    finish(process)

import os
import subprocess
import sys

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import MMDistributedDataParallel
from mmengine.runner import CheckpointLoader, Runner, checkpoint

from mmaction_uda import compat


# -- Host models ------------------------------------------------------------
def test_host_models_import():
    import mmaction.models

    if compat.missing_drn():
        with pytest.raises(ImportError, match='drn.*not installed'):
            mmaction.models.localizers.DRN()
    assert 'mmaction.models.localizers.drn' not in sys.modules


def test_no_stand_in_is_left_behind():
    assert not [
        name
        for name, module in sys.modules.items()
        if isinstance(module, compat._StandIn)
    ]


@pytest.mark.parametrize(
    'cfg, shape',
    [
        (dict(type='mmpretrain.ResNet', depth=18), (2, 512, 2, 2)),
        (
            dict(
                type='mmpretrain.VisionTransformer',
                arch='deit-tiny',
                img_size=64,
                patch_size=16,
            ),
            (2, 192),
        ),
    ],
    ids=lambda value: value.get('type') if isinstance(value, dict) else '',
)
def test_image_backbones(cfg, shape):
    pytest.importorskip('mmpretrain')
    backbone = MODELS.build(cfg)
    assert backbone(torch.zeros(2, 3, 64, 64))[0].shape == shape


BROKEN_TORCHVISION = """
import torch
for name in ('nms', 'qnms'):
    torch.library.register_fake(f'torchvision::{name}', lambda: None)
"""


def test_broken_torchvision(tmp_path):
    """A torchvision whose operators are not there, as with a CUDA build."""
    (tmp_path / 'torchvision' / 'ops').mkdir(parents=True)
    package = tmp_path / 'torchvision'
    (package / '__init__.py').write_text(BROKEN_TORCHVISION)
    (package / 'ops' / '__init__.py').touch()
    (package / 'ops' / 'boxes.py').touch()
    code = (
        'from mmaction_uda import compat; import torchvision; '
        'import mmaction.models; import mmengine.utils.dl_utils.collect_env'
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    env = dict(os.environ, PYTHONPATH=path)
    run = subprocess.run(
        [sys.executable, '-c', code], env=env, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    'names, expected',
    [
        ('def apply_chunking_to_forward(): ...', False),
        ('class PreTrainedModel: ...', True),
    ],
)
def test_transformers_that_the_host_cannot_read(
    tmp_path, monkeypatch, names, expected
):
    (tmp_path / 'transformers').mkdir()
    (tmp_path / 'transformers' / '__init__.py').touch()
    (tmp_path / 'transformers' / 'modeling_utils.py').write_text(names)
    for name in ('timm', 'torchvision'):
        (tmp_path / f'{name}.py').touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'transformers', raising=False)
    assert compat.language_models_fail() is expected


def test_import_beside_new_transformers(tmp_path):
    """The host's own language models are left out, nothing else."""
    (tmp_path / 'transformers').mkdir()
    (tmp_path / 'transformers' / '__init__.py').touch()
    (tmp_path / 'transformers' / 'modeling_utils.py').touch()
    info = tmp_path / 'transformers-5.17.0.dist-info'
    info.mkdir()
    (info / 'METADATA').write_text('Name: transformers\nVersion: 5.17.0\n')
    code = (
        'import mmaction_uda; from mmaction.registry import MODELS; '
        "print(MODELS.get('VindLUVQA').__name__, MODELS.get('ResNet'))"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    run = subprocess.run(
        [sys.executable, '-c', code],
        env=dict(os.environ, PYTHONPATH=path),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith('ask_install <class')


def test_missing_mmcv(monkeypatch):
    monkeypatch.setattr(compat, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match='mmcv-lite'):
        compat.require_mmcv()


# -- Several processes on CPU -----------------------------------------------
@pytest.mark.skipif(torch.cuda.is_available(), reason='for CPU machines')
def test_set_device_does_nothing_without_cuda():
    assert torch.cuda.set_device(0) is None


TRAIN = """
import torch
from mmaction_uda import compat
from mmaction_uda.checkpoints import load
from mmaction_uda.faults import Faults
from mmengine.dist import get_rank
from mmengine.model import BaseModel
from mmengine.runner import Runner


class Toy(BaseModel):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.register_buffer('labels', torch.tensor([-1, 0, 7]))
        self.register_buffer('full', torch.tensor([True, False]))

    def forward(self, x, mode):
        return dict(loss=(self.weight - x[0].mean()) ** 2)


runner = Runner(
    Toy(), '{folder}/work', launcher='pytorch',
    train_dataloader=dict(
        dataset=[dict(x=torch.full((1,), float(i))) for i in range(4)],
        sampler=dict(type='DefaultSampler', shuffle=False), batch_size=1),
    train_cfg=dict(by_epoch=True, max_epochs=1),
    optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
    env_cfg=dict(dist_cfg=dict(backend='gloo')))
model = runner.train().module
assert model.labels.tolist() == [-1, 0, 7], model.labels
assert model.full.tolist() == [True, False], model.full
# A file each: what two processes print may be mixed within a line.
with open('{folder}/' + str(get_rank()), 'w') as file:
    file.write(str(round(model.weight.item(), 6)))
"""


@pytest.mark.full  # test_launch.py has our own tools on two
@pytest.mark.skipif(torch.cuda.is_available(), reason='for CPU machines')
def test_two_cpu_processes(tmp_path):
    """Two ranks x batch 1: the mean gradient of 0, 1, then of 2, 3."""
    script = tmp_path / 'train.py'
    script.write_text(TRAIN.format(folder=tmp_path))
    launch = [sys.executable, '-m', 'torch.distributed.run', '--standalone']
    run = subprocess.run(
        [*launch, '--nproc_per_node=2', str(script)],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    for rank in '01':  # 0.1, + 0.2 * (2.5 - 0.1)
        assert (tmp_path / rank).read_text() == '0.58'


# -- Once -------------------------------------------------------------------
def test_apply_twice_changes_nothing():
    before = (
        torch.cuda.set_device,
        MMDistributedDataParallel.__init__,
        Runner._maybe_compile,
        checkpoint.load_url,
        CheckpointLoader._schemes[''],
        len(torch.serialization.get_safe_globals()),
    )
    compat.apply()
    assert before == (
        torch.cuda.set_device,
        MMDistributedDataParallel.__init__,
        Runner._maybe_compile,
        checkpoint.load_url,
        CheckpointLoader._schemes[''],
        len(torch.serialization.get_safe_globals()),
    )


@pytest.mark.parametrize('platform', ['darwin', 'win32'])
def test_other_systems_are_refused_by_name(platform):
    code = f'import sys; sys.platform = {platform!r}; import mmaction_uda'
    told = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True
    ).stderr
    assert f'needs Linux and does not run on {platform}' in told
    assert 'WSL 2' in told

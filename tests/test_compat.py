import functools
import io
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.model import MMDistributedDataParallel
from mmengine.runner import (
    CheckpointLoader,
    Runner,
    checkpoint,
    load_checkpoint,
)

from mmaction_uda import compat


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


class Unknown:
    pass


def write(path, content) -> str:
    torch.save(content, path)
    return str(path)


def read(path):
    return CheckpointLoader.load_checkpoint(str(path), map_location='cpu')


def epoch_file(**extra) -> dict:
    """What mmengine's runner writes at the end of an epoch."""
    hub = MessageHub('test_compat')
    for loss in (1.0, 0.5):
        hub.update_scalar('train/loss', loss)
    hub.update_info('best', np.float64(0.75))
    hub.update_info('seen', np.int64(7))
    hub.update_info('ratios', np.array([0.1, 0.2], dtype=np.float32))
    return dict(
        meta=dict(epoch=1, iter=2, seed=0, dataset_meta={}),
        state_dict=torch.nn.Linear(2, 2).state_dict(),
        message_hub=hub.state_dict(),
        **extra,
    )


# -- Checkpoints ------------------------------------------------------------
def test_epoch_file_round_trip(tmp_path):
    saved = epoch_file()
    loaded = read(write(tmp_path / 'epoch_1.pth', saved))
    buffer = loaded['message_hub']['log_scalars']['train/loss']
    assert type(buffer) is HistoryBuffer
    assert buffer.statistics('mean') == 0.75
    assert buffer.statistics('min') == 0.5
    info = loaded['message_hub']['runtime_info']
    assert (info['best'], info['seen']) == (0.75, 7)
    assert info['ratios'].tolist() == np.float32([0.1, 0.2]).tolist()

    hub = MessageHub('test_compat_resumed')
    hub.load_state_dict(loaded['message_hub'])
    hub.update_scalar('train/loss', 0.0)
    assert hub.get_scalar('train/loss').mean() == 0.5


def test_saved_again_after_loading(tmp_path):
    first = read(write(tmp_path / 'a.pth', epoch_file()))
    second = read(write(tmp_path / 'b.pth', first))
    buffer = second['message_hub']['log_scalars']['train/loss']
    assert buffer.data[0].tolist() == [1.0, 0.5]


def test_load_checkpoint_into_model(tmp_path):
    saved = epoch_file()
    model = torch.nn.Linear(2, 2)
    load_checkpoint(model, write(tmp_path / 'epoch_1.pth', saved))
    assert torch.equal(model.weight, saved['state_dict']['weight'])


@pytest.mark.parametrize('core', [b'core', b'_core'])
def test_both_spellings_of_numpy(tmp_path, core):
    path = write(tmp_path / 'a.pth', dict(a=np.float64(2), b=np.arange(3)))
    for module in (b'numpy.core.multi', b'numpy._core.multi'):
        respell(path, b'c' + module, b'cnumpy.' + core + b'.multi')
    names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    assert not names  # all of them are on the list
    loaded = read(path)
    assert loaded['a'] == 2 and loaded['b'].tolist() == [0, 1, 2]


def respell(path: str, old: bytes, new: bytes) -> None:
    """Replace bytes of the pickle inside a checkpoint."""
    pickled = torch._C.PyTorchFileReader(path).get_record('data.pkl')
    content = pickled.replace(old, new)
    with zipfile.ZipFile(path, 'w') as file:
        file.writestr('archive/data.pkl', content)
        file.writestr('archive/version', '3')


def test_getattr_on_a_module_is_refused(tmp_path):
    """``getattr(os, 'system')``, with ``os`` smuggled in as ``shutil.os``."""
    path = write(tmp_path / 'bad.pth', Call(getattr, HistoryBuffer, 'system'))
    respell(
        path,
        b'cmmengine.logging.history_buffer\nHistoryBuffer',
        b'cshutil\nos',
    )
    with pytest.raises(pickle.UnpicklingError, match='shutil.os'):
        read(path)


@pytest.mark.parametrize(
    'payload',
    [
        Call(getattr, HistoryBuffer, '__init__'),
        Call(getattr, HistoryBuffer, '__subclasses__'),
        Call(getattr, np.ndarray, 'tofile'),
        Call(getattr, Call(getattr, HistoryBuffer, 'mean'), '__globals__'),
        Call(os.system, 'true'),
        Call(eval, '1'),
        Unknown(),
    ],
    ids=lambda payload: type(payload).__name__,
)
def test_payload_is_refused(tmp_path, payload):
    path = write(tmp_path / 'bad.pth', epoch_file(extra=payload))
    with pytest.raises(pickle.UnpicklingError):
        read(path)


def test_getattr_names_the_reason(tmp_path):
    path = write(tmp_path / 'bad.pth', Call(getattr, HistoryBuffer, 'update'))
    with pytest.raises(pickle.UnpicklingError, match='refused getattr'):
        read(path)


def forge(path, **state) -> str:
    """Write a ``HistoryBuffer`` whose state mmengine would not write."""
    buffer = HistoryBuffer([1.0], [1])
    original = HistoryBuffer.__getstate__
    HistoryBuffer.__getstate__ = lambda self: original(self) | state
    try:
        return write(path, buffer)
    finally:
        HistoryBuffer.__getstate__ = original


@pytest.mark.parametrize(
    'state',
    [
        dict(statistics_methods=dict(mean=HistoryBuffer.max)),
        dict(statistics_methods=dict(mean=torch.device)),
        dict(statistics_methods=dict(new=HistoryBuffer.max)),
        dict(_statistics_methods=dict(mean=HistoryBuffer.max)),
        dict(mean=HistoryBuffer.max),
    ],
)
def test_forged_history_buffer_is_refused(tmp_path, state):
    methods = dict(HistoryBuffer._statistics_methods)
    path = forge(tmp_path / 'bad.pth', **state)
    with pytest.raises(pickle.UnpicklingError, match='HistoryBuffer'):
        read(path)
    assert HistoryBuffer._statistics_methods == methods


def test_unforged_history_buffer_is_accepted(tmp_path):
    assert read(forge(tmp_path / 'good.pth')).current() == 1.0


def test_environment_cannot_switch_the_check_off(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    with pytest.raises(pickle.UnpicklingError):
        read(write(tmp_path / 'bad.pth', Unknown()))


def test_downloads_are_checked(tmp_path):
    good = tmp_path / 'good.pth'
    write(good, dict(a=torch.ones(1)))
    bad = tmp_path / 'bad.pth'
    write(bad, Unknown())
    load = functools.partial(checkpoint.load_url, model_dir=str(tmp_path))
    assert load(good.as_uri())['a'] == 1  # both are in the folder already
    with pytest.raises(pickle.UnpicklingError):
        load(bad.as_uri())


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / 'none.pth')


def test_plain_torch_load_reads_an_epoch_file():
    file = io.BytesIO()
    torch.save(epoch_file(), file)
    file.seek(0)
    assert torch.load(file, weights_only=True)['meta']['epoch'] == 1


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

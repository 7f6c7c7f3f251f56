"""Faults of the released OpenMMLab stack that hit this package.

A function for each fault, with its upstream issue where we know one. None
does anything where its fault is absent; :func:`apply` runs all of them, once.
"""

import functools
import gc
import importlib
import re
import sys
import warnings
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, List, Optional

import torch
from mmengine.config import config
from mmengine.dataset import worker_init_fn
from mmengine.device import get_device
from mmengine.dist import utils as dist_utils
from mmengine.model import MMDistributedDataParallel, is_model_wrapper
from mmengine.runner import CheckpointLoader, Runner, checkpoint, runner

from .checkpoints import allow_mmengine_checkpoints, read
from .config.format import format_code
from .host_lists import read_any_list
from .processes import serve
from .zoo import Address

# Operators live as long as the library object that declares them.
_TORCHVISION_OPS = torch.library.Library('torchvision', 'FRAGMENT')


@functools.cache
def apply() -> None:
    """Work round every fault of this file, once a process."""
    require_mmcv()
    check_checkpoints()
    format_configs_fast()
    distribute_on_cpu()
    distribute_what_is_trained()
    keep_workers()
    compile_tensors_alone()
    repair_torchvision()
    leave_out_language_models()
    import_host_models()
    read_any_list()
    spare_imports()


def require_mmcv() -> None:
    """Name what pip cannot choose: MMAction2's metadata leaves mmcv out."""
    if find_spec('mmcv') is None:
        raise ImportError(
            'MMAction2 needs mmcv: `pip install "mmcv-lite>=2.0.0,<2.2.0"`, '
            'enough for all of mmaction_uda, or a build of the full `mmcv` '
            'for your torch; never one over the other'
        )


def check_checkpoints() -> None:
    """Let mmengine read checkpoints by :mod:`mmaction_uda.checkpoints`.

    It leaves local files to torch's default, which an environment variable
    turns off, and downloads to that of ``torch.hub``, which is False.

    https://github.com/open-mmlab/mmengine/issues/1655
    """
    allow_mmengine_checkpoints()
    CheckpointLoader.register_scheme(prefixes='', loader=read, force=True)
    checkpoint.load_url = _read_url


def _read_url(url: str, map_location: Any = None, **_) -> dict:
    """Download a checkpoint as weights are, and read it."""
    return read(Address.parse(url).fetch(), map_location)


def format_configs_fast() -> None:
    """Spare every start the seconds that yapf takes for a config.

    No upstream issue known.
    """
    config.FormatCode = format_code


def distribute_on_cpu() -> None:
    """Let ``--launcher pytorch`` run where there is no GPU.

    ``mmengine/dist/utils.py`` always calls ``torch.cuda.set_device``, which a
    CPU build lacks, and ``Runner.wrap_model`` always passes ``device_ids``,
    which torch refuses for CPU modules; no upstream issue known. NCCL, which
    configs name, is for GPUs: Gloo takes its place.
    """
    if torch.cuda.is_available():
        return
    torch.cuda.set_device = lambda device: None
    for launcher in ('pytorch', 'slurm', 'mpi'):
        name = f'_init_dist_{launcher}'
        start = partial(_init_dist, getattr(dist_utils, name))
        setattr(dist_utils, name, start)
    init = MMDistributedDataParallel.__init__

    @functools.wraps(init)
    def init_on_cpu(self, module, *args, device_ids=None, **kwargs):
        if next(module.parameters()).device.type == 'cpu':
            device_ids = None
        init(self, module, *args, device_ids=device_ids, **kwargs)

    MMDistributedDataParallel.__init__ = init_on_cpu


def _init_dist(init_dist: Callable, backend: str, **kwargs) -> None:
    init_dist('gloo' if backend == 'nccl' else backend, **kwargs)


def distribute_what_is_trained() -> None:
    """Leave a model that learns nothing as it is, also on several GPUs.

    ``Runner.wrap_model`` wraps every model, and torch's wrapper refuses one
    without a gradient, CLIP zero-shot; no upstream issue known.
    """
    wrap = Runner.wrap_model

    @functools.wraps(wrap)
    def wrap_model(self, cfg: Optional[dict], model: torch.nn.Module):
        if any(p.requires_grad for p in model.parameters()):
            return wrap(self, cfg, model)
        return model.to(get_device())

    Runner.wrap_model = wrap_model


def keep_workers() -> None:
    """Let workers of data loaders end with their parent, and not before.

    They live on for seconds after a parent that was killed, and end with
    tracebacks; a signal that was meant for it as well, which would have
    finished its step, is an error if it kills them. No upstream issue known.
    """
    runner.default_worker_init_fn = _init_worker


def _init_worker(worker_id: int, **kwargs) -> None:
    serve()
    worker_init_fn(worker_id, **kwargs)


def compile_tensors_alone() -> None:
    """Let a model name the method that ``compile`` of a config compiles.

    mmengine compiles ``train_step``: with the lists of samples, new ones in
    every step, and the optimizer; and where it mixes precisions, the tracer
    dies of the version strings that ``mmengine/runner/amp.py`` parses. Models
    that name no ``compile_target`` are left to it. No upstream issue known.
    """
    compile_method = Runner._maybe_compile

    @functools.wraps(compile_method)
    def compile_target(self, target: str) -> None:
        wrapper = self.model
        self.model = wrapper.module if is_model_wrapper(wrapper) else wrapper
        if not hasattr(self.model, 'compile_target'):
            self.model = wrapper
        try:
            target = getattr(self.model, 'compile_target', target)
            compile_method(self, target)
        finally:
            self.model = wrapper

    Runner._maybe_compile = compile_target


def repair_torchvision() -> None:
    """Let a CUDA-built torchvision be imported beside a CPU build of torch.

    Its compiled part does not load, its Python part trips over the undefined
    operators, and MMAction2's models and mmengine's ``collect_env`` die of
    it. Once declared, they fail only when called. No upstream issue known.
    """
    while find_spec('torchvision') is not None:
        try:
            importlib.import_module('torchvision')
            return
        except RuntimeError as error:
            name = re.search(r'operator torchvision::(\w+) does', str(error))
            if name is None:
                raise
            _TORCHVISION_OPS.define(f'{name[1]}() -> ()')


def _folder_of(package: str) -> Optional[Path]:
    """Where a package lies, which is not imported."""
    found = find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def language_models_fail() -> bool:
    """Whether the installed transformers or timm are not the host's.

    Read in the file, since importing transformers takes seconds.
    """
    folder = _folder_of('transformers')
    if folder is None:
        return False  # the host leaves its models out by itself
    names = (folder / 'modeling_utils.py').read_text()
    return 'apply_chunking_to_forward' not in names or not (
        find_spec('timm') and find_spec('torchvision')
    )


def leave_out_language_models() -> None:
    """Let transformers be installed beside the host's models.

    MMAction2's VindLU and mmpretrain's multimodal models are imported
    wherever transformers is installed, of whatever version, and take
    functions from it that it gave up before 4.57, and timm, which needs
    torchvision. Then the hosts' placeholders stand in, as without
    transformers. No upstream issue known.
    """
    if language_models_fail():
        for host in ('mmaction', 'mmpretrain'):
            with suppress(ImportError):  # MMAction2 works without mmpretrain
                name = f'{host}.utils.dependency'
                dependency: Any = importlib.import_module(name)
                dependency.WITH_MULTIMODAL = False


class _StandIn(ModuleType):
    """A package of functions, each of which says that it is not there."""

    __path__: List[str] = []

    def __getattr__(self, name: str):
        if name.startswith('__'):
            raise AttributeError(name)
        path = f'{self.__name__}.{name}'

        def missing(*args, **kwargs):
            raise ImportError(f'{path} is not installed')

        return sys.modules.get(path, missing)


@contextmanager
def _stand_ins(names: list):
    """Have stand-ins in ``sys.modules`` for a while."""
    sys.modules.update({name: _StandIn(name) for name in names})
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def missing_drn() -> list:
    """The localizer that the wheel of MMAction2 1.2.0 forgets to ship.

    https://github.com/open-mmlab/mmaction2/issues/2714
    """
    host = _folder_of('mmaction')
    if host is None or (host / 'models/localizers/drn/drn.py').exists():
        return []
    name = 'mmaction.models.localizers.drn'
    return [name, f'{name}.drn']


def missing_torchvision() -> list:
    """What mmpretrain's models import of a torchvision that is not there.

    ``mmpretrain/models/utils/box_utils.py`` needs it for losses on boxes; no
    image backbone does. No upstream issue known.
    """
    if find_spec('torchvision') is not None:
        return []
    return ['torchvision', 'torchvision.ops', 'torchvision.ops.boxes']


def import_host_models() -> None:
    """Import MMAction2's models, and by them mmpretrain's if installed."""
    with _stand_ins(missing_drn() + missing_torchvision()):
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', 'Fail to import ``MultiScale')
            importlib.import_module('mmaction.models')


def spare_imports() -> None:
    """Leave what is imported by now out of collections of garbage.

    MMEngine collects it for every data set, which looks at a million objects
    of torch and MMAction2; no upstream issue known.
    """
    gc.freeze()

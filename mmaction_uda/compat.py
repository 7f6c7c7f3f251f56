"""Faults of the released OpenMMLab stack that hit this package.

A function for each fault, with its upstream issue where we know one. None
does anything where its fault is absent; :func:`apply` runs all of them, once.
"""

import functools
import importlib
import os.path as osp
import pickle
import re
import sys
import warnings
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, List, Optional, Tuple, Union

import numpy as np
import torch
from mmengine.config import config
from mmengine.logging import HistoryBuffer
from mmengine.model import MMDistributedDataParallel, is_model_wrapper
from mmengine.runner import CheckpointLoader, Runner, checkpoint

from .config.format import format_code

# Operators live as long as the library object that declares them.
_TORCHVISION_OPS = torch.library.Library('torchvision', 'FRAGMENT')
_STATISTICS = ('min', 'max', 'current', 'mean')
_STATE_KEYS = {'max_length', '_log_history', '_count_history'}


@functools.cache
def apply() -> None:
    """Work round every fault of this file, once a process."""
    require_mmcv()
    allow_mmengine_checkpoints()
    load_weights_only()
    format_configs_fast()
    distribute_on_cpu()
    compile_tensors_alone()
    repair_torchvision()
    leave_out_language_models()
    import_host_models()
    read_any_list()


def require_mmcv() -> None:
    """Name what pip cannot choose: MMAction2's metadata leaves mmcv out."""
    if find_spec('mmcv') is None:
        raise ImportError(
            'MMAction2 needs mmcv: `pip install "mmcv-lite>=2.0.0,<2.2.0"`, '
            'enough for all of mmaction_uda, or a build of the full `mmcv` '
            'for your torch; never one over the other'
        )


class _SafeHistoryBuffer(HistoryBuffer):
    """Stands in for ``HistoryBuffer`` while a checkpoint is read.

    The state of a pickled buffer overwrites the statistics methods of the
    whole class. Here it must name those that the class has.
    """

    def __setstate__(self, state: dict) -> None:
        self._set_default_statistics()
        known = HistoryBuffer._statistics_methods
        methods = state.pop('statistics_methods', {})
        if set(state) != _STATE_KEYS or any(
            known.get(name) is not method for name, method in methods.items()
        ):
            raise pickle.UnpicklingError(
                'refused a HistoryBuffer whose state mmengine did not write'
            )
        self.__dict__.update(state)
        self.__class__ = HistoryBuffer


def _get_statistics_method(owner: type, name: str):
    """What ``builtins.getattr`` means in a checkpoint, and nothing else."""
    if owner is not _SafeHistoryBuffer or name not in _STATISTICS:
        raise pickle.UnpicklingError(
            f'refused getattr({owner!r}, {name!r}): a checkpoint may look up '
            f'only {", ".join(_STATISTICS)} of HistoryBuffer'
        )
    return getattr(HistoryBuffer, name)


def allow_mmengine_checkpoints() -> None:
    """Let ``weights_only=True`` read what mmengine itself writes.

    That is ``HistoryBuffer``, with its methods as ``getattr(HistoryBuffer,
    name)``, and NumPy numbers, whose functions are spelled ``numpy.core`` or
    ``numpy._core`` after the NumPy that wrote them.

    https://github.com/open-mmlab/mmengine/issues/1655
    """
    safe: List[Union[Callable, Tuple[Callable, str]]] = [
        (_SafeHistoryBuffer, f'{HistoryBuffer.__module__}.HistoryBuffer'),
        (_get_statistics_method, 'builtins.getattr'),
        np.ndarray,
        np.dtype,
        *{type(np.dtype(code)) for code in '?bBhHiIlLqQefd'},
    ]
    written: Tuple[Any, ...] = np.empty(0), np.float64()
    for example in written:
        function = example.__reduce__()[0]
        for core in ('core', '_core'):
            path = f'numpy.{core}.multiarray.{function.__name__}'
            safe.append((function, path))
    torch.serialization.add_safe_globals(safe)


def load_weights_only() -> None:
    """Make mmengine ask for ``weights_only=True`` in so many words.

    It leaves local files to torch's default, which an environment variable
    turns off, and downloads to that of ``torch.hub``, which is False.

    https://github.com/open-mmlab/mmengine/issues/1655
    """

    @CheckpointLoader.register_scheme(prefixes='', force=True)
    def load_from_local(filename, map_location):
        return torch.load(
            osp.expanduser(filename), map_location, weights_only=True
        )

    checkpoint.load_url = functools.partial(
        checkpoint.load_url, weights_only=True
    )


def format_configs_fast() -> None:
    """Spare every start the seconds that yapf takes for a config.

    No upstream issue known.
    """
    config.FormatCode = format_code


def distribute_on_cpu() -> None:
    """Let ``--launcher pytorch`` run where there is no GPU.

    ``mmengine/dist/utils.py`` always calls ``torch.cuda.set_device``, which a
    CPU build lacks, and ``Runner.wrap_model`` always passes ``device_ids``,
    which torch refuses for CPU modules; no upstream issue known. The config
    still has to say ``env_cfg.dist_cfg.backend='gloo'``.
    """
    if torch.cuda.is_available():
        return
    torch.cuda.set_device = lambda device: None
    init = MMDistributedDataParallel.__init__

    @functools.wraps(init)
    def init_on_cpu(self, module, *args, device_ids=None, **kwargs):
        if next(module.parameters()).device.type == 'cpu':
            device_ids = None
        init(self, module, *args, device_ids=device_ids, **kwargs)

    MMDistributedDataParallel.__init__ = init_on_cpu


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


def read_any_list() -> None:
    """Let MMAction2 read lists with blanks in names, with tabs, with a BOM.

    Its data sets of videos and of frames cut lines at every blank and name
    neither list nor line when that fails. Lists of several labels
    a video, of offsets, and of frames without labels are left to them.

    https://github.com/open-mmlab/mmaction2/issues/2659
    """
    from mmaction.datasets import RawframeDataset, VideoDataset

    from .lists import read_list

    def reader(host: Callable, kind: str, path: str) -> Callable:
        @functools.wraps(host)
        def load_data_list(self) -> list:
            options = dict(multi_class=False, with_offset=False, delimiter=' ')
            if any(getattr(self, k, v) != v for k, v in options.items()):
                return host(self)
            frames = path == 'frame_dir'
            lines = read_list(self.ann_file, frames)
            if frames and any(line.frames is None for line in lines):
                return host(self)  # no labels
            prefix = self.data_prefix[kind] or ''
            return [
                {
                    path: osp.join(prefix, line.name),
                    'label': line.label,
                    'line': line.number,
                    **(dict(total_frames=line.frames) if frames else {}),
                }
                for line in lines
            ]

        return load_data_list

    for dataset, names in {
        VideoDataset: ('video', 'filename'),
        RawframeDataset: ('img', 'frame_dir'),
    }.items():
        dataset.load_data_list = reader(dataset.load_data_list, *names)

"""What determines the numbers of a training, and what two of them differ in.

That are settings and the content of what they name: lists by names and
labels, videos by the sizes of their files, weights by their SHA-256. Where
these lie, how many workers read them, and what is logged or kept is no part
of it.
"""

import json
import os.path as osp
from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from mmengine.config import Config
from mmengine.dist import get_world_size
from mmengine.registry import init_default_scope

from ..config.names import short
from ..files import parsed, sha256_of
from ..garbage import no_collection
from ..zoo import files_of
from .contents import imported_content, list_content
from .readings import readings

TRAINING = (
    'model',
    'data_preprocessor',
    'prepare',
    'train_dataloader',
    'train_cfg',
    'optim_wrapper',
    'param_scheduler',
    'auto_scale_lr',
    'custom_hooks',
    'default_hooks',
    'randomness',
    'load_from',
    'sync_bn',
)
# No weight depends on these, but what is recorded of them.
VALIDATION = ('val_dataloader', 'val_cfg', 'val_evaluator')
# Hooks that no number depends on: by their names, and by their types.
BOOKKEEPING = (
    *('runtime_info', 'timer', 'logger', 'checkpoint', 'predictions'),
    *('visualization', 'strict_load'),
    *('CheckpointHook', 'DeferredInfoHook', 'EmptyCacheHook'),
    *('IterTimerHook', 'LoggerHook', 'PredictionsHook', 'ProfilerHook'),
    *('RuntimeInfoHook', 'StrictLoadHook', 'VisualizationHook'),
)
# Keys, wherever they are: places, how fast one reads, what a class is called.
NO_SETTINGS = frozenset(
    """
    ann_file data_prefix data_root root store store_root work_dir
    backend_args file_client_args num_workers persistent_workers pin_memory
    pin_memory_device prefetch_factor multiprocessing_context timeout
    num_processes in_memory metainfo val_interval val_begin dynamic_intervals
    """.split()
)
EPOCHS, SEED = 'train_cfg.max_epochs', 'randomness.seed'
BATCH, PROCESSES = 'train_dataloader.batch_size', 'processes'


@dataclass(frozen=True)
class Identity:
    """All that the numbers of a training depend on.

    Args:
        settings (dict): ``{dotted path: value}``; what is None is left out.
        contents (dict): ``{dotted path: digest}`` of the files that settings
            name. What was not there has none.
    """

    settings: Dict[str, Any]
    contents: Dict[str, str]

    @classmethod
    @no_collection()
    def of(cls, cfg: Config) -> 'Identity':
        """That of a config, with the content that is there now.

        Args:
            cfg (Config): A checked config, its ``stage://`` resolved. With
                ``resume``, ``load_from`` is no setting of it.
        """
        init_default_scope(cfg.get('default_scope', 'mmaction'))
        settings: Dict[str, Any] = {PROCESSES: get_world_size()}
        contents: Dict[str, str] = {}
        weights = files_of(cfg.get('model'))
        for path, value in _flat(_sections(cfg)):
            value = weights.get(path, value)
            if not _is_place(value):
                settings[path] = value
            elif osp.isfile(value):
                contents[path] = sha256_of(value)
        for reading in readings(cfg, ('train', 'val')):
            if not reading.place.startswith('test_'):
                contents.update(list_content(reading))
                if cfg.model.backbone.get('features'):  # made elsewhere
                    contents.update(imported_content(reading))
        # As JSON gives it back.
        return cls.parse(json.dumps([settings, contents], default=_named))

    @classmethod
    def parse(cls, text: str) -> 'Identity':
        """Read what ``str()`` has written.

        Raises:
            ValueError: For any other text.
        """
        found = parsed(text)
        if not isinstance(found, list) or [*map(type, found)] != [dict] * 2:
            raise ValueError('it says nothing of its settings')
        return cls(*found)

    def __str__(self) -> str:
        return json.dumps([*asdict(self).values()], sort_keys=True)

    @property
    def of_weights(self) -> 'Identity':
        """What is compared of a finished stage, and stored in its weights.

        Without the validation, on which no weight depends, and the number
        of processes, which later trainings need not have.
        """
        parts = (
            {
                key: value
                for key, value in part.items()
                if not key.startswith('val_') and key != PROCESSES
            }
            for part in (self.settings, self.contents)
        )
        return Identity(*parts)

    def differences(self, there: 'Identity') -> Dict[str, str]:
        """In what another training differs from this one.

        The same pairs in a step are the same on any number of processes; a
        config without a seed asks for none; what is validated on one side
        only is not compared.

        Returns:
            dict: ``{dotted path: 'VALUE there, VALUE here'}``.
        """
        ours, theirs = dict(self.settings), dict(there.settings)
        if _pairs(ours) == _pairs(theirs):
            for key in (BATCH, PROCESSES):
                ours.pop(key, None), theirs.pop(key, None)
        if SEED not in ours:
            theirs.pop(SEED, None)
        found = {
            key: f'{_shown(theirs, key)} there, {_shown(ours, key)} here'
            for key in sorted({**ours, **theirs})
            if ours.get(key) != theirs.get(key)
        }
        for key in sorted({*self.contents} & {*there.contents}):
            if self.contents[key] != there.contents[key]:
                found[key] = 'other content there'
        if self._validates and there._validates:
            return found
        return {k: v for k, v in found.items() if not k.startswith('val_')}

    @property
    def _validates(self) -> bool:
        return any(key.startswith('val_') for key in self.settings)


def _pairs(settings: Mapping[str, Any]) -> int:
    """Items of a step, on all processes."""
    return settings.get(BATCH, 0) * settings.get(PROCESSES, 1)


def _shown(settings: Mapping[str, Any], key: str) -> str:
    return short(settings[key]) if key in settings else 'nothing'


def _named(value: Any) -> str:
    """An object of a config, the same in every process."""
    name = getattr(value, '__qualname__', None)
    return f'{value.__module__}.{name}' if name else str(value)


def _sections(cfg: Config) -> Dict[str, Any]:
    """What of a config matters, in its own nesting."""
    found = {name: cfg.get(name) for name in TRAINING}
    if cfg.get('resume'):
        found['load_from'] = None
    if not (cfg.get('auto_scale_lr') or {}).get('enable'):
        found['auto_scale_lr'] = None
    found['default_hooks'] = {
        name: hook
        for name, hook in (cfg.get('default_hooks') or {}).items()
        if name not in BOOKKEEPING
    }
    found['custom_hooks'] = [
        hook
        for hook in cfg.get('custom_hooks') or []
        if not isinstance(hook, dict) or hook['type'] not in BOOKKEEPING
    ]
    if cfg.get('val_dataloader') and cfg.get('val_cfg'):
        found |= {name: cfg.get(name) for name in VALIDATION}
        dataset = cfg.val_dataloader.get('dataset')
        found['val_dataloader'] = dict(dataset=dataset)
    return found


def _flat(value: Any, path: str = '') -> Iterator[Tuple[str, Any]]:
    """Settings by their paths, without those that do not count."""
    items: List[Tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        items = [(k, v) for k, v in value.items() if k not in NO_SETTINGS]
    elif isinstance(value, (list, tuple)):
        items = [*enumerate(value)]
    elif value is not None:
        yield path, value
    for key, inner in items:
        inner_path = f'{path}.{key}' if path else str(key)
        if not inner_path.endswith('extraction.name'):  # of a folder
            yield from _flat(inner, inner_path)


def _is_place(value: Any) -> bool:
    """Whether a setting is the path of a file or a folder."""
    if not isinstance(value, str) or '://' in value:
        return False
    slash, dot = '/' in value, '.' in osp.basename(value)
    return (slash and dot) or ((slash or dot) and osp.exists(value))

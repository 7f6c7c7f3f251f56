"""Which settings of a config its numbers depend on."""

import os.path as osp
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from mmengine.config import Config

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


def counting_settings(cfg: Config) -> Iterator[Tuple[str, Any]]:
    """Settings that numbers depend on, as ``(dotted path, value)``.

    Args:
        cfg (Config): A checked config. With ``resume``, ``load_from`` is no
            setting of it.
    """
    yield from _flat(_sections(cfg))


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


def is_place(value: Any) -> bool:
    """Whether a setting is the path of a file or a folder."""
    if not isinstance(value, str) or '://' in value:
        return False
    slash, dot = '/' in value, '.' in osp.basename(value)
    return (slash and dot) or ((slash or dot) and osp.exists(value))

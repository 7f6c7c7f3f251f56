"""Where the settings of a config are read, and by what.

A dict that names a ``type`` holds arguments of a class. This file knows the
registry that each place implies, and the dicts that MMEngine reads itself.
"""

import inspect
import re
from typing import Any, Callable, Dict, List, Mapping

from mmaction import registry as host
from mmengine.dist import init_dist
from mmengine.hooks import CheckpointHook, EMAHook
from mmengine.model import MMDistributedDataParallel, MomentumAnnealingEMA
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from mmengine.registry import FUNCTIONS
from mmengine.runner import (
    EpochBasedTrainLoop,
    IterBasedTrainLoop,
    LogProcessor,
    Runner,
    TestLoop,
    ValLoop,
)
from mmengine.utils import import_modules_from_strings
from mmengine.utils.dl_utils import set_multi_processing
from mmengine.visualization import Visualizer
from torch import compile as torch_compile
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.utils.data import DataLoader

from ...datasets import DomainPairDataset, FeatureDataset, SampleFeature
from ..keys import TOP_LEVEL
from .places import FREE, Place, nothing
from .reading import dict_at
from .registries import find

LOADER = Place(
    default=DataLoader,
    whole=True,
    also=('num_batch_per_epoch',),
    fields=dict(
        dataset=Place(host.DATASETS),
        sampler=Place(host.DATA_SAMPLERS),
        batch_sampler=Place(host.DATA_SAMPLERS),
        collate_fn=Place(FUNCTIONS, plain=True),
        worker_init_fn=Place(FUNCTIONS),
    ),
)
INITIAL = Place(
    host.WEIGHT_INITIALIZERS,
    also=('override',),
    fields=dict(
        override=Place(
            host.WEIGHT_INITIALIZERS, default=nothing, also=('name',)
        )
    ),
)


def _loop(cfg: Mapping) -> Place:
    """Without a type, ``by_epoch`` says which loop it is."""
    loop = dict_at(cfg, 'train_cfg')
    epochs = loop.get('by_epoch')
    default = EpochBasedTrainLoop if epochs else IterBasedTrainLoop
    own = () if 'type' in loop else ('by_epoch',)
    return Place(host.LOOPS, default, own)


def _optim_wrapper(cfg: Mapping) -> Place:
    """What a constructor of another kind makes of it is not known."""
    name = dict_at(cfg, 'optim_wrapper').get('constructor')
    found: Any = find(host.OPTIM_WRAPPER_CONSTRUCTORS, name)
    found = found or DefaultOptimWrapperConstructor
    if not issubclass(found, DefaultOptimWrapperConstructor):
        return FREE
    # It looks names up in the dict paramwise_cfg.
    bases = found.__mro__[:-1]
    text = ''.join(map(inspect.getsource, bases))
    keys = re.findall(r"paramwise_cfg(?:\.get\(|\[)\s*'(\w+)'", text)
    # Whatever else a custom key holds becomes an option of the optimizer.
    optimizer = dict_at(cfg, 'optim_wrapper', 'optimizer').get('type')
    custom = Place(
        default=find(host.OPTIMIZERS, optimizer),
        also=('lr_mult', 'decay_mult'),
    )
    return Place(
        host.OPTIM_WRAPPERS,
        OptimWrapper,
        whole=True,
        fields=dict(
            constructor=Place(host.OPTIM_WRAPPER_CONSTRUCTORS, plain=True),
            optimizer=Place(host.OPTIMIZERS),
            clip_grad=_clip_grad,
            paramwise_cfg=Place(
                also=tuple(keys), fields=dict(custom_keys=Place(each=custom))
            ),
        ),
    )


def _clip_grad(wrapper: Mapping) -> Place:
    by_value = dict_at(wrapper, 'clip_grad').get('type') == 'value'
    called = clip_grad_value_ if by_value else clip_grad_norm_
    return Place(default=called, also=('type',))


HOOK = Place(host.HOOKS, also=('priority',))
METRIC = Place(host.METRICS)
ENVIRONMENT = Place(
    also=('cudnn_benchmark', 'resource_limit'),
    fields=dict(
        mp_cfg=Place(default=set_multi_processing),
        dist_cfg=Place(default=init_dist),
    ),
)
ROOT = Place(
    default=Runner,
    also=tuple(TOP_LEVEL),
    fields=dict(
        model=Place(host.MODELS),
        data_preprocessor=Place(host.MODELS),
        model_wrapper_cfg=Place(
            host.MODEL_WRAPPERS, MMDistributedDataParallel
        ),
        train_dataloader=LOADER,
        val_dataloader=LOADER,
        test_dataloader=LOADER,
        train_cfg=_loop,
        val_cfg=Place(
            host.LOOPS,
            ValLoop,
            fields=dict(source=Place(host.DATASETS, FeatureDataset)),
        ),
        test_cfg=Place(host.LOOPS, TestLoop),
        optim_wrapper=_optim_wrapper,
        param_scheduler=Place(
            host.PARAM_SCHEDULERS,
            also=('convert_to_iter_based', 'epoch_length'),
        ),
        auto_scale_lr=Place(also=('enable', 'base_batch_size')),
        val_evaluator=METRIC,
        test_evaluator=METRIC,
        default_hooks=Place(each=HOOK),
        custom_hooks=HOOK,
        custom_imports=Place(default=import_modules_from_strings),
        env_cfg=ENVIRONMENT,
        randomness=Place(default=Runner.set_randomness),
        log_processor=Place(host.LOG_PROCESSORS, LogProcessor),
        visualizer=Place(host.VISUALIZERS, Visualizer),
        compile=Place(default=torch_compile, plain=True),
        strategy=FREE,
        test_pipeline=Place(host.TRANSFORMS),
        prepare=Place(host.TASK_UTILS),
        stages=Place(each=Place(also=('config', *TOP_LEVEL))),
    ),
)
# Registries of what is built from its config alone. Not of data sets: a pair
# names what both share once, and builds them.
WHOLE = (host.TRANSFORMS, host.METRICS, host.TASK_UTILS)
# Arguments that have the same meaning in whatever class.
ARGUMENTS: Dict[str, Place] = dict(
    init_cfg=INITIAL,
    pipeline=Place(host.TRANSFORMS),
    weak=Place(host.TRANSFORMS),
    transforms=Place(host.TRANSFORMS),
    sample=Place(host.TRANSFORMS, SampleFeature),
    vis_backends=Place(host.VISBACKENDS),
    norm_cfg=Place(host.MODELS, also=('requires_grad',)),
    metainfo=Place(also=('classes',)),
    data_prefix=Place(also=('video', 'img')),
    metric_options=Place(fields=dict(top_k_accuracy=Place(also=('topk',)))),
    # Settings of a model of transformers, which knows their names.
    config=FREE,
    # Pathways of a SlowFast net have types of their own.
    slow_pathway=FREE,
    fast_pathway=FREE,
)


def read_beside(target: Any, config: Mapping) -> List[Callable]:
    """What else takes the arguments of a class that hands others on."""
    if not inspect.isclass(target):
        return []
    if issubclass(target, CheckpointHook):
        return [Runner.save_checkpoint]
    if issubclass(target, EMAHook):
        return [MomentumAnnealingEMA]
    if issubclass(target, DomainPairDataset):
        domains = [dict_at(config, name) for name in ('source', 'target')]
        found = [find(host.DATASETS, d.get('type')) for d in domains]
        return list(filter(None, found))
    return []

"""The data sheet of any config."""

import os.path as osp
from typing import Dict, List, Optional

from mmaction.registry import TASK_UTILS
from mmengine.config import Config
from mmengine.dataset import BaseDataset

from ..apis import class_names
from ..config.checking import check_configs
from ..datasets.containers import kind_of
from ..engine import open_stages
from ..engine.checking import build, check
from ..engine.readings import readings
from ..faults import Faults, gathered
from .cautions import Part, cautions
from .looking import look_at
from .sheet import faults_of, write_sheet

# What the lists of a config are for, by where it names them.
NAMES = {
    'train_dataloader.dataset.source': 'source, training',
    'val_cfg.source': 'source, test',
    'train_dataloader.dataset.target': 'target, training',
    'test_dataloader.dataset': 'target, test',
    'val_dataloader.dataset': 'target, validation',
}


def check_data_of(
    cfg: Config, name: str, folder: str, options: Optional[dict] = None
) -> List[str]:
    """Write the data sheet of a config, and check its data as a training does.

    Args:
        cfg (Config): With a ``work_dir`` and a ``launcher``.
        name (str): Its title.
        folder (str): Where the sheet goes.
        options (dict, optional): What was changed in it.

    Returns:
        list[str]: What was found, in some lines.

    Raises:
        Faults: All that is wrong; the sheet is written nevertheless, if
            there are lists.
    """
    open_stages(cfg)
    check_configs({'': cfg}, {'': options or {}})
    for task in cfg.get('prepare', []):
        TASK_UTILS.build(task).prepare()
    faults: List[str] = []
    parts = _parts(cfg, faults)
    files = [file for part in parts for file, _ in part.videos]
    seen = {}
    if not cfg.model.backbone.get('features'):  # made elsewhere
        videos = [f for f in files if f and not _is_folder(f)]
        seen = look_at(videos, 'videos') if videos else {}
    classes = class_names(cfg) or range(cfg.model.cls_head.num_classes)
    names = [str(one) for one in classes]
    page = write_sheet(folder, name, parts, names, seen)
    with gathered(faults):
        check([cfg], ('train', 'val', 'test'))
    unread = faults_of(parts, seen)
    if faults or unread:
        raise Faults(f'{page} is written; this is wrong:', *unread, *faults)
    sizes = [f'{part.name}: {len(part.videos)} videos' for part in parts]
    return [*sizes, *cautions(parts, names), f'written: {page}']


def _parts(cfg: Config, faults: List[str]) -> List[Part]:
    """The lists of a config, each once, the training's first."""
    found: Dict[str, Part] = {}
    for reading in readings(cfg):
        with gathered(faults):
            part = _part(reading.place, build(reading.config), cfg)
            found[part.name] = part
    parts: List[Part] = []
    for name in sorted(found, key=[*NAMES.values(), *found].index):
        if all(found[name].videos != part.videos for part in parts):
            parts.append(found[name])
    return parts


def _part(place: str, dataset: BaseDataset, cfg: Config) -> Part:
    names = class_names(cfg) or ()
    dataset = getattr(dataset, 'videos', dataset)
    videos = []
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        file = info.get('filename') or info.get('frame_dir', '')
        label = info['label']
        known = 0 <= label < len(names)
        text = names[label] if known else str(label)
        videos.append((file, None if label == -1 else text))
    return Part(_name_of(place), videos)


def _name_of(place: str) -> str:
    """What a list is for; of several sources, the which."""
    domain, _, number = place.rpartition('.')
    if number.isdecimal():
        return f'{NAMES.get(domain, domain)}, list {int(number) + 1}'
    return NAMES.get(place, place)


def _is_folder(path: str) -> bool:
    """Whether frames lie there as files, or there is no file at all."""
    return osp.exists(path) and kind_of(path) == 'folder'

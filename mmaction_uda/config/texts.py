"""Where the embedded names of classes lie, if a config does not say."""

import os.path as osp
from typing import Mapping, Optional

from mmengine.config import Config, ConfigDict

HEAD = 'TextClsHead'


def complete_texts(cfg: Config) -> None:
    """Name the file of a :class:`TextClsHead` that names none.

    It is ``texts/EXTRACTION_TEMPLATES.safetensors`` beside the list that is
    tested, so that tasks on the same lists share it.

    Args:
        cfg (Config): Changed.
    """
    head = cfg.model.get('cls_head') or ConfigDict()
    if head.get('type') != HEAD or head.get('init_cfg') is not None:
        return
    dataset = (cfg.get('test_dataloader') or {}).get('dataset') or {}
    file = (dataset.get('videos') or dataset).get('ann_file')
    name = _name(dataset.get('extraction'), head.get('templates', 'unite'))
    if file is not None:
        path = osp.join(osp.dirname(file), 'texts', f'{name}.safetensors')
        head.init_cfg = dict(
            type='StoredInit', checkpoint=path, new=('text_loss',)
        )


def _name(extraction: Optional[Mapping], templates) -> str:
    kind = templates if isinstance(templates, str) else 'own'
    return f'{(extraction or {}).get("name", "videos")}_{kind}'

"""The embedded names of classes that a config reads, compared with it."""

from typing import List, Optional, Sequence, Tuple

from mmaction.registry import MODELS
from mmengine.config import Config

from ..config.texts import HEAD
from ..faults import Faults
from ..models.backbones.hf_texts import check_backbone, embed
from ..templates import sentences, spoken, templates_of
from .stored_texts import Texts


def texts_of(cfg: Config) -> Optional[Tuple[str, Texts]]:
    """The file of texts that a config reads, and what it must hold.

    Args:
        cfg (Config): As :func:`load_config` gives it.

    Returns:
        tuple, optional: None for a classifier that reads no texts.

    Raises:
        Faults: If its backbone, its classes or its file are not known.
    """
    head = cfg.model.get('cls_head') or {}
    if head.get('type') != HEAD:
        return None
    file = (head.get('init_cfg') or {}).get('checkpoint')
    names = head.get('names') or spoken(_classes(cfg))
    if not names or not file:
        raise Faults(
            'texts need the names of the classes and a file: give '
            'metainfo.classes of the data sets, or model.cls_head.names, and '
            'model.cls_head.init_cfg.checkpoint'
        )
    backbone = cfg.model.backbone
    if backbone.get('features') is None:
        check_backbone(backbone)
    stored = dict(cached=True, sample=None)
    identity = MODELS.build({**backbone, **stored}).identity
    templates = templates_of(head.get('templates', 'unite'))
    return file, Texts([*names], templates, identity.get('weights'))


def check_texts(cfg: Config) -> None:
    """Refuse texts of other weights, classes or templates.

    Raises:
        FileNotFoundError: If they are not there.
        Faults: Names the file and what differs.
    """
    found = texts_of(cfg)
    if found is None:
        return
    file, wanted = found
    there = Texts.read(file)
    if wanted.weights is None:  # of tokens that were made elsewhere
        wanted = Texts(wanted.names, wanted.templates, there.weights)
    differences = wanted.differences(there)
    if differences:
        raise Faults(
            f'{file!r} holds other texts: {"; ".join(differences)}. Make them '
            'anew by python tools/embed_texts.py CONFIG, or name another file '
            'in model.cls_head.init_cfg.checkpoint.'
        )


def make_texts(configs: Sequence[Config]) -> List[str]:
    """Embed the classes of all configs that read texts.

    Args:
        configs (Sequence[Config]): A config, and the stages before it.

    Returns:
        list[str]: The files.

    Raises:
        Faults: If none reads any, or a backbone cannot.
    """
    found = [(cfg, texts_of(cfg)) for cfg in configs]
    wanted = {f[0]: (cfg, f[1]) for cfg, f in found if f is not None}
    if not wanted:
        raise Faults(
            f'this config reads no texts: model.cls_head is no {HEAD}'
        )
    for file, (cfg, texts) in wanted.items():
        backbone = cfg.model.backbone
        rows = embed(backbone, sentences(texts.templates, texts.names))
        shape = len(texts.templates), len(texts.names)
        texts.write(file, rows.unflatten(0, shape).float())
    return [*wanted]


def _classes(cfg: Config) -> Sequence[str]:
    for phase in ('test', 'val'):
        loader = cfg.get(f'{phase}_dataloader')
        dataset = loader.dataset if loader else {}
        listed = dataset.get('videos', dataset)
        classes = (listed.get('metainfo') or {}).get('classes')
        if classes:
            return classes
    return []

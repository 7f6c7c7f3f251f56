"""Where the numbers of a training come from: config, code, command, paper."""

import re
from itertools import takewhile
from os.path import basename, splitext
from typing import Any, Dict, Optional, Union

from mmengine.config import Config

from ...config.names import find_file
from ...engine.provenance import read_provenance
from ...evaluation import log_files

Facts = Dict[str, Any]
FIGURE = re.compile(r'([\d.]*\d) in (Table [IVX]+)')


def run_facts(work_dir: str) -> Facts:
    """What a training says of itself.

    Returns:
        dict: ``work_dir``; ``config``, its text with all that it inherits,
        None if it was not kept; and what :func:`read_provenance` finds.
    """
    file = config_file(work_dir)
    text = None
    if file:
        with open(file, encoding='utf-8') as lines:
            text = lines.read()
    return dict(work_dir=work_dir, config=text, **read_provenance(work_dir))


def config_file(work_dir: str) -> Optional[str]:
    """The config as the last start of a training has written it down."""
    found = log_files(work_dir, 'config.py')
    return found[-1] if found else None


def task_facts(cfg: Config) -> Facts:
    """What a config is about.

    Returns:
        dict: ``source`` and ``target``, names of their lists, None where
        there is none; ``classes``, their names or numbers.
    """
    pair = (cfg.get('train_dataloader') or {}).get('dataset') or {}
    tested = cfg.test_dataloader.dataset
    listed = tested.get('videos') or tested
    names = (listed.get('metainfo') or {}).get('classes')
    return dict(
        source=_list_name(pair.get('source')),
        target=_list_name(tested),
        classes=[*(names or range(cfg.model.cls_head.num_classes))],
    )


def _list_name(dataset: Union[None, dict, list]) -> Optional[str]:
    if isinstance(dataset, list):  # several sources
        return ' + '.join(filter(None, map(_list_name, dataset)))
    listed = (dataset or {}).get('videos') or dataset or {}
    file = listed.get('ann_file')
    return splitext(basename(file))[0] if file else None


def published(name: str) -> Optional[Facts]:
    """The paper's figure that the comment above a shipped config gives.

    Args:
        name (str): Of a config, or any other.

    Returns:
        dict, optional: ``figure``, in percent, and ``table``.
    """
    file = find_file(name)
    if file is None or not file.endswith('.py'):
        return None
    with open(file, encoding='utf-8') as text:
        head = takewhile(lambda line: line.startswith('#'), text)
        comment = ' '.join(line[1:].strip() for line in head)
    found = FIGURE.search(comment)
    return found and dict(figure=float(found[1]), table=found[2])

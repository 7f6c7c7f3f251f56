"""The weights that a config names: checked, fetched, told apart."""

import os.path as osp
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple

from ..faults import Faults, gathered
from . import hub
from .addresses import Address

STAGE = 'stage://'  # what earlier stages of a config make


class Named(NamedTuple):
    """A setting that names weights.

    Args:
        path (str): Its dotted path.
        text (str): What :class:`Address` reads; or of a ``model``, what
            :func:`~mmaction_uda.zoo.model_folder` reads.
        model (bool): Whether it is such a model.
    """

    path: str
    text: str
    model: bool = False

    def check(self) -> None:
        """Look at it, and at nothing that it names.

        Raises:
            Faults: What is wrong with it.
        """
        if not self.model:
            Address.parse(self.text)
        elif not osp.isdir(self.text):
            hub.check_model(self.text)

    def fetch(self) -> str:
        """Path of the file, downloaded if need be."""
        if self.model:
            return hub.weights_in(hub.model_folder(self.text))
        return Address.parse(self.text).fetch()


def named_weights(model: Any, path: str = 'model') -> Iterator[Named]:
    """What the settings of a model name as weights.

    That is every ``checkpoint``, and the ``model`` of Hugging Face's.

    Args:
        model (dict): Config of a model.
        path (str): Its dotted path. Defaults to ``'model'``.
    """
    items: Any = ()
    if isinstance(model, Mapping):
        items = model.items()
    elif isinstance(model, (list, tuple)):
        items = enumerate(model)
    for key, inner in items:
        place = f'{path}.{key}'
        if key == 'checkpoint':
            files = inner if isinstance(inner, Mapping) else {'': inner}
            for part, text in files.items():
                if isinstance(text, str) and not text.startswith(STAGE):
                    yield Named(f'{place}.{part}'.rstrip('.'), text)
        elif key == 'model' and str(model.get('type')).startswith('HF'):
            if isinstance(inner, str):
                yield Named(place, inner, True)
        else:
            yield from named_weights(inner, place)


def address_faults(model: Any) -> List[str]:
    """What is wrong with the weights that a model names.

    Whether they are there is not asked.

    Args:
        model (dict): Its config.
    """
    faults: List[str] = []
    for named in named_weights(model):
        found: List[str] = []
        with gathered(found):
            named.check()
        faults += [f'{named.path}: {fault}' for fault in found]
    return faults


def fetch(configs: Mapping[str, Mapping]) -> None:
    """Fetch all weights that configs name, before any other work.

    Args:
        configs (dict): Configs by their paths, as
            :func:`~mmaction_uda.config.checking.check_configs` takes them.

    Raises:
        Faults: Those of all. A file that is not there is none: what it must
            hold is told where a net is known.
    """
    faults: List[str] = []
    for place, cfg in configs.items():
        for named in named_weights(cfg.get('model')):
            found: List[str] = []
            with gathered(found):
                named.fetch()
            start = f'{place}: {named.path}' if place else named.path
            faults += [f'{start}: {fault}' for fault in found]
    if faults:
        raise Faults(*faults)


def files_of(model: Any) -> Dict[str, str]:
    """The files that settings of a model name, of those that are there.

    Args:
        model (dict): Its config.

    Returns:
        dict: ``{dotted path: file}``.
    """
    found: Dict[str, str] = {}
    for named in named_weights(model):
        address = f'hf://{named.text}' if named.model else named.text
        if named.model and osp.isdir(named.text):
            file = hub.weights_in(named.text)
        else:
            file = Address.parse(address).place
        if osp.isfile(file):
            found[named.path] = file
    return found

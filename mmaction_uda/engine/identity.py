"""What determines the numbers of a training, and what two of them differ in.

That are settings and the content of what they name: lists by names and
labels, videos by the sizes of their files, weights by their SHA-256. Where
these lie, how many workers read them, and what is logged or kept is no part
of it.
"""

import json
import os.path as osp
from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping

from mmengine.config import Config
from mmengine.dist import get_world_size
from mmengine.registry import init_default_scope

from ..config.names import short
from ..files import parsed, sha256_of
from ..garbage import no_collection
from ..zoo import files_of
from .contents import imported_content, list_content
from .counting import counting_settings, is_place
from .readings import readings

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
        for path, value in counting_settings(cfg):
            value = weights.get(path, value)
            if not is_place(value):
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

"""What a user wants of a directory, and how a training then begins."""

from dataclasses import dataclass, field
from typing import List, Optional, Union

from mmengine.config import Config

from .identity import Identity


@dataclass
class Start:
    """How a training is to begin.

    Args:
        identity (Identity): What it depends on.
        finished (bool): Whether there is nothing left to train.
        checkpoint (str, optional): What it goes on from.
        clear (bool): Whether another training has to make room first.
        notes (list[str]): What its log has to say of that.
    """

    identity: Identity
    finished: bool = False
    checkpoint: Optional[str] = None
    clear: bool = False
    notes: List[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """What a user wants of a directory that holds a training.

    Args:
        resume (bool or str): Go on, from the last whole checkpoint or from
            this one.
        overwrite (bool): Remove what is in the way.
        stage (bool): It comes before another training: if it is finished,
            nobody asks for its validation.
        longer (bool): A resume may train for more epochs than were planned.
    """

    resume: Union[bool, str] = False
    overwrite: bool = False
    stage: bool = False
    longer: bool = True

    @classmethod
    def of_config(cls, cfg: Config, wish: 'Wish') -> 'Wish':
        """With what the config says itself, as MMEngine reads it."""
        if cfg.get('resume') and not wish.resume:
            return cls(cfg.get('load_from') or True, wish.overwrite)
        return wish

    @classmethod
    def of_stage(cls, stage: Config, wish: 'Wish') -> 'Wish':
        """That of a stage: a checkpoint that is named is none of its."""
        resume = bool(wish.resume or stage.get('resume'))
        return cls(resume, wish.overwrite, True)


NO_WISH = Wish()

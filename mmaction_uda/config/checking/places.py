"""What a dict of a config may hold."""

from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, Union

from mmengine.registry import Registry

OWN = __package__.partition('.')[0]


def nothing() -> None:
    """Takes no arguments: what a dict without a class holds those of."""


@dataclass(frozen=True)
class Place:
    """What a dict at a place of a config may hold.

    Args:
        registry (Registry, optional): Where its ``type`` is looked up.
        default (callable, optional): What it holds the arguments of if it
            names no type; by default of nothing, or it has to name one.
        also (Sequence[str]): Keys that are read beside these arguments.
        fields (dict): Places of its keys, or functions that find them for
            the dict they lie in. Keys of no other place may be here.
        each (Place, optional): Keys are free names of such places.
        free (bool): It is not known what reads it.
        plain (bool): It may be no dict, but a value; a text is a name of
            the registry.
        whole (bool): No code fills in arguments that are left out.
    """

    registry: Optional[Registry] = None
    default: Optional[Callable] = None
    also: tuple = ()
    fields: Mapping[str, Union['Place', Callable[[Mapping], 'Place']]] = field(
        default_factory=dict
    )
    each: Optional['Place'] = None
    free: bool = False
    plain: bool = False
    whole: bool = False


FREE = Place(free=True)

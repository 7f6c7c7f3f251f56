"""Whether a training begins, goes on, is finished, or must not begin."""

import os.path as osp
from contextlib import ExitStack
from typing import Dict, List, Optional

from mmengine.config import Config

from ..faults import Faults, gathered
from .identity import EPOCHS, Identity
from .wishes import Start, Wish
from .work_dir import Checkpoint, WorkDir

OTHERWISE = 'choose another --work-dir, or train anew with --overwrite.'
SHOWN = 12  # settings that differ


def is_finished(stage: Config) -> bool:
    """Whether the weights of a stage are there.

    Raises:
        ValueError: If they come from other settings, or do not say.
    """
    place = WorkDir(stage)
    if not place.is_finished:
        return False
    here, there = Identity.of(stage).of_weights, place.identity_of_weights()
    differences = here.differences(there)
    if differences:
        raise Faults(
            f'{place.weights!r} was trained with other settings: '
            f'{_listed(differences)}. Take them back, {OTHERWISE}'
        )
    return True


def examine(cfg: Config, wish: Wish) -> Start:
    """Compare a config with the training in its directory.

    Args:
        cfg (Config): A checked config.
        wish (Wish): What is asked for.

    Raises:
        Faults: If it holds another training, or one that is not to go on.
    """
    place, here = WorkDir(cfg), Identity.of(cfg)
    if wish.stage and not wish.overwrite and is_finished(cfg):
        return Start(here, finished=True)
    if not place.is_taken:
        return Start(here)
    if wish.overwrite:
        kept = wish.stage and _is_same(cfg)
        return Start(here, finished=kept, clear=not kept)
    there = place.identity()
    if there is None:
        if wish.resume:
            return Start(here)
        raise Faults(
            f'{place.path!r} holds a training of other tools or of an older '
            f'version. Go on with it by --resume, {OTHERWISE}'
        )
    differences = here.differences(there)
    if place.is_finished and not differences:
        return Start(here, finished=True)
    _refuse(place.path, here, there, wish)
    return Start(here)


def _is_same(stage: Config) -> bool:
    try:
        return is_finished(stage)
    except ValueError:
        return False


def _refuse(path: str, here: Identity, there: Identity, wish: Wish) -> None:
    """Refuse to go on with a training, for a reason."""
    differences = here.differences(there)
    refused = differences
    if wish.longer:
        refused = _without_more_epochs(differences, here, there)
    if wish.resume and refused:
        raise Faults(
            f'{path!r} cannot be resumed with other settings: '
            f'{_listed(refused)}. Take them back, {OTHERWISE}'
        )
    if wish.resume:
        return
    if not differences:
        raise Faults(
            f'{path!r} holds this very training, not finished. Go on with '
            f'--resume, {OTHERWISE}'
        )
    going_on = '' if refused else 'go on with it by --resume, '
    raise Faults(
        f'{path!r} holds another training, with other settings: '
        f'{_listed(differences)}. Take them back, {going_on}{OTHERWISE}'
    )


def _without_more_epochs(
    differences: Dict[str, str], here: Identity, there: Identity
) -> Dict[str, str]:
    """What a resume cannot take over: it may train for longer."""
    longer = here.settings.get(EPOCHS, 0) > there.settings.get(EPOCHS, 0)
    return {k: v for k, v in differences.items() if k != EPOCHS or not longer}


def _listed(differences: Dict[str, str]) -> str:
    lines = [f'{key}: {text}' for key, text in differences.items()]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [f'and {len(lines) - SHOWN} more']
    return '; '.join(lines)


def claim(
    configs: Dict[str, Config], wishes: Dict[str, Wish], held: ExitStack
) -> Dict[str, Start]:
    """Lock directories, and find out how each training is to begin.

    Args:
        configs (dict): By ``stages.NAME``, or ``''``.
        wishes (dict): By the same.
        held (ExitStack): Takes the locks.

    Raises:
        Faults: Those of all.
    """
    starts: Dict[str, Start] = {}
    faults: List[str] = []
    for name, cfg in configs.items():
        with gathered(faults):
            held.enter_context(WorkDir(cfg).lock())
            starts[name] = begin(cfg, wishes[name])
    if faults:
        raise Faults(*faults)
    return starts


def begin(cfg: Config, wish: Wish) -> Start:
    """Like :func:`examine`, with the checkpoint to go on from."""
    start = examine(cfg, wish)
    if not wish.resume or start.finished:
        return start
    if isinstance(wish.resume, str):
        if not osp.isfile(wish.resume):
            raise Faults(f'--resume {wish.resume}: there is no such file.')
        found: Optional[Checkpoint] = Checkpoint.read(wish.resume)
    else:
        found = _last_whole(WorkDir(cfg), start.notes)
    if found is not None:
        start.checkpoint = found.path
        _compare(found, start, wish)
    return start


def _compare(found: Checkpoint, start: Start, wish: Wish) -> None:
    """Refuse a checkpoint of another training."""
    here, there = start.identity, found.identity
    if there is None:
        start.notes.append(
            f'{found.path!r} does not say what it was trained with: its '
            'settings are not compared with those of the config'
        )
    else:
        _refuse(found.path, here, there, wish)
        differences = here.differences(there)
        if differences:
            start.notes.append(
                f'{found.path!r} goes on with {_listed(differences)}'
            )
    epochs = here.settings.get(EPOCHS, found.epoch)
    if found.epoch > epochs:
        raise Faults(
            f'{found.path!r} has trained {found.epoch} epochs, {EPOCHS} is '
            f'{epochs}. Raise it, {OTHERWISE}'
        )


def _last_whole(place: WorkDir, notes: List[str]) -> Optional[Checkpoint]:
    """The last checkpoint that is whole; the others are named.

    There is none either where the first one was being written.
    """
    damaged: List[str] = []
    for path in place.checkpoints():
        try:
            found = Checkpoint.read(path)
        except Faults as error:
            damaged.append(str(error))
        else:
            notes += [f'{text}; {path!r} is used' for text in damaged]
            return found
    notes += [f'{text}; the training begins anew' for text in damaged]
    return None

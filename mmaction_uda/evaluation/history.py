"""What trainings wrote about their steps and validations."""

import os.path as osp
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from glob import escape, glob
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

from ..apis import class_names
from ..config.dumps import read_dump
from ..files import parsed
from .validators import PREFIX

TOP1, MEAN_CLASS = 'acc/top1', 'acc/mean1'
PREDICTIONS = 'predictions.jsonl'  # a line for each validation
LOG = re.compile(r'\d{8}_\d{6}')  # MMEngine's name of a folder of a log
# In the work directory: whose it is, and the folders of its logs.
RECORD = 'training.json'
Validations = Dict[int, Dict[str, float]]  # by epoch


@dataclass
class History:
    """What a training has recorded so far.

    Args:
        validations (dict): ``{epoch: {'acc/top1': ..., 'label_free/snd':
            ...}}``; shares, not percent.
        steps (list[dict]): Losses and monitors of the steps that were
            logged, in their order, each with its ``epoch``, from 1 on.
        classes (Sequence[str]): Names of the classes, where they are known.
        oracle (bool): Whether the training learnt from target labels.
    """

    validations: Validations = field(default_factory=dict)
    steps: List[Dict[str, float]] = field(default_factory=list)
    classes: Sequence[str] = ()
    oracle: bool = False

    def until(self, epoch: int) -> 'History':
        """The same when this epoch had ended."""
        found = {e: v for e, v in self.validations.items() if e <= epoch}
        steps = [step for step in self.steps if step['epoch'] <= epoch]
        return History(found, steps, self.classes, self.oracle)

    def validated(self, *names: str) -> List[List[float]]:
        """Numbers of the validations that have all of them, a row each."""
        rows = self.validations.values()
        return [[v[n] for n in names] for v in rows if set(names) <= set(v)]

    def logged(self, name: str) -> List[float]:
        """A monitor of the steps that were logged."""
        return [step[name] for step in self.steps if name in step]


def read_history(work_dir: str) -> History:
    """All that a training has recorded, also a resumed one.

    What a training repeats after it was interrupted, or begun anew in the
    same place, takes the place of what it had recorded of it.

    Args:
        work_dir (str): Holds ``<time>/vis_data/scalars.json``, and beside it
            the config.
    """
    history = History()
    files = _files(work_dir, 'scalars.json')
    for values in _rows(files):
        # Of a target without labels there are label-free numbers alone.
        if any(key.startswith(('acc/', PREFIX)) for key in values):
            found = {k: v for k, v in values.items() if '/' in k}
            history.validations[int(values['step'])] = found
        elif 'epoch' in values:
            steps = history.steps
            if steps and values['step'] <= steps[-1]['step']:
                history = history.until(int(values['epoch']) - 1)
            history.steps.append(values)
    history.validations = dict(sorted(history.validations.items()))
    if files:
        config = osp.join(osp.dirname(files[-1]), 'config.py')
        if osp.isfile(config):
            cfg = read_dump(config)
            # A training need have no test, and a test no training.
            if cfg.get('test_dataloader'):
                history.classes = class_names(cfg) or ()
            learnt = (cfg.get('train_dataloader') or {}).get('dataset', {})
            history.oracle = bool(learnt.get('keep_target_labels'))
    return history


def read_validations(work_dir: str) -> Validations:
    """Those of :func:`read_history`."""
    return read_history(work_dir).validations


@dataclass(frozen=True)
class Predictions:
    """What a validation predicted of the ``N`` videos of the test list.

    Args:
        seed (int): That of the training.
        predicted (tuple[int]): ``[N]`` classes.
        labels (tuple[int]): ``[N]`` classes, -1 where there is none.
    """

    seed: int
    predicted: Tuple[int, ...]
    labels: Tuple[int, ...]

    @property
    def correct(self) -> np.ndarray:
        """``[N]``, 1 for a video that is classified right, else 0."""
        return np.equal(self.predicted, self.labels).astype(int)

    @property
    def chance(self) -> float:
        """Accuracy of whoever always says the largest class."""
        return largest_share(self.labels)


def largest_share(labels: Sequence[int]) -> float:
    """Share of the largest class, in [0, 1]; -1 is no class."""
    known = Counter(label for label in labels if label >= 0)
    return max(known.values(), default=0) / len(labels)


def read_predictions(work_dir: str) -> Dict[int, Predictions]:
    """Those of a training by epoch, also of a resumed one.

    As in :func:`read_history`, what is repeated takes the place of what was
    there. Older trainings have none.

    Args:
        work_dir (str): Holds ``<time>/vis_data/predictions.jsonl``.
    """
    found: Dict[int, Predictions] = {}
    for row in _rows(_files(work_dir, PREDICTIONS)):
        found = {e: p for e, p in found.items() if e < row['epoch']}
        found[row['epoch']] = Predictions(
            row['seed'], tuple(row['predicted']), tuple(row['labels'])
        )
    return found


def read_record(work_dir: str) -> Optional[Dict[str, Any]]:
    """What tools/train.py has written of the training in a directory.

    Returns:
        dict, optional: ``identity``, text of the settings and contents; and
        ``logs``, names of the folders that it has logged into. None where
        other tools have trained, or an older version.

    Raises:
        ValueError: If the file is damaged.
    """
    file = osp.join(work_dir, RECORD)
    try:
        with open(file) as text:
            found = parsed(text.read())
        logs = [*found['logs']]
        if not all(map(LOG.fullmatch, logs)):  # --overwrite removes them
            raise ValueError(f'logs={logs!r}'[:80])
        return dict(identity=found['identity'], logs=logs)
    except FileNotFoundError:
        return None
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f'{file!r} is damaged ({type(error).__name__}: {error}). Remove '
            'it; the training is then one whose settings are not known.'
        ) from error


def _files(work_dir: str, name: str) -> List[str]:
    """Those of the training that the directory belongs to."""
    found = sorted(glob(osp.join(escape(work_dir), '*/vis_data', name)))
    record = read_record(work_dir)
    if record is None:
        return found
    return [f for f in found if Path(f).parts[-3] in record['logs']]


def _rows(files: List[str]) -> Iterator[Dict[str, Any]]:
    for file in files:
        with open(file) as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield dict(parsed(line))
                except (ValueError, TypeError):
                    warnings.warn(
                        f'{file!r}, line {number} is not whole, as a kill '
                        'leaves it: it is left out.',
                        stacklevel=2,
                    )

"""Signs that a training has gone wrong, each in one line.

Alarms are functions of what the training has recorded and of nothing else:
the log, tables and reports say the same, and so does a resumed training.
Thresholds and their reasons: docs/validators.md.
"""

from typing import Callable, Dict, Iterator, List, Optional

from .history import History
from .oracles import ORACLES, chance_line
from .validators import PREFIX

ONE_CLASS = 0.95  # share of the target's videos
FEWEST = 12  # logged steps, before alarms judge by them
NEVER_LEARNT, NEVER_FOOLED = 0.53, 0.97  # accuracies of a discriminator
GROWTH = 0.1  # share by which a gradient reversal still sets in
PAIRS = 2  # so few give the information bottleneck no loss
HELD = 3  # validations in a row
UNIFORM = 0.05  # standard deviation of weights, in units of their mean
ONE_HOT = 0.9  # weight of the heaviest frame
RISE, FALL = 0.1, 0.02  # of entropy, in units of log K; of source accuracy

Alarm = Callable[[History], Optional[str]]


def one_class(history: History) -> Optional[str]:
    """Nearly all target videos are predicted as one class."""
    for index, share in _held(history, 1, 'top_class', 'top_share'):
        if share >= ONE_CLASS:
            name = [*history.classes][int(index) : int(index) + 1]
            said = ' '.join([f'class {index:.0f}', *name])
            return f'{share:.0%} of the target is predicted as {said}'
    return None


def unpredicted(history: History) -> Optional[str]:
    """Classes of the source are missing among the predictions."""
    rows = _held(history, HELD, 'unpredicted', 'source_classes')
    if not rows or not min(rows)[0] or one_class(history):
        return None
    number, classes = rows[-1]
    return (
        f"{number:.0f} of the source's {classes:.0f} classes are predicted "
        'for no target video'
    )


def never_learnt(history: History) -> Optional[str]:
    """A discriminator has not told the domains apart in any third."""
    for name, values in _discriminators(history):
        size = len(values) // 3
        thirds = values[:size], values[size:-size], values[-size:]
        best = max(map(_mean, thirds))
        if best <= NEVER_LEARNT:
            return (
                f'{name}: the discriminator has never told the domains apart '
                f'({best:.1%} at best)'
            )
    return None


def never_fooled(history: History) -> Optional[str]:
    """A discriminator tells all in spite of a full reversal."""
    reversal = _third(history.logged('grl_coeff')) or [0.0]
    if reversal[-1] - reversal[0] > GROWTH * abs(reversal[-1]):
        return None
    for name, values in _discriminators(history):
        share = _mean(_third(values))
        if share >= NEVER_FOOLED:
            return (
                f'{name}: the discriminator is never fooled ({share:.1%}): '
                'the domains stay apart'
            )
    return None


def no_pairs(history: History) -> Optional[str]:
    """The information bottleneck has nothing to pair."""
    pairs = history.logged('num_pairs')
    if len(pairs) >= FEWEST and max(_third(pairs)) <= PAIRS:
        return (
            'num_pairs: no source and target rows of one class: the '
            'information bottleneck is idle'
        )
    return None


def uniform_attention(history: History) -> Optional[str]:
    """MDTA weighs all frames alike."""
    spreads = [row[0] for row in _held(history, HELD, 'frame_spread')]
    if spreads and max(spreads) < UNIFORM:
        return f'MDTA is a plain mean over frames (spread {spreads[-1]:.1g})'
    return None


def one_hot_attention(history: History) -> Optional[str]:
    """MDTA looks at one frame of a video."""
    weights = [row[0] for row in _held(history, HELD, 'top_frame')]
    if weights and min(weights) >= ONE_HOT:
        return (
            f'MDTA looks at one frame alone ({weights[-1]:.0%} of the weight)'
        )
    return None


def entropy_rises(history: History) -> Optional[str]:
    """Target predictions grow unsure, and the source does not show it."""
    rows = history.validated(f'{PREFIX}/confidence', f'{PREFIX}/source_acc')
    if len(rows) <= HELD:
        return None
    lowest, accuracy = max(rows[:-HELD])
    rose = all(
        lowest - sure >= RISE and right >= accuracy - FALL
        for sure, right in rows[-HELD:]
    )
    if rose:
        sure, right = rows[-1]
        return (
            f'target entropy rises ({-lowest:.2f} to {-sure:.2f}) while '
            f'source accuracy holds ({right:.1%})'
        )
    return None


def source_chance(history: History) -> Optional[str]:
    """The source is not learnt."""
    rows = _held(history, 1, 'source_acc', 'source_chance')
    return chance_line('source', *rows[-1]) if rows else None


ALARMS: Dict[str, Alarm] = dict(
    one_class=one_class,
    unpredicted=unpredicted,
    never_learnt=never_learnt,
    never_fooled=never_fooled,
    no_pairs=no_pairs,
    uniform_attention=uniform_attention,
    one_hot_attention=one_hot_attention,
    entropy_rises=entropy_rises,
    source_chance=source_chance,
)


def alarm_lines(history: History, oracles: bool = False) -> Dict[str, str]:
    """Lines of the alarms that hold, by name.

    Args:
        history (History): What a training has recorded.
        oracles (bool): Also those that target labels tell, for tables of
            trainings that are over. Defaults to False.
    """
    asked = {**ALARMS, **(ORACLES if oracles else {})}
    found = {name: alarm(history) for name, alarm in asked.items()}
    return {name: line for name, line in found.items() if line}


def new_alarms(history: History) -> List[str]:
    """Lines of those that did not hold at the validation before the last."""
    earlier = [0, 0, *history.validations][-2]
    before, now = alarm_lines(history.until(earlier)), alarm_lines(history)
    return [line for name, line in now.items() if name not in before]


def _held(history: History, size: int, *names: str) -> List[List[float]]:
    """Numbers of the last ``size`` validations, if so many have them."""
    rows = history.validated(*(f'{PREFIX}/{n}' for n in names))
    return rows[-size:] if len(rows) >= size else []


def _discriminators(history: History) -> Iterator[tuple]:
    """Monitors of discriminators with steps enough to judge by."""
    names = {n for s in history.steps for n in s if n.startswith('domain_acc')}
    for name in sorted(names):
        values = history.logged(name)
        if len(values) >= FEWEST:
            yield name, values


def _third(values: List[float]) -> List[float]:
    """The last third."""
    return values[len(values) - len(values) // 3 :]


def _mean(values: List[float]) -> float:
    return sum(values) / len(values)

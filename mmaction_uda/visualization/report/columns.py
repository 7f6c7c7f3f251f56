"""The columns of the table, as text."""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional

Facts = Dict[str, Any]
NONE = '–'
NO_LABELS = 'The target has no labels: no accuracy is known.\n\n'
# Columns in which the best method is marked.
COMPARED = ('top1', 'mean_class', 'chosen')


class Cell(NamedTuple):
    """Text, and whether it is to stand out."""

    text: str
    strong: bool = False


Columns = Dict[str, List[Cell]]  # by title, a cell for each method


def columns(facts: Facts) -> Columns:
    """The columns of the table; what nobody has is left out.

    Bold are the best method of a column, bounds aside, and differences whose
    interval excludes 0.
    """
    methods = facts['methods']
    found: Columns = dict(method=[Cell(name) for name in methods])
    found['seeds'] = [Cell(str(len(m['seeds']))) for m in methods.values()]
    for key, title in titles(facts).items():
        best = _best(facts, key)
        found[title] = [
            Cell(_mean_std(one[key]), name in best)
            for name, one in methods.items()
        ]
    for row, one in enumerate(methods.values()):
        cell = found['top-1'][row]
        text = cell.text + _brackets(one['interval'])
        found['top-1'][row] = cell._replace(text=text)
    found.update(_optional(facts))
    return found


def titles(facts: Facts) -> Dict[str, str]:
    return dict(
        top1='top-1',
        mean_class='mean-class',
        chosen=f'epoch chosen by {facts["validator"]}',
        best='best epoch (oracle)',
    )


def _optional(facts: Facts) -> Iterator[tuple]:
    """Columns that not every table has."""
    methods = [*facts['methods'].values()]
    if any(one['published'] for one in methods):
        figures = [one['published'] for one in methods]
        yield (
            'paper',
            [
                Cell(f'{f["figure"]:.1f} ({f["table"]})' if f else NONE)
                for f in figures
            ],
        )
    if facts['lower'] and facts['upper']:
        shares = [one['share'] for one in methods]
        yield (
            'share of the gap',
            [Cell(NONE if s is None else f'{s:.0f} %') for s in shares],
        )
    for other in facts['others']:
        yield (
            f'difference to {other}',
            [_signed(one['versus'][other]) for one in methods],
        )
    if all('costs' in one for one in methods):
        costs = [one['costs'] for one in methods]
        yield 'minutes', [Cell(f'{c["minutes"]:.1f}') for c in costs]
        yield (
            'learnt parameters, thousands',
            [Cell(f'{c["parameters"]:.0f}') for c in costs],
        )


def _best(facts: Facts, key: str) -> List[str]:
    """The best of two or more methods that are no bounds."""
    bounds = facts['lower'], facts['upper']
    means = {
        name: one[key]['mean']
        for name, one in facts['methods'].items()
        if name not in bounds and one[key]['mean'] is not None
    }
    if key not in COMPARED or len(means) < 2:
        return []
    return [n for n, mean in means.items() if mean == max(means.values())]


def lists_text(facts: Facts) -> str:
    """A paragraph for each test list, usually one."""
    found = [one['top1']['values'] for one in facts['methods'].values()]
    if all(value is None for values in found for value in values):
        return NO_LABELS
    return ''.join(
        f'{one["n"]} test videos, chance {one["chance"]:.1f} % (largest '
        'class of the test list). In brackets: 95 % intervals over these '
        'videos. Bold: the best of two or more methods, bounds aside; '
        'differences whose interval excludes 0.\n\n'
        for one in facts['lists']
    )


def _mean_std(found: Facts) -> str:
    """``mean ± std``, the value of a single seed, – for none."""
    if found['mean'] is None:
        return NONE
    text = f'{found["mean"]:.1f}'
    return text if found['std'] is None else f'{text} ± {found["std"]:.1f}'


def _brackets(found: Optional[Facts], sign: str = '') -> str:
    """`` [low, high]``, empty for none."""
    if found is None:
        return ''
    low, high = (f'{found[end]:{sign}.1f}' for end in ('low', 'high'))
    return f' [{low}, {high}]'


def _signed(found: Optional[Facts]) -> Cell:
    """``mean [low, high]`` of a difference, – for none."""
    if found is None:
        return Cell(NONE)
    text = f'{found["mean"]:+.1f}{_brackets(found, "+")}'
    return Cell(text, found['clear'])

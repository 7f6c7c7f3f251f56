"""The table of a report, for people, papers and programs."""

import csv
import io
import re
from typing import Any, Dict

from .columns import NONE, columns, lists_text, titles

Facts = Dict[str, Any]
LATEX = {
    **{char: f'\\{char}' for char in '&%$#_{}'},
    '\\': r'\textbackslash{}',
    '~': r'\textasciitilde{}',
    '^': r'\textasciicircum{}',
    '±': r'$\pm$',
    NONE: '--',
}
SIGN = re.compile(r'(?<!\w)[+-](?=\d)')


def to_markdown(facts: Facts) -> str:
    """What is known of the test list, the table, warnings and alarms."""
    found = columns(facts)
    rows = [
        [f'**{c.text}**' if c.strong else c.text for c in row]
        for row in zip(*found.values())
    ]
    lines = [list(found), ['---'] * len(found), *rows]
    text = lists_text(facts)
    text += '\n'.join(f'| {" | ".join(line)} |' for line in lines)
    for head, said in (
        ('Warnings', facts['warnings']),
        ('Alarms (docs/validators.md)', facts['alarms']),
    ):
        if said:
            text += f'\n\n{head}:\n\n' + '\n'.join(f'- {x}' for x in said)
    return text


def to_latex(facts: Facts) -> str:
    """A table for the package booktabs."""
    found = columns(facts)
    rows = [
        [
            f'\\textbf{{{_latex(c.text)}}}' if c.strong else _latex(c.text)
            for c in row
        ]
        for row in zip(*found.values())
    ]
    return '\n'.join(
        [
            f'% {line}'
            for line in [*facts['warnings'], r'\usepackage{booktabs}']
        ]
        + [
            rf'\begin{{tabular}}{{l{"r" * (len(found) - 1)}}}',
            r'\toprule',
            ' & '.join(map(_latex, found)) + r' \\',
            r'\midrule',
            *(' & '.join(row) + r' \\' for row in rows),
            r'\bottomrule',
            r'\end{tabular}',
        ]
    )


def to_csv(facts: Facts) -> str:
    """Bare numbers, a line for each method, percent and points."""
    rows = [_numbers(facts, name) for name in facts['methods']]
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0]], lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().rstrip('\n')


def _numbers(facts: Facts, name: str) -> Facts:
    """A line of :func:`to_csv`; what is missing is empty."""
    one = facts['methods'][name]
    row: Facts = dict(method=name, seeds=' '.join(map(str, one['seeds'])))
    for key in titles(facts):
        row[key] = one[key]['mean']
        row[f'{key}_std'] = one[key]['std']
    interval = one['interval'] or {}
    row.update({f'top1_{end}': interval.get(end) for end in ('low', 'high')})
    tested = facts['lists'][one['list']] if one['list'] is not None else {}
    row.update(n=tested.get('n'), chance=tested.get('chance'))
    row.update(paper=(one['published'] or {}).get('figure'))
    row.update(share=one['share'])
    for other in facts['others']:
        found = one['versus'][other] or {}
        for end in ('mean', 'low', 'high'):
            row[f'to {other} {end}'] = found.get(end)
    row.update(one.get('costs', {}))
    return row


FORMATS = dict(markdown=to_markdown, latex=to_latex, csv=to_csv)
ENDINGS = dict(markdown='md', latex='tex', csv='csv')


def _latex(text: str) -> str:
    plain = ''.join(LATEX.get(char, char) for char in text)
    return SIGN.sub(r'$\g<0>$', plain)

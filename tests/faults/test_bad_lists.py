"""Every line of every list, changed in every way, before any work begins."""

from pathlib import Path

import pytest
from helpers.data import without_tokens
from helpers.faults import outcome

from mmaction_uda.engine import prepare
from mmaction_uda.engine.checking import check

LISTS = 'data/demo/seed0_distractors0'
LABELLED = ('source_train', 'target_test')
KINDS = {
    'no class': lambda name, label: f'{name} 8',
    'negative': lambda name, label: f'{name} -2',
    'fraction': lambda name, label: f'{name} {label}.5',
    'not a number': lambda name, label: f'{name} nan',
    'name of a class': lambda name, label: f'{name} walk',
    'huge': lambda name, label: f'{name} {10**20}',
    'a column more': lambda name, label: f'{name} 32 {label}',
    'comma': lambda name, label: f'{name},{label}',
    'semicolon': lambda name, label: f'{name}; {label}',
    'quotes': lambda name, label: f'"{name}" {label}',
    'no such video': lambda name, label: f'{name}.mp4 {label}',
    'elsewhere': lambda name, label: f'../{name} {label}',
    'no folder': lambda name, label: f'{Path(name).name} {label}',
    'zero byte': lambda name, label: f'{name}\0 {label}',
    'endless': lambda name, label: f'{"a" * 5000}.mp4 {label}',
    'two labels': lambda name, label: f'{name} {label}\n{name} 3',
    'a comment': lambda name, label: f'# a comment\n{name} {label}',
}
NEEDED = {'no label': lambda name, label: name}


@pytest.fixture
def demo(make_config, monkeypatch):
    return without_tokens(make_config('transferattn_demo'), monkeypatch)


def start(cfg) -> None:
    """What a tool does before a video is decoded."""
    (stored,) = check([cfg])
    prepare(cfg, stored=stored)


def check_lines(cfg, name: str, numbers, record_property) -> None:
    """Change some lines of a list, one by one, in every way."""
    file = Path(LISTS, f'{name}.txt')
    right = file.read_text().splitlines()
    kinds = {**KINDS, **(NEEDED if name in LABELLED else {})}
    wrong, tried = [], 0
    for number in numbers(range(len(right))):
        video, label = right[number].split()
        for kind, change in kinds.items():
            if kind == 'two labels' and label == '3':
                continue
            lines = [*right]
            lines[number] = change(video, label)
            file.write_text('\n'.join(lines))
            names = (
                f'line {number + 1}',
                f'lines {number + 1} and',
                Path(video).name,
            )
            found = outcome(lambda: start(cfg), *names, 'aaaaa')
            if found != 'told':
                wrong.append(f'{kind}, line {number + 1}: {found}')
            tried += 1
        file.write_bytes(
            '\n'.join(right).encode().replace(b'mp4', b'\xff\xfe', 1)
        )
        if outcome(lambda: start(cfg), str(file)) != 'told':
            wrong.append('bytes')
        tried += 1
    file.write_text('\n'.join(right))
    check([cfg])
    assert tried and not wrong
    record_property('tried: bad lines of lists', tried)


@pytest.mark.parametrize('name', [*LABELLED, 'target_train'])
def test_some_lines(demo, name, record_property):
    """The first, one in the middle and the last."""
    check_lines(
        demo,
        name,
        lambda all: [*all][:: len(all) // 2 - 1][:3],
        record_property,
    )


@pytest.mark.full
@pytest.mark.parametrize('name', [*LABELLED, 'target_train'])
def test_every_line(demo, name, record_property):
    check_lines(demo, name, lambda all: all, record_property)

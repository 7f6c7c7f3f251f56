"""Lists give back the names and labels that were written."""

import os.path as osp
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmaction_uda.lists import read_list

# Letters of all scripts, digits, signs and blanks; no control characters.
TEXTS = st.text(
    st.characters(
        exclude_categories=['C', 'Zl', 'Zp'], exclude_characters='/'
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip())
NAMES = st.lists(TEXTS, min_size=1, max_size=3).map(
    lambda parts: '/'.join(parts) + '.mp4'
)
# What ends in a video's name, then a comma, is a table.
LINES = st.lists(
    st.tuples(
        NAMES.filter(lambda name: name.count('.mp4') == 1),
        st.integers(-1, 10**6),
    ),
    min_size=1,
    max_size=8,
)
ENDS = st.sampled_from(['\n', '\r\n', '\n\n', '\n \t\n'])
GAPS = st.sampled_from([' ', '\t', '  ', ' \t '])


def read(text: str, encoding: str = 'utf-8', **kwargs) -> list:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, 'list.txt')
        file.write_bytes(text.encode(encoding))
        return read_list(str(file), **kwargs)


@given(LINES, ENDS, GAPS, st.sampled_from(['utf-8', 'utf-8-sig']))
def test_what_was_written_is_read(lines, end, gap, encoding):
    """Names with blanks, brackets, quotes …; any ends of lines."""
    text = ''.join(f'{name}{gap}{label}{end}' for name, label in lines)
    found = read(text, encoding)
    assert [(x.name, x.label) for x in found] == [
        (osp.normpath(name), label) for name, label in lines
    ]
    step = end.count('\n')
    assert [x.number for x in found] == [
        1 + step * i for i in range(len(lines))
    ]


@given(LINES, ENDS)
def test_names_alone_have_no_label(lines, end):
    found = read(''.join(f'{name}{end}' for name, _ in lines))
    assert [(x.name, x.label) for x in found] == [
        (osp.normpath(name), -1) for name, _ in lines
    ]


@given(LINES, st.integers(1, 10**5))
def test_folders_of_frames(lines, number):
    text = ''.join(f'{n[:-4]}x {number} {label}\n' for n, label in lines)
    found = read(text, frames=True)
    assert [(x.name, x.frames, x.label) for x in found] == [
        (osp.normpath(f'{name[:-4]}x'), number, label) for name, label in lines
    ]


@given(LINES, st.data())
def test_a_line_of_another_format_is_named(lines, data):
    bad = data.draw(st.sampled_from(['path label', '# note', 'a.mp4 0.5']))
    number = data.draw(st.integers(0, len(lines)))
    texts = [f'{name} {label}' for name, label in lines]
    texts.insert(number, bad)
    with pytest.raises(ValueError) as caught:
        read('\n'.join(texts))
    assert f'line {number + 1}: {bad!r}' in str(caught.value)

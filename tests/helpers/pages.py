"""The documents: their blocks of code, and what stands inside of lines."""

import re
from itertools import product
from pathlib import Path
from typing import Iterator, List, NamedTuple, Set

from .configs import ROOT

PAGES = sorted(
    str(page.relative_to(ROOT))
    for pattern in ('*.md', 'docs/*.md', 'tools/**/*.md', '.github/**/*.md')
    for page in ROOT.glob(pattern)
)
# bash: checked, and console: run and compared (test_commands_of_pages.py);
# python: run, or, if it only sets a config, checked (test_code_of_pages.py).
LANGUAGES = ('bash', 'console', 'python', 'yaml', 'text')
FENCED = re.compile(
    r'^(?:<!-- ([^\n]*) -->\n)?```(\w*)\n(.*?)^```$', re.M | re.S
)
INDENTED = re.compile(r'^\n((?:(?: {4,}|\t)\S.*\n|\n(?= {4}))+)', re.M)


class Block(NamedTuple):
    """A block of code.

    A comment above it, ``<!-- file: PATH -->``, says which file a reader is
    to write with it, ``<!-- not run: REASON -->`` that no test can run it.
    """

    page: str
    mark: str
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file that a reader writes with it, or nothing."""
        found = re.fullmatch(r'file: (\S+)', self.mark)
        return found[1] if found else ''

    @property
    def left_out(self) -> bool:
        """Whether it says why it cannot be run."""
        return bool(re.fullmatch(r'not run: .+', self.mark))


def text_of(page: str) -> str:
    """What a page holds."""
    return (ROOT / page).read_text(encoding='utf-8')


def blocks(text: str, page: str = '') -> List[Block]:
    """All fenced blocks of a text."""
    return [Block(page, *found) for found in FENCED.findall(text)]


def blocks_of(page: str, *languages: str) -> List[Block]:
    """Those of a page, in some languages."""
    found = blocks(text_of(page), page)
    return [b for b in found if b.language in languages]


def without_blocks(text: str) -> str:
    """What is left of a text."""
    return FENCED.sub('', text)


def without_commands(text: str) -> str:
    """A text without blocks for a shell, of which other tests take care."""
    return FENCED.sub(
        lambda found: '' if found[2] in ('bash', 'console') else found[0], text
    )


def spans(text: str) -> List[str]:
    """Code inside of lines."""
    found = re.findall(r'`([^`]+)`', without_blocks(text))
    return [' '.join(x.split()) for x in found]


def code(text: str) -> List[str]:
    """All code, continued lines joined."""
    found = [block.text for block in blocks(text)] + spans(text)
    return [block.replace('\\\n', ' ') for block in found]


def expanded(word: str) -> Iterator[str]:
    """``a_{b,c}`` as the shell writes it."""
    parts = re.split(r'\{([\w,]*,[\w,]*)\}', word)
    choices = [
        part.split(',') if i % 2 else [part] for i, part in enumerate(parts)
    ]
    return map(''.join, product(*choices))


def is_placeholder(word: str) -> bool:
    """Whether capitals, ``…`` or brackets stand for something else."""
    return bool(re.search(r'[A-Z]{3}|…|[<{$]', word))


def words(text: str) -> Set[str]:
    """Words of all code; placeholders are none of them."""
    found = set()
    for part in code(text):
        for word in re.split(r'[\s"\'()=|;:]+', part):
            found |= set(expanded(word.strip('.,`…')))
    return {w for w in found if not is_placeholder(w)}


def write_files(page: str, folder: Path) -> List[Path]:
    """Write what a reader of a page is to write."""
    files = []
    for block in blocks_of(page, *LANGUAGES):
        if block.file:
            files.append(folder / block.file)
            files[-1].parent.mkdir(parents=True, exist_ok=True)
            files[-1].unlink(missing_ok=True)  # a link to what is shipped
            files[-1].write_text(block.text, encoding='utf-8')
    return files

"""What the documents name is there: paths, configs, links, options, settings.

Blocks for a shell and programs are for test_commands_of_pages.py and
test_code_of_pages.py.
"""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from functools import cache
from glob import glob
from importlib.util import find_spec
from typing import Iterator, List, Set, Tuple

import pytest
from helpers.configs import ROOT
from helpers.pages import (
    PAGES,
    blocks_of,
    code,
    spans,
    text_of,
    without_commands,
    words,
)
from helpers.settings import ENDINGS, SETTING, is_read
from mmaction.registry import MODELS, RUNNERS, TRANSFORMS
from mmengine.config import Config

from mmaction_uda.config import load_config, names
from mmaction_uda.config.names import experiments, layers
from mmaction_uda.faults import Faults

FOLDERS = ('configs', 'docs', 'mmaction_uda', 'tools', 'tests')
TOOLS = sorted(
    (
        str(file.relative_to(ROOT))
        for file in ROOT.glob('tools/**/*.py')
        if not file.name.startswith('_') and file.name != 'cli.py'
    ),
    key=lambda tool: (tool.count('/'), tool[::-1]),
)
LAYERS = ('tasks', 'backbones', 'settings', 'methods', 'schedules')
# What a page tells its reader to write.
OWN = {
    'configs/mean_difference_demo.py',
    'configs/transferattn_filters_demo.py',
    'configs/_base_/tasks/mine.py',
    'backbones/my_i3d.py',
}
# Of PyTorch, MMAction2, the authors' code, and folders that a reader has.
OF_OTHERS = {
    'DistributedDataParallel',
    'adv_coeff',
    'high_jump',
    'rec_labels',
    'rec_scores',
    'videos_val',
    'x_t',
}
OWN_WORDS = re.compile(r'mean_difference|_filters_|my_i3d|_mine\b')
# Names of experiments end so; TASK or BACKBONE stand for any.
CONFIG = re.compile(
    r'[a-z0-9_]+_(?:demo|sprites|ucf2hmdb|hmdb2ucf|kinetics2necdrone'
    r'|jhmdb2utd|utd2jhmdb|nwucla1to3|nwucla3to1|ut1to2|ut2to1)'
    r'(?:_[a-z0-9_]+)?'
)
COMBINED = re.compile(r'[a-z0-9_]+(?:@[a-z0-9_]+){1,2}')
TOOL = re.compile(r'\btools/[\w/]+\.py')
# Names of code: two words of small letters, or of capitalised ones.
NAME = re.compile(r'[a-z]\w*_\w+|[A-Z]\w*[a-z][A-Z]\w*')
OPTION = re.compile(r'(?<![\w-])--[a-z][\w-]*')


# -- what is wrong with a page -----------------------------------------------
def missing_paths(text: str) -> List[str]:
    """Paths that are not there; globs and layers are looked up, too."""
    places = {folder: '' for folder in FOLDERS}
    places |= {kind: 'configs/_base_' for kind in LAYERS}
    missing = []
    for word in words(text):
        first, slash, _ = word.partition('/')
        if not slash or first not in places or word in OWN:
            continue
        if not glob(str(ROOT / places[first] / word)):
            missing.append(word)
    return sorted(missing)


def missing_configs(text: str) -> List[str]:
    """Experiments, layers and combinations that cannot be read."""
    known = set(experiments()).union(*map(layers, LAYERS))
    missing = []
    for word in words(without_commands(text)):
        stem = word.rpartition('/')[2].removesuffix('.py')
        if OWN_WORDS.search(stem):
            continue
        if '*' in stem and '/' not in word:
            pattern = re.compile(stem.replace('*', r'\w+'))
            is_config = stem.partition('_')[0] in methods()
            wrong = is_config and not any(map(pattern.fullmatch, known))
        elif COMBINED.fullmatch(stem):
            wrong = not loads(stem)
        else:
            # Stores, lists and figures may end so, but do not begin so.
            is_config = CONFIG.fullmatch(stem) and (
                stem.partition('_')[0] in methods()
            )
            wrong = is_config and stem not in known
        if wrong:
            missing.append(word)
    return sorted(missing)


@cache
def methods() -> Set[str]:
    """First words of the names of all methods."""
    return {name.partition('_')[0] for name in layers('methods')} | {'oracle'}


@cache
def loads(name: str) -> bool:
    try:
        load_config(name)
    except Faults:
        return False
    return True


def missing_modules(text: str) -> List[str]:
    """``mmaction_uda.a.b`` that is neither a module nor what is in one."""
    missing = []
    for word in words(text):
        if re.fullmatch(r'mmaction_uda(\.\w+)+', word):
            module, _, name = word.rpartition('.')
            if not (
                find_spec(word)
                if find_spec(module).submodule_search_locations
                else hasattr(importlib.import_module(module), name)
            ):
                missing.append(word)
    return missing


def slug(heading: str) -> str:
    """The anchor of a heading."""
    plain = re.sub(r'[^\w\s-]', '', heading.strip().lower())
    return plain.replace(' ', '-')


def broken_links(page: str, text: str) -> List[str]:
    """Links to files that are not there, or to no heading of a page."""
    broken = []
    for target in re.findall(r'\]\(([^)\s]+)\)', text):
        if re.match(r'https?:', target):
            continue
        path, _, anchor = target.partition('#')
        file = (ROOT / page).parent / path if path else ROOT / page
        if not file.exists():
            broken.append(target)
        elif anchor:
            found = text if not path else file.read_text(encoding='utf-8')
            headings = re.findall(r'^#+ (.*)$', found, re.M)
            if anchor not in map(slug, headings):
                broken.append(target)
    return broken


@cache
def all_words() -> Set[str]:
    """Of our code, and names of what the hosts register and read."""
    files = [
        file
        for folder in ('mmaction_uda', 'configs', 'tools', 'bin')
        for file in ROOT.joinpath(folder).rglob('*')
        if file.suffix in ('.py', '.sh', '.txt', '.html', '')
        and file.is_file()
    ]
    found = set()
    for file in files:
        found |= {*re.findall(r'\w+', file.read_text('utf-8', 'replace'))}
    for registry in (MODELS, TRANSFORMS, RUNNERS):
        found |= {*registry.module_dict, *registry.parent.module_dict}
    return found.union(OF_OTHERS, experiments(), *map(layers, LAYERS))


@cache
def options_of(tool: str) -> Set[str]:
    """Options in the help of a tool."""
    done = subprocess.run(
        [sys.executable, str(ROOT / tool), '--help'],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f'{tool}: {done.stderr}'
    usage = done.stdout.partition('example:')[0]
    return set(OPTION.findall(usage))


def calls(text: str) -> Iterator[Tuple[str, List[str]]]:
    """Calls of tools inside of lines, and their options."""
    for part in code(without_commands(text)):
        for line in re.split(r'\n|&&', part):
            line = re.sub(r'\s#.*', '', line)
            starts = [m.start() for m in TOOL.finditer(line)]
            for start, end in zip(starts, [*starts[1:], None]):
                call = line[start:end]
                tool = TOOL.match(call)[0]
                if (ROOT / tool).is_file():
                    yield tool, OPTION.findall(call)


def unknown_options(text: str) -> List[str]:
    """Options that the tool does not have, or, standing alone, no tool."""
    found = {
        f'{tool} {option}'
        for tool, options in calls(text)
        for option in options
        if option not in options_of(tool)
    }
    alone = {m[0] for m in map(OPTION.match, spans(text)) if m}
    return sorted(found | {o for o in alone if not any_has(o)})


def any_has(option: str) -> bool:
    """Whether a tool has it; the ones in most use are asked first."""
    return any(option in options_of(tool) for tool in TOOLS)


def missing_settings(text: str) -> List[str]:
    """Settings inside of lines that no config of any method reads."""
    found = {m[0] for span in spans(text) for m in SETTING.finditer(span)}
    named = {name for name in found if not name.endswith(ENDINGS)}
    return sorted(name for name in named if not is_read(name))


def missing_names(text: str) -> List[str]:
    """Names inside of lines that stand nowhere in our code, or the host's."""
    found = {s for s in spans(text) if NAME.fullmatch(s)}
    return sorted(n for n in found if n not in all_words())


def faults(page: str, text: str) -> List[str]:
    return [
        *missing_paths(text),
        *missing_configs(text),
        *missing_modules(text),
        *broken_links(page, text),
        *unknown_options(text),
        *missing_settings(text),
        *missing_names(text),
    ]


# -- the pages ---------------------------------------------------------------
@pytest.mark.parametrize('page', PAGES)
def test_what_a_page_names_is_there(page):
    assert faults(page, text_of(page)) == []


def test_pages_name_something():
    """The search finds what it is to find."""
    text = ''.join(map(text_of, PAGES))
    found = words(text)
    assert len([w for w in found if w.startswith(FOLDERS)]) > 50
    assert len([w for w in found if COMBINED.fullmatch(w)]) > 10
    assert len([w for w in found if CONFIG.fullmatch(w)]) > 10
    assert len({tool for tool, _ in calls(text)}) > 10


@pytest.mark.parametrize(
    ('text', 'wrong'),
    [
        ('`configs/_base_/models/i3d.py`', 'configs/_base_/models/i3d.py'),
        ('`backbones/no.py`', 'backbones/no.py'),
        ('```\ntools/{train,no}.py\n```', 'tools/no.py'),
        ('`target_only_i3d_ucf2hmdb`', 'target_only_i3d_ucf2hmdb'),
        ('`{mmd,coral}_i3d_ucf2hmdb`', 'coral_i3d_ucf2hmdb'),
        ('`target_only_*`', 'target_only_*'),
        ('`dann@no_ucf2hmdb`', 'dann@no_ucf2hmdb'),
        ('`dann@demo@no`', 'dann@demo@no'),
        ('`mmaction_uda.apis.no`', 'mmaction_uda.apis.no'),
        ('[x](docs/no.md)', 'docs/no.md'),
        ('[x](docs/scale.md#no)', 'docs/scale.md#no'),
        ('`tools/test.py --no`', 'tools/test.py --no'),
        ('`--no-such KEY`', '--no-such'),
        ('`model.neck.dept`', 'model.neck.dept'),
        ('`--cfg-options train_cfg.no=1`', 'train_cfg.no'),
        ('`NoSuchHook`', 'NoSuchHook'),
        ('`no_such_loss`', 'no_such_loss'),
    ],
)
def test_what_is_not_there_is_found(text, wrong):
    assert wrong in faults('README.md', text)


def literals() -> str:
    """All texts in the code, a line each, ``…`` for what differs."""
    found = []
    for folder in ('mmaction_uda', 'tools'):
        for file in ROOT.joinpath(folder).rglob('*.py'):
            for node in ast.walk(ast.parse(file.read_text('utf-8'))):
                if isinstance(node, ast.JoinedStr):
                    parts = [getattr(v, 'value', '…') for v in node.values]
                    parts = [p if isinstance(p, str) else '…' for p in parts]
                    found.append(''.join(parts))
                elif isinstance(node, ast.Constant):
                    found.append(str(node.value))
    return '\n'.join(text.replace('\n', ' ') for text in found)


def test_lines_of_troubleshooting_are_those_of_the_code():
    page = text_of('docs/troubleshooting.md').partition('## No error')[0]
    lines = re.findall(r'^\|[^|`]*`([^`]+)` \|', page, re.M)
    lines.remove("No module named 'torch'")  # Python's
    assert len(lines) > 20
    said = literals()
    missing = [
        line
        for line in lines
        if not re.search('.*'.join(map(re.escape, line.split('…'))), said)
    ]
    assert missing == []


def test_a_task_of_ones_own(tmp_path, monkeypatch):
    """The task of docs/own_data.md, on any backbone, as it says."""
    text = text_of('docs/own_data.md')
    (task,) = [b.text for b in blocks_of('docs/own_data.md', 'python')]
    assert len(task.splitlines()) <= 10
    shutil.copytree(ROOT / 'configs/_base_', tmp_path / '_base_')
    (tmp_path / '_base_/tasks/mine.py').write_text(task)
    monkeypatch.setattr(names, 'CONFIGS', str(tmp_path))
    called = [w for w in words(text) if COMBINED.fullmatch(w)]
    assert any(w.endswith('_mine') for w in called)
    for name in called:
        check_task(load_config(name))


def check_task(cfg: Config) -> None:
    pair = cfg.train_dataloader.dataset
    assert pair.source.videos.ann_file == 'data/mine/source_train.txt'
    assert pair.target.videos.ann_file == 'data/mine/target_train.txt'
    assert cfg.model.cls_head.num_classes == 4
    assert cfg.train_cfg.max_epochs == 100  # of small_data_100e

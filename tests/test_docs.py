"""What the documents name is there: paths, configs, links, options."""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from functools import cache
from glob import glob
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import pytest
import torch
import yaml
from helpers.configs import ROOT
from helpers.data import moving_square
from mmaction.registry import MODELS
from mmengine.config import Config

from mmaction_uda.config import load_config, names
from mmaction_uda.config.names import experiments, layers
from mmaction_uda.datasets.rendered.video import write_mp4
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
PAGES = sorted(
    str(page.relative_to(ROOT))
    for pattern in ('*.md', 'docs/*.md', 'tools/**/*.md', '.github/**/*.md')
    for page in ROOT.glob(pattern)
)
LAYERS = ('tasks', 'backbones', 'settings', 'methods', 'schedules')
# What a page tells its reader to write.
OWN = {
    'configs/mean_difference_demo.py',
    'configs/transferattn_filters_demo.py',
    'configs/_base_/tasks/mine.py',
    'backbones/my_i3d.py',
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
OPTION = re.compile(r'(?<![\w-])--[a-z][\w-]*')


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding='utf-8')


def blocks(text: str) -> List[Tuple[str, str]]:
    """Language and text of all blocks of code, fenced or indented."""
    fenced = r'^```(\w*)\n(.*?)^```$'
    found = re.findall(fenced, text, re.M | re.S)
    rest = re.sub(fenced, '', text, flags=re.M | re.S)
    indented = re.findall(r'^\n((?: {4,}\S.*\n|\n(?= {4}))+)', rest, re.M)
    return found + [('', block) for block in indented]


def spans(text: str) -> List[str]:
    """Code inside of lines."""
    text = re.sub(r'^```.*?^```$', '', text, flags=re.M | re.S)
    return [' '.join(x.split()) for x in re.findall(r'`([^`]+)`', text)]


def code(text: str) -> List[str]:
    """All code, continued lines joined."""
    found = [block for _, block in blocks(text)] + spans(text)
    return [block.replace('\\\n', ' ') for block in found]


def expanded(word: str) -> Iterator[str]:
    """``a_{b,c}`` as the shell writes it."""
    parts = re.split(r'\{([\w,]*,[\w,]*)\}', word)
    choices = [
        part.split(',') if i % 2 else [part] for i, part in enumerate(parts)
    ]
    return map(''.join, product(*choices))


def words(text: str) -> Set[str]:
    """Words of all code; placeholders in capitals are none of them."""
    found = set()
    for part in code(text):
        for word in re.split(r'[\s"\'()=|;:]+', part):
            found |= set(expanded(word.strip('.,`…')))
    return {w for w in found if not re.search(r'[A-Z]{3}|…|[<{$]', w)}


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
    for word in words(text):
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
    """Every call of a tool that is there, and its options."""
    for part in code(text):
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


def faults(page: str, text: str) -> List[str]:
    return [
        *missing_paths(text),
        *missing_configs(text),
        *missing_modules(text),
        *broken_links(page, text),
        *unknown_options(text),
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
        (
            '\n    python tools/train.py demo \\\n        --no-such x\n',
            'tools/train.py --no-such',
        ),
    ],
)
def test_what_is_not_there_is_found(text, wrong):
    assert wrong in faults('README.md', text)


@pytest.mark.parametrize('page', PAGES)
def test_python_is_python(page):
    for language, block in blocks(text_of(page)):
        if language == 'python':
            ast.parse(block)


def test_every_page_is_in_the_navigation():
    """Of the site, that is, and none stands there twice."""
    with open(ROOT / 'mkdocs.yml', encoding='utf-8') as file:
        nav = yaml.safe_load(file)['nav']
    listed = re.findall(r"'([^']+\.md)'", str(nav))
    assert len(listed) == len({*listed})
    here = ROOT.glob('docs/**/*.md')
    pages = {str(page.relative_to(ROOT / 'docs')) for page in here}
    assert pages <= {*listed} and 'index.md' in listed


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


def test_the_readme_activates_the_environment():
    """Before the first tool, and after what makes it."""
    text = text_of('README.md')
    places = [
        text.index(line)
        for line in (
            '\nmake quickstart ',
            '\nsource .venv/bin/activate\n',
            '\npython tools/',
        )
    ]
    assert places == sorted(places)


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    """As printed, but for the weights, which are not trained."""
    (block,) = [b for k, b in blocks(text_of('README.md')) if k == 'python']
    monkeypatch.chdir(tmp_path)
    checkpoint = Path(re.search(r'work_dirs/\S+\.pth', block)[0])
    cfg = load_config(checkpoint.parent.name)
    assert checkpoint.name == f'epoch_{cfg.train_cfg.max_epochs}.pth'
    video = Path(re.search(r'data/\S+\.mp4', block)[0])
    assert video.parts[2] == Path(cfg.prepare[0].root).name
    for file in (checkpoint, video):
        file.parent.mkdir(parents=True)
    write_mp4(moving_square(0, 16), str(video), 20)
    model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict()), checkpoint)
    found = {}
    exec(compile(block, 'README.md', 'exec'), found)
    assert found['said'].pred_score.shape == (8,)
    classes = found['cfg'].test_dataloader.dataset.videos.metainfo.classes
    assert found['said'].pred_name in classes


def test_a_task_of_ones_own(tmp_path, monkeypatch):
    """The task of docs/own_data.md, on any backbone, as it says."""
    text = text_of('docs/own_data.md')
    (task,) = [block for kind, block in blocks(text) if kind == 'python']
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

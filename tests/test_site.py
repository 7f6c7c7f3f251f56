"""Ways through the pages: navigation, links, questions, public names."""

import posixpath
import re
import runpy
from typing import Dict, Set

import pytest
import yaml
from helpers.configs import ROOT
from helpers.pages import PAGES, text_of, without_blocks

LINK = re.compile(r'\]\(([^)#\s:]+\.(?:md|html|ipynb))(?:#[^)]*)?\)')
# What a reader looks for, and where it is.
WANTED = {
    'docs/own_data.md',
    'docs/backbones.md',
    'docs/add_a_method.md',
    'docs/results.md',
    'docs/transferattn.md',
    'docs/migration.md',
    'docs/python.md',
}


def links(page: str) -> Set[str]:
    """Pages that a page links."""
    found = LINK.findall(text_of(page))
    here = posixpath.dirname(page)
    return {posixpath.normpath(posixpath.join(here, link)) for link in found}


def clicks() -> Dict[str, int]:
    """How many links lead from the README to each page."""
    found, new, number = {}, {'README.md'}, 0
    while new:
        found |= dict.fromkeys(new, number)
        pages = [page for page in new if page.endswith('.md')]
        new = set().union(*map(links, pages)) - set(found)
        number += 1
    return found


def test_two_clicks():
    found = clicks()
    assert {page for page in WANTED if found.get(page, 9) > 1} == set()
    docs = {page for page in PAGES if page.startswith('docs/')}
    assert {page for page in docs if found.get(page, 9) > 2} == set()


def test_every_page_is_in_the_navigation():
    """Of the site, that is, and none stands there twice."""
    with open(ROOT / 'mkdocs.yml', encoding='utf-8') as file:
        nav = yaml.safe_load(file)['nav']
    listed = re.findall(r"'([^']+\.md)'", str(nav))
    assert len(listed) == len({*listed})
    here = ROOT.glob('docs/**/*.md')
    pages = {str(page.relative_to(ROOT / 'docs')) for page in here}
    assert pages <= {*listed} and 'index.md' in listed


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


def test_figures_of_the_readme_are_those_of_the_results():
    rows = re.findall(
        r'^\|[^|]+\|( [^|]+\[.+\] \| \d) \|$', text_of('README.md'), re.M
    )
    clean = text_of('docs/results.md').split('\n## ')[1]
    assert len(rows) == 5 and all(row in clean for row in rows)


# Words of papers and of this package, which no page but one explains.
OWN_WORDS = re.compile(
    r'\b(DDE|DTAB|MDTA|TAM|fingerprint|fragments?|oracle|renderings?'
    r'|tokens?|validators?)\b'
)


@pytest.mark.parametrize('page', [p for p in PAGES if p.startswith('docs/')])
def test_own_words_are_linked(page):
    """To the glossary, by every page that uses one in its sentences."""
    used = OWN_WORDS.findall(
        re.sub('`[^`]*`', '', without_blocks(text_of(page)))
    )
    if used and page not in ('docs/glossary.md', 'docs/api.md'):
        assert '(glossary.md' in text_of(page), set(used)


# Words of a question as a newcomer asks it, and what the answer says.
QUESTIONS = [
    ('quickstart run tools', 'source .venv/bin/activate'),
    ('CUDA torch conda versions', 'constraints.txt'),
    ('weights backbone come from', 'zoo.md'),
    ('backbone hundred videos no GPU', '`lite0`'),
    ('folders classes lists', 'tools/new_task.py'),
    ('target videos labels', '--no-target-labels'),
    ('how many config files my data', 'METHOD@BACKBONE_mine'),
    ('numbers task hold', 'configs/_base_/methods/'),
    ('loss weights learning rate epochs small data', 'small_data_100e'),
    ('adapt collapse without target labels', 'validators.md'),
    ('mean deviation seeds', 'tools/collect_results.py'),
    ('figure trainings', 'tools/visualize.py'),
    ('TensorBoard W&B', 'vis_backends='),
    ('how long memory GPU', 'scale.md'),
    ('trained checkpoints numbers real video', 'real_tasks.md'),
    ('number of frames', '_base_/tokens.py'),
    ('labels predictions Python', 'python.md'),
    ('cite', 'CITATION.cff'),
    ('features Python', "stage='neck'"),
    ('own backbone', 'backbones.md'),
    ('own method loss', 'add_a_method.md'),
    ('features of TranSVAE TA3N UDAVT code', 'migration.md'),
    ('out of memory', 'batch_size'),
    ('other folder installed pip', 'mmaction-uda'),
]


@pytest.mark.parametrize(('asked', 'answer'), QUESTIONS)
def test_a_search_finds_the_answer(asked, answer):
    """All words of the question stand in one paragraph, with the answer."""
    paragraphs = re.split(r'\n\n(?=\*\*)', text_of('docs/questions.md'))
    found = [
        text
        for text in paragraphs
        if all(word.lower() in text.lower() for word in asked.split())
    ]
    assert any(answer in text for text in found), asked


def test_public_names_are_those_of_the_code():
    page = runpy.run_path(str(ROOT / 'tools/dev/write_api.py'))['page']()
    assert page == text_of('docs/api.md'), 'python tools/dev/write_api.py'
    assert '`load_config(name, options)`' in page
    assert '` |  |' not in page  # each says what it is for

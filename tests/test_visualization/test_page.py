"""The page: whole, alone, and with the numbers of the facts."""

import base64
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from helpers.finished import CONFIG, write_training
from PIL import Image

from mmaction_uda.visualization.report import gather, write_report
from mmaction_uda.visualization.report.columns import columns
from mmaction_uda.visualization.report.page import animation

LABELS = 0, 0, 1, 2
VOID = {'meta', 'link', 'img', 'br'}
BROWSER = shutil.which('chromium') or shutil.which('google-chrome')


class Reader(HTMLParser):
    """Ids, addresses, tables; refuses tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.addresses, self.open = [], [], []
        self.tables, self.cell = [], None
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs['id']] if 'id' in attrs else []
        names = 'src', 'href', 'xlink:href', 'srcset', 'action', 'data'
        self.addresses += [attrs[name] for name in names if name in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == 'table':
            self.tables.append([])
        elif tag == 'tr':
            self.tables[-1].append([])
        elif tag in ('th', 'td'):
            self.cell = ''

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ('th', 'td'):
            self.tables[-1][-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


@pytest.fixture(scope='module')
def facts(tmp_path_factory) -> dict:
    """Of trainings whose models are not there, with names to be escaped."""
    folder = tmp_path_factory.mktemp('runs')
    predicted = {
        'low': (0, 1, 2, 2),
        'mine <b>&"': (0, 0, 1, 0),
        'high': LABELS,
    }
    methods = {
        name: [
            write_training(
                folder / str(number),
                {2: 0.5, 4: np.equal(found, LABELS).mean()},
                found,
                LABELS,
                config=f'{CONFIG}# <script>\n',
            )
        ]
        for number, (name, found) in enumerate(predicted.items())
    }
    found = gather(methods, 'low', 'high', models=True)
    clip = np.zeros((3, 8, 16, 3), np.uint8)
    found['gallery'] = [dict(domain='target', label=1, frames=clip)]
    return found


@pytest.fixture(scope='module')
def written(facts, tmp_path_factory) -> list:
    return write_report(facts, str(tmp_path_factory.mktemp('report') / 'out'))


@pytest.fixture(scope='module')
def page(written) -> str:
    with open(written[0], encoding='utf-8') as file:
        return file.read()


def test_nothing_is_fetched(page):
    found = Reader(page)
    for address in found.addresses:
        assert address.startswith(('#', 'data:')), address
        assert address[1:] in [*found.ids, ''] or address[0] != '#'
    assert not re.search(r'url\((?!#)', page) and '@import' not in page
    assert '<script' not in page
    for name in re.findall(r'url\(#([^)]+)\)', page):
        assert name in found.ids
    assert len(set(found.ids)) == len(found.ids) > 20


def test_numbers_are_those_of_the_facts(page, facts):
    shown, epochs, *_ = Reader(page).tables
    wanted = columns(facts)
    assert shown[0] == [*wanted]
    rows = [[cell.text for cell in row] for row in zip(*wanted.values())]
    assert shown[1:] == rows
    assert rows[1][:3] == ['mine <b>&"', '1', '75.0 [25.0, 100.0]']
    assert rows[1][6:] == ['50 %', '+25.0 [-50.0, +100.0]']
    assert epochs[2] == ['mine <b>&"', '0', '4', '–', '4', '75.0']


def test_what_the_page_says(page, facts):
    for text in (
        '<h1>src_train → tgt_test</h1>',
        '4 test videos, 3 classes; chance, always saying the largest class, '
        'is 50.0 %.',
        '4 test videos: one more right video is 25.0 points',
        'low: top-1 50.0 % is not above chance (50.0 %)',
        'prefers-color-scheme: dark',
        'width=device-width',
    ):
        assert text in page
    # The models are missing, and each method says so.
    assert len(facts['missing']) == 3 and 'Not shown here' in page
    assert page.count('<svg') == 1 + 1 + 3  # target, gains, confusions
    assert '>mine &lt;b&gt;&amp;' in page and 'mine <b>' not in page


def test_files_beside_the_page(written, facts):
    names = [file.rpartition('/')[2] for file in written]
    assert names == ['report.html', 'table.md', 'table.tex', 'table.csv']
    with open(written[2]) as file:
        assert r'\toprule' in file.read()


def test_animation(page):
    (data,) = re.findall(r'data:image/webp;base64,([^"]+)', page)
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.format == 'WEBP' and image.size == (192, 96)
    frames = np.arange(3, dtype=np.uint8)[:, None, None, None] * 100
    moving = animation(np.broadcast_to(frames, (3, 8, 8, 3)).copy())
    image = Image.open(io.BytesIO(moving))
    assert image.n_frames == 3 and image.info['loop'] == 0


@pytest.mark.skipif(not BROWSER, reason='there is no Chromium')
def test_in_a_browser(page, tmp_path):
    """Nothing but boxes scrolls sideways, on a phone and on a desk."""
    script = (
        '<script>document.title = document.documentElement.scrollWidth + '
        '"/" + innerWidth</script></body>'
    )
    (tmp_path / 'page.html').write_text(page.replace('</body>', script))
    for width in (390, 1280):
        done = subprocess.run(
            [
                *(BROWSER, '--headless', '--no-sandbox', '--disable-gpu'),
                *(f'--user-data-dir={tmp_path}/profile', '--dump-dom'),
                *(
                    f'--window-size={width},800',
                    f'file://{tmp_path}/page.html',
                ),
            ],
            capture_output=True,
            text=True,
            timeout=300,
        )
        (title,) = re.findall(r'<title>(\d+)/(\d+)</title>', done.stdout)
        assert int(title[0]) <= int(title[1]) <= 500 or width == 1280

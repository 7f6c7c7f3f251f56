"""What figures show: lines, labels, classes, distances."""

import re

import numpy as np
import pytest
from helpers.finished import CONFIG, write_training
from PIL import Image

from mmaction_uda.visualization.figures import KINDS, save
from mmaction_uda.visualization.figures.curves import GAP, apart
from mmaction_uda.visualization.figures.style import GREY, drawn, looks
from mmaction_uda.visualization.report import gather

LABELS = 0, 0, 1, 2


@pytest.fixture(scope='module')
def facts(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp('runs')
    ends = dict(low=[0.3], a=[0.5, 0.7], b=[0.48], high=[0.52])
    methods = {
        name: [
            write_training(
                folder / name / str(seed),
                {2: 0.25 + seed / 2, 4: end},
                LABELS if name == 'high' else (0, 1, 1, 1),
                LABELS,
                seed,
                CONFIG,
            )
            for seed, end in enumerate(runs)
        ]
        for name, runs in ends.items()
    }
    return gather(methods, 'low', 'high')


def axes_of(kind: str, facts: dict) -> list:
    parts = drawn(KINDS[kind](facts)).subfigs
    return [part.axes[0] for part in parts if part.axes]


def test_curves(facts):
    (axes,) = axes_of('curves', facts)
    assert axes.get_ylim() == (0, 100) and axes.get_xlim()[0] == 0
    assert axes.get_ylabel() == 'top-1 on the target test videos, %'
    low, a, b, high, chance = axes.lines
    assert a.get_xdata().tolist() == [2, 4]
    assert a.get_ydata().tolist() == pytest.approx([50, 60])
    for line, style in ((low, '--'), (high, '-.')):
        assert (line.get_ls(), line.get_color()) == (style, GREY)
    assert a.get_ls() == b.get_ls() == '-'
    assert a.get_color() != b.get_color()
    assert a.get_marker() != b.get_marker()
    assert chance.get_ydata()[0] == 50
    labels = {text.get_text(): text.xy[1] for text in axes.texts}
    assert list(labels) == [
        'low 30.0',
        'a 60.0',
        'b 48.0',
        'high 52.0',
        'chance 50.0',
    ]
    gaps = -np.diff(sorted(labels.values(), reverse=True))
    assert gaps.min() >= GAP - 1e-9
    assert labels['high 52.0'] == 52


def test_labels_apart():
    assert apart([1.0, 9.0, 8.0, 9.0], 2).tolist() == [1, 7, 5, 9]


def test_looks_of_many_methods():
    names = [f'm{i}' for i in range(12)]
    found = looks(dict(methods=dict.fromkeys(names), lower=None, upper='m3'))
    seen = {(f['color'], f['marker'], f['ls']) for f in found.values()}
    assert [*found] == names and len(seen) == 12


def test_classes(facts):
    (axes,) = axes_of('classes', facts)
    found = {line.get_label(): line for line in axes.lines[1:]}
    assert list(found) == ['a', 'b', 'high']
    # All but "high" are right of one video of class a and of class b.
    assert found['a'].get_xdata().tolist() == [0, 0, 0]
    assert found['high'].get_xdata().tolist() == [50, 0, 100]
    assert [text.get_text() for text in axes.get_yticklabels()] == [*'abc']
    low, *_ = axes_of('confusion', facts)
    wanted = [[50, 50, 0], [0, 100, 0], [0, 100, 0]]
    assert low.images[0].get_array().tolist() == wanted
    assert [t.get_text() for t in low.texts] == ['50', '50', '100', '100']


def test_distances(facts):
    rows = [
        dict(layer='tokens', a_distance=2.0, mmd=1.5),
        dict(layer='encoder', a_distance=0.5, mmd=0.1),
    ]
    models = dict(a=dict(distances=rows), b=dict(distances=rows[1:]))
    first, second = axes_of('distances', dict(facts, models=models))
    assert first.get_ylim() == (0, 2.05) and second.get_ylim()[0] == 0
    (a, b), (mmd, _) = first.lines, second.lines
    assert (a.get_xdata().tolist(), b.get_xdata().tolist()) == ([0, 1], [1])
    assert a.get_ydata().tolist() == [2, 0.5]
    assert mmd.get_ydata().tolist() == [1.5, 0.1]
    names = [text.get_text() for text in first.get_xticklabels()]
    assert names == ['tokens', 'encoder']


def test_files(facts, tmp_path):
    panels = KINDS['curves'](facts)
    for ending in ('png', 'svg', 'pdf'):
        save(panels, str(tmp_path / f'x.{ending}'))
    image = Image.open(tmp_path / 'x.png')
    assert image.size == (1500, 1020) and round(image.info['dpi'][0]) == 300
    assert image.convert('RGB').getpixel((0, 0)) == (255, 255, 255)
    text = (tmp_path / 'x.svg').read_text()
    assert re.search(r'<text[^>]*>top-1 on the target', text)
    assert 'Matplotlib' not in text
    assert (tmp_path / 'x.pdf').read_bytes().startswith(b'%PDF')
    before = text
    save(panels, str(tmp_path / 'x.svg'))
    assert (tmp_path / 'x.svg').read_text() == before

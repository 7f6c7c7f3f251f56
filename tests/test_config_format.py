"""Dumped configs: the same values, within the width of a page."""

import ast
import re

import pytest
from helpers.configs import CONFIGS
from mmengine.config import Config

from mmaction_uda.config import load_config
from mmaction_uda.config.dumps import read_dump
from mmaction_uda.config.format import format_code


def test_layout_by_hand():
    text = (
        "a = dict(b=1, c=dict(type='X'))\n"
        'pipeline = [dict(type="SampleFrames", clip_len=32, num_clips=1, '
        'test_mode=True), dict(type="DecordDecode")]\n'
    )
    assert format_code(text)[0] == (
        "a = dict(b=1, c=dict(type='X'))\n"
        'pipeline = [\n'
        "    dict(type='SampleFrames', clip_len=32, num_clips=1, "
        'test_mode=True),\n'
        "    dict(type='DecordDecode'),\n"
        ']\n'
    )


@pytest.mark.parametrize(
    'value',
    [
        '(1,)',
        '()',
        '{}',
        "{'a.b': dict(c=1), 3: None}",
        "dict(**{'custom-key': 1})",
        '((1, 1, 1), (1, 0, 1, 0))',
        "'a text with \\'quotes\\' and \\n'",
        'float("inf")',
    ],
)
def test_values_stay_the_same(value):
    for long in (value, f'[{", ".join([value] * 30)}]'):
        text = f'key = {long}\n'
        found = format_code(text)[0]
        assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(text))


def test_configs_are_dumped_whole(tmp_path):
    for name in ['cleanadapt_demo', *CONFIGS[::6]]:
        cfg = load_config(name)
        lines = cfg.pretty_text.splitlines()
        # A long string stands whole in its line.
        assert all(len(n) < 80 or re.search(r"'.{50,}'", n) for n in lines)
        assert len(lines) > 50
        cfg.dump(tmp_path / 'dumped.py')
        again = Config.fromfile(tmp_path / 'dumped.py')
        assert again._cfg_dict == cfg._cfg_dict
        values = read_dump(str(tmp_path / 'dumped.py'))
        assert values._cfg_dict == cfg._cfg_dict


@pytest.mark.parametrize(
    'text, said',
    [
        ('import os\n', 'line 1 is no value'),
        ('a = 1\nb = open("x", "w")\n', 'line 2 calls a function'),
        ('a = [dict(b=__import__("os"))]\n', 'line 1 calls a function'),
        ('a = dict(**{"b": print()})\n', 'line 1 calls a function'),
        ('a = (\n', 'never closed'),
        ('a = ' + '[' * 9999, 'too many nested'),
        ('a = b\n', 'malformed'),
    ],
)
def test_dumps_are_values_alone(tmp_path, monkeypatch, text, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'config.py').write_text(text)
    with pytest.raises(ValueError, match=f"'config.py' is no .*{said}"):
        read_dump('config.py')
    assert not (tmp_path / 'x').exists()

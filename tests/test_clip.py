"""CLIP zero-shot by the ordinary tools, on a stand-in with random weights."""

import json
import math
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from helpers.clip import STAND_IN, stand_in, write_stand_in
from helpers.runs import make_runner, run_tool
from mmengine.config import Config
from safetensors.torch import load_file

from mmaction_uda.engine import prepare
from mmaction_uda.engine.texts import texts_of
from mmaction_uda.faults import Faults
from mmaction_uda.texts import Texts, sentences
from mmaction_uda.texts.encoder import embed

if find_spec('transformers') is None:
    pytest.skip('transformers is not installed', allow_module_level=True)


@pytest.fixture
def zero_shot(make_config) -> Config:
    """The demo, its stand-in, tokens and texts."""
    return make_config('clip_zero_shot_demo')


def test_a_row_without_training(zero_shot):
    """Trained, tested and tabulated as any method; nothing is learnt."""
    zero_shot.dump('zero_shot.py')
    run_tool('train.py', 'zero_shot.py', '--work-dir', 'grid/zero_shot/seed0')
    weights = Path('grid/zero_shot/seed0/weights.safetensors')
    assert weights.is_file()
    out = run_tool(
        'test.py', 'zero_shot.py', 'grid/zero_shot/seed0/epoch_1.pth'
    )
    print(out[-3000:])
    print(run_tool('collect_results.py', 'grid'))
    assert 0

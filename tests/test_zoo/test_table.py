"""Facts of the table: from whom they are, and where they are told."""

import re
import sys
from pathlib import Path

import mmaction
import mmengine
import pytest
import yaml
from helpers.configs import ROOT
from mmengine.config import Config

from mmaction_uda.config.names import layers
from mmaction_uda.zoo import ROWS, Address, address_faults, named_weights

sys.path.insert(0, str(ROOT / 'tools/dev'))
from write_zoo import with_rows  # noqa: E402


def backbones() -> dict:
    """``_backbone`` of every layer."""
    found = {}
    for name in layers('backbones'):
        file = ROOT / f'configs/_base_/backbones/{name}.py'
        found[name] = Config.fromfile(file).get('_backbone', {})
    return found


BACKBONES = backbones()


def named(name: str) -> set:
    """Weights that a layer names, by what the table calls them."""
    by_place = {
        row.address or f'checkpoints/{row.file}': row.name
        for row in ROWS.values()
    }
    texts = [
        f'hf://{weights.text}' if weights.model else weights.text
        for weights in named_weights(BACKBONES[name])
    ]
    return {by_place.get(text, text) for text in texts}


def test_layers_and_rows_name_each_other():
    for name in BACKBONES:
        rows = {row.name for row in ROWS.values() if name in row.layers}
        assert named(name) == rows, name


def test_rows_say_what_layers_do():
    for row in ROWS.values():
        assert row.source and row.tried and row.licence, row.name
        layer = BACKBONES[row.layers[0]]
        assert row.width == layer.neck.in_channels, row.name
        assert re.fullmatch('([0-9a-f]{8}|[0-9a-f]{64}|)', row.sha256)


def metafiles() -> dict:
    """Models of MMAction2's own index, by name."""
    root = Path(mmaction.__file__).parent / '.mim/configs'
    return (
        {
            model['Name']: model
            for file in root.rglob('metafile.yml')
            for model in yaml.safe_load(file.read_text())['Models']
        }
        if root.is_dir()
        else {}
    )


def test_rows_of_hosts_are_theirs():
    index = metafiles()
    own = [row for row in ROWS.values() if 'mmaction2' in row.source]
    assert len(own) == 4
    for row in own:
        model = index[row.name]
        accuracy = model['Results'][0]['Metrics']['Top 1 Accuracy']
        assert row.address == model['Weights']
        assert float(row.accuracy.split()[0]) == accuracy
        assert row.address.endswith(f'-{row.sha256}.pth')
    hub = Path(mmengine.__file__).parent / 'hub/torchvision_0.12.json'
    assert ROWS['resnet101'].address in hub.read_text()
    # Names that are not in the table are looked up there.
    name = 'tsn_imagenet-pretrained-r50_8xb32-1x1x3-100e_kinetics400-rgb'
    found = Address.parse(name)
    assert str(found) == index[name]['Weights']
    assert found.sha256 == 'cd10898e'


def test_the_page_holds_the_table():
    page = (ROOT / 'docs/zoo.md').read_text(encoding='utf-8')
    assert with_rows(page) == page, 'python tools/dev/write_zoo.py'


def test_names_that_are_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(Address.parse('resnet-101')) == 'resnet-101'  # a file
    (tmp_path / 'checkpoints').mkdir()
    by_hand = tmp_path / 'checkpoints' / ROWS['resnet101'].file
    by_hand.write_bytes(b'other')
    with pytest.raises(ValueError, match='63fe2227… was expected'):
        Address.parse('resnet101').fetch()
    assert Address.parse(str(by_hand)).fetch() == str(by_hand)
    model = dict(
        backbone=dict(checkpoint=dict(rgb='http://a/b.pt', flow='f.pt')),
        neck=dict(init_cfg=[dict(checkpoint='hf://nothing')]),
        cls_head=dict(init_cfg=dict(checkpoint='stage://one/weights')),
    )
    said = address_faults(model)
    assert [fault.split(':')[0] for fault in said] == [
        'model.backbone.checkpoint.rgb',
        'model.neck.init_cfg.0.checkpoint',
    ]

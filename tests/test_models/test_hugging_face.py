"""Models of transformers, built small from their config classes."""

import hashlib
import importlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from helpers.runs import make_runner
from helpers.servers import serving
from mmengine.config import Config

from mmaction_uda.datasets import FeatureStore
from mmaction_uda.engine import prepare
from mmaction_uda.engine.identity import Identity
from mmaction_uda.faults import Faults
from mmaction_uda.lean_imports import adafactor
from mmaction_uda.models.backbones import FrozenBackbone, TunedBackbone
from mmaction_uda.models.backbones.hf_models import pixel_notes
from mmaction_uda.zoo import Address, address_faults, files_of

# Imported when it is needed: not by the collection of other tests.
if find_spec('transformers') is None:
    pytest.skip('transformers is not installed', allow_module_level=True)
SMALL = dict(
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=64,
    image_size=32,
    patch_size=16,
)
VJEPA2 = dict(
    crop_size=32,
    frames_per_clip=4,
    hidden_size=48,
    pred_hidden_size=48,
    pred_num_attention_heads=2,
    pred_num_hidden_layers=1,
)
IMAGES = {
    'CLIPVision': {},
    'Dinov2': {},
    'Dinov2WithRegisters': {},
    'DINOv3ViT': dict(num_register_tokens=4),
    'SiglipVision': {},
}
# Settings, patches in what order behind how many other tokens, class.
VIDEOS = {
    'Timesformer': (dict(num_frames=4), 'p t', 1),
    'VideoMAE': (dict(num_frames=4), 't p', 0),
    'Vivit': (dict(num_frames=4, tubelet_size=[2, 16, 16]), 't p', 1),
    'VJEPA2': (VJEPA2, 't p', 0),
}
CLIPS = torch.randn(2, 1, 3, 4, 32, 32, generator=torch.Generator())


@pytest.fixture(scope='module')
def transformers():
    """The package."""
    return importlib.import_module('transformers')


@pytest.fixture(scope='module')
def saved(tmp_path_factory, transformers):
    """``saved(name)``: a small random model and the folder it was saved in."""
    models = {}

    def make(name: str):
        if name not in models:
            changes = IMAGES.get(name) or VIDEOS.get(name, ({},))[0]
            config = getattr(transformers, f'{name}Config')
            torch.manual_seed(0)
            net = getattr(transformers, f'{name}Model')(
                config(**{**SMALL, **changes})
            )
            for parameter in net.parameters():  # some begin at zero
                torch.nn.init.normal_(parameter, std=0.1)
            folder = str(tmp_path_factory.mktemp(name))
            net.eval().save_pretrained(folder)
            models[name] = net, folder
        return models[name]

    return make


def backbone(kind: str, folder: str, **others) -> FrozenBackbone:
    return FrozenBackbone(
        dict(type=f'HF{kind}Backbone', model=folder), **others
    )


# -- tokens -----------------------------------------------------------------
@pytest.mark.parametrize('name', IMAGES)
def test_images_are_what_the_model_takes_them_for(saved, name):
    net, folder = saved(name)
    frozen = backbone('Image', folder)
    tokens = frozen(CLIPS)
    with torch.no_grad():
        frames = CLIPS[:, 0].transpose(1, 2).flatten(0, 1)
        wanted = net(frames).pooler_output.unflatten(0, (2, 4))
    torch.testing.assert_close(tokens[:, 0], wanted)
    order = [2, 0, 3, 1]
    permuted = frozen(CLIPS[:, :, :, order])
    torch.testing.assert_close(permuted, tokens[:, :, order])


@pytest.mark.parametrize('name', VIDEOS)
def test_time_steps_are_means_of_their_patches(saved, name):
    net, folder = saved(name)
    frozen = backbone('Video', folder)
    tokens = frozen(CLIPS)
    _, order, first = VIDEOS[name]
    key = dict(VJEPA2='pixel_values_videos').get(name, 'pixel_values')
    with torch.no_grad():
        pixels = {key: CLIPS[:, 0].transpose(1, 2)}
        patches = net(**pixels).last_hidden_state[:, first:]
    steps = 4 if name == 'Timesformer' else 2
    if order == 'p t':
        wanted = patches.unflatten(1, (-1, steps)).mean(1)
    else:
        wanted = patches.unflatten(1, (steps, -1)).mean(2)
    torch.testing.assert_close(tokens[:, 0], wanted)
    # A time step says most of its own frames: a change there moves it most.
    changed = CLIPS.clone()
    changed[..., -1, :, :] += 1
    moved = (frozen(changed) - tokens).norm(dim=-1)[0, 0]
    assert moved.argmax() == steps - 1 and moved.min() > 0
    assert (frozen(CLIPS.flip(3)) - tokens.flip(2)).abs().max() > 1e-3


def test_clips_of_another_length(saved):
    frozen = backbone('Video', saved('VideoMAE')[1])
    with pytest.raises(Faults, match=r'clips of 4 frames, got 3.*size=4'):
        frozen(CLIPS[:, :, :, :3])
    frozen = backbone('Video', saved('VJEPA2')[1])
    with pytest.raises(Faults, match=r'clips of 2 frames, got 3'):
        frozen(CLIPS[:, :, :, :3])
    window = dict(size=4, stride=4, pool=None)
    frozen = backbone('Video', saved('VideoMAE')[1], window=window)
    longer = torch.cat([CLIPS, CLIPS], 3)
    torch.testing.assert_close(frozen(longer)[:, :, 2:], frozen(CLIPS))


# -- weights ----------------------------------------------------------------
def test_models_are_told_apart_by_content(saved, tmp_path):
    _, folder = saved('Dinov2')
    prints = {
        backbone('Image', folder, cached=True).fingerprint,
        backbone('Image', folder).fingerprint,
        FrozenBackbone(
            dict(type='HFImageBackbone', model=folder),
            checkpoint=f'{folder}/model.safetensors',
        ).fingerprint,
    }
    assert len(prints) == 1
    other = FrozenBackbone(
        dict(type='HFImageBackbone', model=folder), seed=0, cached=True
    )
    assert other.fingerprint not in prints
    model = dict(backbone=dict(type='HFImageBackbone', model=folder))
    cfg = Config(dict(model=dict(backbone=model)))
    path = 'model.backbone.backbone.model'
    identity = Identity.of(cfg)
    sum = hashlib.sha256(Path(folder, 'model.safetensors').read_bytes())
    assert identity.contents == {path: sum.hexdigest()}
    assert path not in identity.settings


def test_weights_inside_of_larger_models(tmp_path, transformers):
    vision = dict(SMALL)
    text = dict(SMALL, vocab_size=10)
    for part in ('image_size', 'patch_size'):
        text.pop(part)
    config = transformers.CLIPConfig(text_config=text, vision_config=vision)
    clip = transformers.CLIPModel(config).eval()
    clip.save_pretrained(tmp_path / 'clip')
    tokens = backbone('Image', str(tmp_path / 'clip'))(CLIPS)
    with torch.no_grad():
        wanted = clip.vision_model(CLIPS[:, 0, :, 1]).pooler_output
    torch.testing.assert_close(tokens[:, 0, 1], wanted)

    config = transformers.VideoMAEConfig(**SMALL, num_frames=4, num_labels=3)
    kind = transformers.VideoMAEForVideoClassification
    net = kind(config).eval()
    net.save_pretrained(tmp_path / 'videomae')
    tokens = backbone('Video', str(tmp_path / 'videomae'))(CLIPS)
    with torch.no_grad():
        patches = net.videomae(CLIPS[:, 0].transpose(1, 2)).last_hidden_state
    torch.testing.assert_close(
        tokens[:, 0], patches.unflatten(1, (2, -1)).mean(2)
    )


def test_weights_of_another_model(saved, tmp_path):
    _, dinov2 = saved('Dinov2')
    config = dict(type='HFImageBackbone', model=dinov2)
    file = f'{saved("SiglipVision")[1]}/model.safetensors'
    with pytest.raises(ValueError, match='does not hold the weights of'):
        FrozenBackbone(config, checkpoint=file)
    config['config'] = dict(hidden_size=64)
    with pytest.raises(ValueError, match=r'other shape: .*32.* in the file'):
        FrozenBackbone(config)


def test_a_tuned_one_is_stored_and_read_again(saved, tmp_path):
    _, folder = saved('Dinov2')
    config = dict(type='HFImageBackbone', model=folder)
    tuned = TunedBackbone(config, ['layernorm'])
    names = [n for n, p in tuned.named_parameters() if p.requires_grad]
    assert names == ['net.net.layernorm.weight', 'net.net.layernorm.bias']
    torch.nn.init.zeros_(tuned.net.net.layernorm.weight)
    state = {f'backbone.{k}': v for k, v in tuned.state_dict().items()}
    torch.save(dict(state_dict=state), tmp_path / 'tuned.pth')
    frozen = FrozenBackbone(config, checkpoint=str(tmp_path / 'tuned.pth'))
    torch.testing.assert_close(frozen(CLIPS), tuned.eval()(CLIPS))


# -- what is wrong ----------------------------------------------------------
def test_faults_say_what_to_do(saved, tmp_path, monkeypatch):
    _, folder = saved('VideoMAE')
    with pytest.raises(ValueError, match="take type='HFVideoBackbone'"):
        backbone('Image', folder)
    with pytest.raises(ValueError, match='type None: there are clip_vision'):
        FrozenBackbone(dict(type='HFImageBackbone', config={}), seed=0)
    wrong = dict(type='HFVideoBackbone', model=folder)
    with pytest.raises(ValueError, match='Did you mean hidden_size'):
        FrozenBackbone(dict(wrong, config=dict(hiden_size=64)))
    (tmp_path / 'empty').mkdir()
    with pytest.raises(Faults, match='holds no config.json'):
        backbone('Image', str(tmp_path / 'empty'))
    (tmp_path / 'empty' / 'config.json').write_text('{}')
    with pytest.raises(Faults, match='Weights in several parts'):
        backbone('Image', str(tmp_path / 'empty'))
    net = dict(type='HFImageBackbone', model='a/b/c/d')
    (said,) = address_faults(dict(backbone=dict(backbone=net)))
    assert said.startswith("model.backbone.backbone.model: 'a/b/c/d' is no")


def test_pixels_are_compared(saved):
    _, folder = saved('Dinov2')
    net = dict(type='HFImageBackbone', model=folder)
    colours = dict(mean=[127.5] * 3, std=[127.5] * 3)
    model = dict(backbone=dict(backbone=net), data_preprocessor=colours)
    assert pixel_notes(model) == []  # nothing is known of them
    file = Path(folder, 'preprocessor_config.json')
    seen = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.5] * 3)
    file.write_text(json.dumps(seen))
    (note,) = pixel_notes(model)
    file.unlink()
    assert note == (
        f'data_preprocessor.mean=[127.5, 127.5, 127.5], but {folder!r} was '
        'trained with [123.675, 116.28, 103.53]'
    )
    shipped = dict(features='skeleton', cached=True)
    assert pixel_notes(dict(model, backbone=shipped)) == []


# -- the Hub ----------------------------------------------------------------
def test_models_of_the_hub(saved, tmp_path, monkeypatch):
    """From a server that answers as the Hub does."""
    net, folder = saved('Dinov2')
    commit = 40 * 'a'
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', tmp_path)
    with serving() as server:
        monkeypatch.setenv('HF_ENDPOINT', server.root)
        server.headers['X-Repo-Commit'] = commit
        files = ('config.json', 'model.safetensors')
        for name in files:
            content = Path(folder, name).read_bytes()
            server.add(f'/org/net/resolve/main/{name}', content)
        listed = dict(
            id='org/net',
            sha=commit,
            siblings=[dict(rfilename=f) for f in files],
        )
        tree = [dict(type='file', path=f, size=1, oid='') for f in files]
        server.add('/api/models/org/net', json.dumps(listed).encode())
        for revision in ('main', commit):
            server.add(
                f'/api/models/org/net/tree/{revision}',
                json.dumps(tree).encode(),
            )
        hub = backbone('Image', 'org/net')
        torch.testing.assert_close(
            hub(CLIPS), backbone('Image', folder)(CLIPS)
        )
        file = Address.parse('hf://org/net').fetch()
        asked = len(server.asked)
    # The server is gone: all of it is kept.
    assert backbone('Image', 'org/net').fingerprint == hub.fingerprint
    assert hub.fingerprint == backbone('Image', folder).fingerprint
    named = dict(type='HFImageBackbone', model='org/net')
    assert files_of(dict(backbone=named)) == {'model.backbone.model': file}
    assert len(server.asked) == asked
    sum = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    address = f'hf://org/net@main/model.safetensors#sha256={sum}'
    assert Address.parse(address).fetch() == file
    with pytest.raises(Faults, match='hf://org/other cannot be downloaded'):
        Address.parse('hf://org/other').fetch()


def test_nothing_of_it_is_imported_at_the_start(transformers):
    code = (
        'import sys, mmaction_uda; '
        'from mmengine.registry import OPTIMIZERS; '
        'print(OPTIMIZERS.get("Adafactor").__module__, '
        '"transformers" in sys.modules)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True
    )
    assert done.stdout == 'mmaction_uda.lean_imports False\n', done.stderr
    optimizer = adafactor([torch.nn.Parameter(torch.ones(2))])
    assert type(optimizer) is transformers.Adafactor


def test_tokens_are_extracted_from_videos(saved, make_config):
    """By processes that decode, in a store that a training then reads."""
    _, folder = saved('Dinov2')
    cfg = make_config('source_only_demo')
    cfg.model.backbone = dict(
        type='FrozenBackbone',
        backbone=dict(type='HFImageBackbone', model=folder),
        cached=True,
    )
    cfg.model.neck.in_channels = 32
    for phase in ('train', 'val', 'test'):
        cfg[f'{phase}_dataloader'].dataset.store_root = 'tokens'
    prepare(cfg)
    stores = {p.parent for p in Path('tokens').rglob('store.json')}
    rows = [row for s in stores for row in FeatureStore(str(s)).shards()]
    assert stores and rows
    make_runner(cfg).train()

"""CLIP zero-shot by the ordinary tools, on a stand-in with random weights."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from helpers.clip import STAND_IN, WIDTH, write_stand_in
from helpers.runs import accuracies, make_runner, run_tool
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from safetensors import safe_open
from safetensors.torch import load_file

from mmaction_uda.apis import on_videos
from mmaction_uda.config.texts import complete_texts
from mmaction_uda.engine import prepare
from mmaction_uda.engine.stored_texts import Texts
from mmaction_uda.engine.texts import check_texts, make_texts, texts_of
from mmaction_uda.faults import Faults
from mmaction_uda.inference import label_videos, load_trained
from mmaction_uda.models.backbones.hf_texts import embed

if find_spec('transformers') is None:
    pytest.skip('transformers is not installed', allow_module_level=True)


@pytest.fixture
def zero_shot(make_config) -> Config:
    """The demo, its stand-in, tokens and texts."""
    return make_config('clip_zero_shot_demo')


def test_a_row_without_training(zero_shot):
    """Trained, tested and tabulated as any method; nothing is learnt."""
    zero_shot.dump('zero_shot.py')
    place = Path('grid/zero_shot/seed0')
    said = run_tool('train.py', 'zero_shot.py', '--work-dir', place)
    assert 'acc/top1' in said
    with safe_open(place / 'weights.safetensors', 'pt') as weights:
        notes = json.loads(weights.metadata()['training'])
        texts = weights.get_tensor('cls_head.texts')
    assert notes['learnt'] == 0
    file, _ = texts_of(zero_shot)
    assert torch.equal(texts, load_file(file)['texts'])
    tested = run_tool('test.py', 'zero_shot.py', place / 'epoch_1.pth')
    assert accuracies(tested, 'test') == accuracies(said, 'val')
    video = next(Path('data').rglob('target/test/*.mp4'))
    cfg = on_videos(zero_shot)
    model = load_trained(cfg, str(place / 'epoch_1.pth'), 'cpu')
    ((number, scores, fault),) = label_videos(model, [str(video)])
    assert (number, fault) == (0, '') and scores.shape == (8,)
    assert scores.sum().item() == pytest.approx(1)
    table = run_tool('collect_results.py', 'grid')
    assert '| zero_shot | 1 |' in table


def test_scores_are_those_of_the_whole_model(zero_shot):
    """Of frames and texts, against transformers' own CLIPModel."""
    import transformers

    net = transformers.CLIPModel.from_pretrained(STAND_IN).eval()
    zero_shot.model.backbone.cached = False
    zero_shot.model.cls_head.scale = net.logit_scale.exp().item()
    model = MODELS.build(zero_shot.model).eval()
    model.init_weights()
    clips = torch.randn(2, 1, 3, 4, 32, 32)
    samples = model(clips, [ActionDataSample(), ActionDataSample()], 'predict')

    _, wanted = texts_of(zero_shot)
    assert wanted.names[:2] == ['circle out', 'circle in']
    tokenizer = transformers.CLIPTokenizer.from_pretrained(STAND_IN)
    words = tokenizer(
        [f'a video of a person {name}' for name in wanted.names],
        padding=True,
        return_tensors='pt',
    )
    for clip, sample in zip(clips, samples):
        with torch.no_grad():
            found = net(**words, pixel_values=clip[0].transpose(0, 1))
        scores = found.logits_per_image.softmax(-1).mean(0)
        torch.testing.assert_close(sample.pred_score, scores)


def test_each_template_has_all_classes_in_a_row(zero_shot):
    """``[M, K, D]``: of another order every number would be there, too."""
    zero_shot.model.cls_head.update(templates='action_clip', init_cfg=None)
    complete_texts(zero_shot)
    file, texts = texts_of(zero_shot)
    assert file.endswith('/texts/clip_projected_action_clip.safetensors')
    assert make_texts([zero_shot]) == [file]
    rows = load_file(file)['texts']
    assert rows.shape == (16, 8, WIDTH) and Texts.read(file) == texts
    backbone = zero_shot.model.backbone
    (alone,) = embed(backbone, ['Look, the human is reach swing'])
    torch.testing.assert_close(rows[10, 5], alone)
    check_texts(zero_shot)


def test_what_does_not_fit_is_refused(zero_shot):
    """Missing texts, other weights, classes in another order, templates."""
    check_texts(zero_shot)
    file, texts = texts_of(zero_shot)
    embeddings = load_file(file)['texts']

    def refused(said: str, **changes) -> None:
        replace(texts, **changes).write(file, embeddings)
        with pytest.raises(Faults, match=said):
            prepare(zero_shot)

    refused('other texts: names are', names=texts.names[::-1])
    refused('other texts: templates are', templates=['{}'])
    refused('other texts: weights are', weights=64 * '0')
    Path(file).unlink()
    with pytest.raises(Faults, match='are not there.*embed_texts.py CONFIG'):
        prepare(zero_shot)
    Path(file).write_bytes(b'none')
    with pytest.raises(Faults, match='holds no texts of classes'):
        prepare(zero_shot)


def test_the_tool_and_what_it_refuses(zero_shot, make_config):
    zero_shot.dump('zero_shot.py')
    file, _ = texts_of(zero_shot)
    before = Path(file).read_bytes()
    Path(file).unlink()
    assert run_tool('embed_texts.py', 'zero_shot.py') == f'{file}\n'
    assert Path(file).read_bytes() == before
    told = run_tool(
        'embed_texts.py', 'source_only_demo', fails=True, debug=False
    )
    assert told.startswith('error: this config reads no texts')
    net = zero_shot.model.backbone.backbone
    with pytest.raises(Faults, match='2 sentences have more than 77 tokens'):
        embed(zero_shot.model.backbone, ['walk', 'w' * 80, 'run ' * 40])
    zero_shot.model.backbone.backbone = dict(net, type='HFImageBackbone')
    with pytest.raises(Faults, match="type='HFProjectedBackbone'"):
        texts_of(zero_shot)
    zero_shot.model.backbone.update(backbone=net, seed=0)
    with pytest.raises(Faults, match='random ones know no texts'):
        texts_of(zero_shot)


def test_a_model_without_a_tokenizer(tmp_path):
    folder = write_stand_in(str(tmp_path / 'net'))
    Path(folder, 'merges.txt').unlink()
    net = dict(type='HFProjectedBackbone', model=folder)
    with pytest.raises(Faults, match='holds no merges.txt, the tokenizer'):
        embed(dict(backbone=net), ['walk'])


def test_weights_to_learn_are_refused(make_config):
    cfg = make_config('source_only_demo')
    cfg.train_cfg.type = 'NoTrainLoop'
    with pytest.raises(Faults, match='NoTrainLoop, but the model has'):
        make_runner(cfg).train()

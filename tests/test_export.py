"""Exported programs: the probabilities of the test, without our code."""

import json
import operator
from pathlib import Path

import pytest
import torch
from helpers.configs import small_config
from helpers.runs import make_runner, run_tool
from mmaction.registry import MODELS
from torch._ops import OpOverload

from mmaction_uda.apis import class_names, only_test
from mmaction_uda.export import export, on_tokens, part_at_test, token_shape
from mmaction_uda.faults import Faults

# MDTA, TAM, two modalities, a class token, relations of frames, a VAE.
METHODS = [
    'transferattn_demo',
    *(
        pytest.param(f'{name}_demo', marks=pytest.mark.full)
        for name in (
            'transferattn_multimodal',
            'transferattn_release',
            'transferattn_tam',
            'ta3n',
            'transvae',
            'ma2ltd',
            'udavt_dtab',
        )
    ),
]
KINDS = ['pt2', pytest.param('onnx', marks=pytest.mark.full)]


def drawn(cfg, spread: float = 0.1) -> torch.nn.Module:
    """A model whose weights tell rows apart."""
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, 0, spread)
    return model.eval()


def opened(path: str):
    """A program as its user has it: a function, its classes."""
    if path.endswith('.pt2'):
        extra = {'classes.json': ''}
        program = torch.export.load(path, extra_files=extra)
        return program.module(), json.loads(extra['classes.json'])
    ort = pytest.importorskip('onnxruntime')
    session = ort.InferenceSession(path, providers=['CPUExecutionProvider'])
    (tokens,) = session.get_inputs()
    assert tokens.name == 'tokens' and isinstance(tokens.shape[0], str)

    def run(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(session.run(None, {'tokens': x.numpy()})[0])

    meta = session.get_modelmeta().custom_metadata_map
    return run, json.loads(meta['classes'])


def need(kind: str) -> None:
    if kind == 'onnx':
        for name in ('onnx', 'onnxscript', 'onnxruntime'):
            pytest.importorskip(name)


@torch.no_grad()
@pytest.mark.parametrize('kind', ['pt2', 'onnx'])
@pytest.mark.parametrize('name', METHODS)
def test_programs_give_probabilities(name, kind, tmp_path):
    need(kind)
    cfg = small_config(name)
    # Whatever has made the tokens.
    cfg.model.backbone = dict(
        type='FrozenBackbone', features='some', cached=True
    )
    model = drawn(on_tokens(cfg), 0.3 if name == 'ma2ltd_demo' else 0.1)
    views, frames, channels = shape = token_shape(cfg, model)
    file = str(tmp_path / f'program.{kind}')
    difference = export(model, shape, file, ['a', 'b'])
    assert difference < 1e-4
    run, classes = opened(file)
    assert classes == ['a', 'b']
    for size in (1, 3, 7):
        tokens = torch.randn(size, views, frames, channels)
        # What a test does with a batch of them.
        feats, _ = model.extract_feat(tokens, test_mode=True)
        samples = model.cls_head.predict(feats, None)
        wanted = torch.stack([s.pred_score for s in samples])
        assert wanted.std(0).max() > 1e-3 or size == 1
        torch.testing.assert_close(run(tokens), wanted, rtol=0, atol=1e-4)


def test_nothing_of_the_training_is_in_it():
    """No kernel of ours, no reversal, no head of a loss."""
    cfg = on_tokens(small_config('transferattn_demo'))
    model = drawn(cfg)
    part = part_at_test(model)
    tokens = torch.randn(2, *token_shape(cfg, model))
    with torch.no_grad():
        program = torch.export.export(part, (tokens,))
    called = [n for n in program.graph.nodes if n.op == 'call_function']
    assert len(called) > 20
    for target in {node.target for node in called} - {operator.getitem}:
        assert isinstance(target, OpOverload), target
        assert target.namespace == 'aten'
    owners = {name.split('.')[1] for name in program.state_dict}
    assert owners == {'neck', 'cls_head'}
    assert model.domain_head is not None and model.ib_head is not None


@pytest.mark.parametrize('kind', KINDS)
def test_the_tool_exports_what_was_trained(make_config, kind):
    """Of stored tokens, the scores of tools/test.py."""
    need(kind)
    cfg = make_config('transferattn_demo')
    runner = make_runner(only_test(cfg))
    for parameter in runner.model.parameters():
        torch.nn.init.normal_(parameter, 0, 0.3)
    torch.save(dict(state_dict=runner.model.state_dict()), 'model.pth')
    cfg.dump('small.py')
    output = run_tool(
        'export.py', 'small.py', 'model.pth', '--out', f'p.{kind}'
    )
    assert f'p.{kind}: tokens [B, 1, 4, 128] to probabilities [B, 8]' in output
    run, classes = opened(f'p.{kind}')
    assert classes == list(class_names(cfg))
    model, rows = runner.model.eval(), 0
    for batch in runner.build_dataloader(cfg.test_dataloader):
        tokens = torch.stack(batch['inputs'])
        scores = torch.stack([s.pred_score for s in model.test_step(batch)])
        torch.testing.assert_close(run(tokens), scores, rtol=0, atol=1e-4)
        rows += len(scores)
    assert rows == 16


def test_refusals(make_config):
    cfg = make_config('source_only_demo')
    cfg.dump('small.py')
    call = ('export.py', 'small.py', 'none.pth', '--out')
    assert 'must end in .onnx or .pt2' in run_tool(*call, 'x.pth', fails=True)
    cfg.model.backbone.type = 'TunedBackbone'
    with pytest.raises(Faults, match='this backbone was trained with it'):
        on_tokens(cfg)
    cfg.model.backbone.type = 'FrozenBackbone'
    cfg.test_dataloader.dataset.pipeline = None
    with pytest.raises(Faults, match='no SampleFeature'):
        token_shape(on_tokens(cfg), drawn(on_tokens(cfg)))


def test_a_program_that_differs_is_not_written(tmp_path, monkeypatch):
    cfg = on_tokens(small_config('source_only_demo'))
    model = drawn(cfg)
    monkeypatch.setattr('mmaction_uda.export.TOLERANCE', -1)
    file = tmp_path / 'p.pt2'
    with pytest.raises(ValueError, match='is not written'):
        export(model, token_shape(cfg, model), str(file))
    assert not file.exists() and not list(Path(tmp_path).iterdir())

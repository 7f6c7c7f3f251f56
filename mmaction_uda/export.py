"""Trained models as programs that need neither MMAction2 nor this package."""

import copy
import io
import json
from importlib.util import find_spec
from typing import Any, Callable, List, Optional, Sequence, Tuple

import torch
from mmengine.config import Config
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from .apis import only_test
from .faults import Faults
from .files import written_aside
from .models.backbones import FrozenBackbone
from .models.layers import StackedLinear
from .models.recognizers import UDARecognizer

Run = Callable[[Tensor], Tensor]  # tokens to probabilities

TOLERANCE = 1e-4  # of probabilities
SIZES = 1, 5  # batches that are compared; another one is exported
CLASSES = 'classes.json'  # beside the program, in a .pt2


class FromTokens(nn.Module):
    """Neck and classifier of a recognizer, as at test.

    Args:
        model (UDARecognizer): One that reads tokens, in eval mode.
    """

    def __init__(self, model: UDARecognizer) -> None:
        super().__init__()
        self.model: Any = model

    def forward(self, tokens: Tensor) -> Tensor:
        """Map tokens ``[B, V, T, C]`` to probabilities ``[B, K]``."""
        logits, _ = self.model.extract_feat(
            tokens, stage='head', test_mode=True
        )
        views = logits.shape[1]  # of all modalities
        return self.model.cls_head.average_clip(logits.flatten(0, 1), views)


def part_at_test(model: UDARecognizer) -> FromTokens:
    """A copy of what is used of a recognizer at test, on the CPU.

    No choice is left in it that the size of a batch decides.
    """
    model = copy.deepcopy(model).cpu().eval()
    for name, _ in [*model.named_children()]:
        if name not in ('backbone', 'neck', 'cls_head'):
            delattr(model, name)  # for the training alone
    _merge(model)
    return FromTokens(model)


def _merge(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, StackedLinear):
            setattr(module, name, child.merged())
        else:
            _merge(child)


def on_tokens(cfg: Config) -> Config:
    """Let a config that only tests read tokens, whatever it read.

    Raises:
        Faults: If its backbone is trained, and so a part of the model.
    """
    cfg = only_test(cfg)
    backbone = cfg.model.backbone
    if backbone.type != FrozenBackbone.__name__:
        raise Faults(
            f'model.backbone.type={backbone.type!r}: what is behind the '
            'tokens is exported, and this backbone was trained with it. '
            'Give a config with a FrozenBackbone.'
        )
    backbone.update(cached=True)
    backbone.pop('sample', None)
    return cfg


def token_shape(cfg: Config, model: UDARecognizer) -> List[int]:
    """Views, time steps and width of what a model reads at test.

    Raises:
        Faults: If the config reads no stored tokens.
    """
    pipeline = cfg.test_dataloader.dataset.get('pipeline') or []
    for transform in pipeline:
        if transform['type'] == 'SampleFeature':
            views = transform.get('num_views', 2)
            frames = transform.get('num_frames', 53)
            return [views, frames, model.neck.in_channels]
    raise Faults(
        'test_dataloader.dataset.pipeline has no SampleFeature, so that it '
        'is not known how many tokens a video has. Give a config that tests '
        'on stored features.'
    )


@torch.no_grad()
def export(
    model: UDARecognizer,
    shape: Sequence[int],
    path: str,
    classes: Optional[Sequence[str]] = None,
) -> float:
    """Write a model as a program of ONNX or of ``torch.export``.

    It maps ``tokens`` ``[B, V, T, C]``, float32, to ``probabilities``
    ``[B, K]``, for any ``B``.

    Args:
        model (UDARecognizer): One that reads tokens, in eval mode.
        shape (Sequence[int]): ``V, T, C``.
        path (str): Ends in ``.onnx`` or ``.pt2``. The file is there when the
            program gives what the model gives.
        classes (Sequence[str], optional): Go with it: in ONNX's metadata
            ``classes``, or in the extra file ``classes.json``.

    Returns:
        float: The largest difference to the model's probabilities, on drawn
        tokens.

    Raises:
        ImportError: Without the packages that ONNX needs.
        ValueError: If program and model differ by more than 1e-4.
    """
    model = model.cpu()
    tokens = torch.randn(2, *shape)
    if path.endswith('.onnx'):
        _check_packages()
    program = torch.export.export(
        part_at_test(model), (tokens,), dynamic_shapes=({0: Dim('batch')},)
    )
    names = json.dumps(list(classes or []))
    write = _write_onnx if path.endswith('.onnx') else _write_pt2
    content, run = write(program, names)
    wanted = FromTokens(model)
    difference = max(
        (run(x) - wanted(x)).abs().max().item()
        for x in (torch.randn(size, *shape) for size in SIZES)
    )
    if not difference <= TOLERANCE:
        raise ValueError(
            f'the program differs from the model by {difference:.1e}, more '
            f'than {TOLERANCE:g}: {path!r} is not written. Another version '
            'of torch or onnxscript may help.'
        )
    with written_aside(path) as file:
        file.write(content)
    return difference


def _check_packages() -> None:
    needed = ('onnx', 'onnxscript', 'onnxruntime')
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise ImportError(
            f'ONNX needs {", ".join(missing)}: pip install '
            f'{" ".join(missing)}, or give a file that ends in .pt2.'
        )


def _write_pt2(program: ExportedProgram, classes: str) -> Tuple[bytes, Run]:
    content = io.BytesIO()
    torch.export.save(program, content, extra_files={CLASSES: classes})
    return content.getvalue(), program.module()


def _write_onnx(program: ExportedProgram, classes: str) -> Tuple[bytes, Run]:
    import onnxruntime

    written = torch.onnx.export(
        program,
        dynamo=True,
        input_names=['tokens'],
        output_names=['probabilities'],
        verbose=False,
    )
    assert written is not None
    written.model.metadata_props['classes'] = classes
    content = written.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(
        content, providers=['CPUExecutionProvider']
    )

    def run(tokens: Tensor) -> Tensor:
        (found,) = session.run(None, dict(tokens=tokens.numpy()))
        return torch.from_numpy(found)

    return content, run

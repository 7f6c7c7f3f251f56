"""Python of the documents: programs, which are run, and parts of configs."""

import ast
import importlib
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import torch
from mmaction.registry import MODELS

from mmaction_uda.config import load_config

from .finished import write_training
from .own_data import write_clip
from .pages import Block, blocks_of
from .settings import fragment_faults

CHECKPOINT = 'work_dirs/transferattn_demo/epoch_24.pth'
VIDEO = 'data/demo/seed0_distractors0/target/test/walk_000.mp4'
GRID = 'work_dirs/grid/transferattn_demo/seed0'


def _write_checkpoint(file: str) -> None:
    """Weights as a training leaves them; these were not trained."""
    cfg = load_config('transferattn_demo')
    assert file.endswith(f'/epoch_{cfg.train_cfg.max_epochs}.pth')
    model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict()), file)


def _export(file: str) -> None:
    from mmaction_uda.export import export, on_tokens, token_shape

    cfg = on_tokens(load_config('transferattn_demo'))
    model = MODELS.build(cfg.model).eval()
    export(model, token_shape(cfg, model), file, ['a', 'b'])


def _train(folder: str) -> None:
    labels = [0, 1, 2] * 4
    predicted = [0, 1, 1] * 4
    config = load_config('transferattn_demo').pretty_text
    write_training(folder, {1: 0.5, 2: 0.6}, predicted, labels, config=config)


# What a reader has made by commands of the pages when a program reads it.
MADE: Dict[str, Callable[[str], None]] = {
    CHECKPOINT: _write_checkpoint,
    VIDEO: lambda file: write_clip(Path(file), 0, 16),
    'a.mp4': lambda file: write_clip(Path(file), 1),
    'b.mp4': lambda file: write_clip(Path(file), 2),
    'transferattn.pt2': _export,
    GRID: _train,
}


def programs(page: str) -> List[Block]:
    """What stands on a page to be run."""
    found = [b for b in blocks_of(page, 'python') if not b.file]
    return [b for b in found if not (b.left_out or is_config(b.text))]


def run(page: str) -> Dict[str, Any]:
    """Run the programs of a page, one behind the other; gives their names."""
    found: Dict[str, Any] = {}
    for block in programs(page):
        for place, make in MADE.items():
            if repr(place) in block.text and not Path(place).exists():
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                make(place)
        exec(compile(block.text, page, 'exec'), found)
    return found


def is_config(text: str) -> bool:
    """Whether a block sets names to dicts and lists, and does no more."""
    return all(
        isinstance(node, (ast.Assign, ast.Expr)) and _is_plain(node.value)
        for node in ast.parse(text).body
    )


def _is_plain(node: ast.expr) -> bool:
    return all(
        isinstance(n.func, ast.Name) and n.func.id == 'dict'
        for n in ast.walk(node)
        if isinstance(n, ast.Call)
    ) and isinstance(node, (ast.Call, ast.Dict, ast.List, ast.Constant))


def config_faults(text: str) -> List[str]:
    """Settings of a block that nothing reads; ``...`` stands for others."""
    wrong: List[str] = []
    for node in ast.parse(text).body:
        assert isinstance(node, (ast.Assign, ast.Expr))
        value = _without_dots(eval(ast.unparse(node.value)))
        if isinstance(node, ast.Expr):  # a step of a pipeline
            wrong += fragment_faults({'test_pipeline': [value]})
        else:
            names = [ast.unparse(target) for target in node.targets]
            wrong += fragment_faults({name: value for name in names})
    return wrong


def _without_dots(value: Any) -> Any:
    if isinstance(value, dict):
        items = value.items()
        return {k: _without_dots(v) for k, v in items if v is not ...}
    if isinstance(value, list):
        return [_without_dots(v) for v in value]
    return value


def missing_imports(text: str) -> Iterator[str]:
    """Names that a program imports of this package and that are not there."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            name = node.module or ''
            if name.partition('.')[0] == 'mmaction_uda':
                module = importlib.import_module(name)
                for alias in node.names:
                    if not hasattr(module, alias.name):
                        yield f'{name} has no {alias.name}'

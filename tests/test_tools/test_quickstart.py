"""The report of the quickstart: numbers, and commands that are there."""

import re
import sys
from pathlib import Path

import pytest
import test_docs
import torch
from helpers import command_lines
from helpers.configs import ROOT
from helpers.finished import write_training
from helpers.pages import blocks
from mmaction.registry import MODELS
from safetensors.torch import save_file

sys.path.insert(0, str(ROOT / 'tools'))
import _report  # noqa: E402

RIGHT = 0.5, 0.75, 0.625, 0.875  # of ROWS
NUM = 16  # test videos, two of each class


@pytest.fixture
def report(make_config, monkeypatch) -> str:
    """Of four trainings that have said what they reach, no more."""
    cfg = make_config('transferattn_demo')
    monkeypatch.setattr(_report, 'load_config', lambda name: cfg)
    state = MODELS.build(cfg.model).state_dict()
    labels = [i // 2 for i in range(NUM)]
    runs = {}
    for (name, row), right in zip(_report.ROWS.items(), RIGHT):
        folder = Path('work', row.config, 'seed0')
        hits = round(NUM * right)
        predicted = [(c + (i >= hits)) % 8 for i, c in enumerate(labels)]
        kept = dict(predicted=predicted, labels=labels, config=cfg.pretty_text)
        runs[name] = [write_training(folder, {2: 0.25, 4: right}, **kept)]
        save_file(state, folder / 'weights.safetensors')
    folder = Path(runs['TransferAttn'][0])
    torch.save(dict(state_dict=state), folder / 'epoch_4.pth')
    (folder / 'last_checkpoint').write_text('/elsewhere/epoch_4.pth')
    table, reading = _report.write_all(runs, 'work')
    text = Path('work/README.md').read_text()
    assert table.partition('\n\n')[0] in text and reading in text
    return text


def test_the_report(report):
    assert not re.search(r'[{}]', report)
    for name in re.findall(r'\]\((\w+\.\w+)\)', report):
        assert Path('work', name).stat().st_size, name
    rows = re.findall(r'^\| ([\w-]+).*\| ([\d.]+) \|', report, re.M)
    assert {'source-only', 'Baseline', 'TransferAttn'} < {r[0] for r in rows}
    (head,) = re.findall(r'^\| (method .*best epoch.*) \|$', report, re.M)
    columns = report.partition('## Columns')[2].partition('## Accuracy')[0]
    assert all(f'**{name}**' in columns for name in head.split(' | '))
    assert '([validators](../' in report and '(docs/' not in report
    # 16 videos of 8 classes; p = 0.6875 of the two adaptations.
    assert 'top-1 on 16 target test videos, where chance is 12.5 %' in report
    assert 'differences below 23.2 points' in report
    assert 'MDTA is a plain mean of the frames here' in report
    assert f'torch {torch.__version__}, numpy ' in report
    for row in _report.ROWS.values():
        assert f'(`{row.config}`)' in report
    page = Path('work/report.html').read_text()
    assert 'Not shown here' not in page
    # Curves, gains, 4 confusions, 1 + 4 embeddings, 2 distances, attention.
    assert page.count('<svg') == 2 - 1 + 1 + 4 + 2 * 5 + 2 + 4 * 3
    assert page.count('data:image/webp') == 2 * 8
    check_names(report)


def check_names(report: str) -> None:
    """What it names is there: links, configs, tools, options, files."""
    assert (
        test_docs.faults(str(Path('work/README.md').resolve()), report) == []
    )
    texts = [b.text for b in blocks(report) if b.language == 'bash']
    assert len(texts) == len(blocks(report)) == 1
    called = re.findall(r'tools/\w+\.py', texts[0])
    assert {Path(tool).name for tool in called} == {
        'collect_results.py',
        'report.py',
        'visualize.py',
        'test.py',
        'infer.py',
        'print_config.py',
        'run_grid.py',
        'tune.py',
    }
    files = [w for w in texts[0].split() if w.endswith(('.py', 'pth', 'mp4'))]
    assert len(files) == 9 + 3 and all(Path(file).is_file() for file in files)
    faults = command_lines.faults(texts[0], Path.cwd())
    assert all('ends with epoch_24.pth' in fault for fault in faults)


def test_the_committed_table_is_that_of_the_page():
    head, line, *rows = _report.committed().splitlines()
    assert head.startswith('| method | top-1 |') and line.startswith('|---|')
    names = [row.split('|')[1].strip() for row in rows]
    assert sorted(names) == sorted(_report.ROWS)
    clean = (ROOT / 'docs/results.md').read_text().split('\n## ')[1]
    assert clean.startswith('Clean') and all(row in clean for row in rows)

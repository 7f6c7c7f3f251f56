"""A long video takes as much memory as a short one, in whole tools."""

import copy
import time
from pathlib import Path

import pytest
import torch
from helpers.runs import TRAININGS, start_tool
from helpers.videos import write_film
from mmaction.registry import MODELS
from mmengine.config import Config
from test_extraction import CONFIG

from mmaction_uda.apis import on_videos

RATE, SIZE = 12, 64  # frames a second; px
MINUTES = 1, 20
MORE = 60  # MB that the longer film may take beside the shorter


def memory_of(pid: int) -> dict:
    """Peak of a process, in MB, and of those that it has started."""
    found = {}
    try:
        status = Path(f'/proc/{pid}/status').read_text()
        (peak,) = (x for x in status.splitlines() if x.startswith('VmHWM'))
        found[pid] = int(peak.split()[1]) / 1024
        for file in Path(f'/proc/{pid}/task').glob('*/children'):
            for child in map(int, file.read_text().split()):
                found |= memory_of(child)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        pass  # it has ended meanwhile
    return found


def peak_of(*call) -> float:
    """The largest process that a tool was or started, in MB."""
    process = start_tool(*call)
    TRAININGS.append(process)
    peaks = {}
    while process.poll() is None:
        peaks |= memory_of(process.pid)
        time.sleep(0.02)
    assert process.returncode == 0, process.communicate()[0]
    return max(peaks.values())


@pytest.fixture
def films(tmp_path, monkeypatch) -> list:
    """A config that reads all frames, and films."""
    monkeypatch.chdir(tmp_path)
    cfg = Config(copy.deepcopy(CONFIG))
    Path('videos').mkdir()
    cfg.test_dataloader.dataset.store = None
    for minutes in MINUTES:
        film = Path(f'videos/{minutes}.mp4')
        write_film(film, minutes * 60 * RATE, SIZE, SIZE)
        Path(f'{minutes}.txt').write_text(f'{film.name} 0\n')
        one = copy.deepcopy(cfg)
        one.custom_imports = dict(imports=['mmaction_uda'])
        dataset = one.test_dataloader.dataset
        dataset.store = f'features{minutes}'
        dataset.videos.ann_file = f'{minutes}.txt'
        one.dump(f'{minutes}.py')
    state = MODELS.build(on_videos(one).model).state_dict()
    torch.save(dict(state_dict=state), 'model.pth')
    return MINUTES


def check(peaks: list, name: str, record_property) -> None:
    print(name, [round(peak) for peak in peaks])
    assert peaks[1] - peaks[0] < MORE, peaks
    for minutes, peak in zip(MINUTES, peaks):
        record_property(f'tried: MB, {name} of {minutes} min', round(peak))


@pytest.mark.full
def test_extraction(films, record_property):
    peaks = [peak_of('extract_features.py', f'{m}.py') for m in films]
    check(peaks, 'extraction', record_property)


@pytest.mark.full
def test_inference(films, record_property):
    peaks = [
        peak_of('infer.py', f'{m}.py', 'model.pth', f'videos/{m}.mp4')
        for m in films
    ]
    check(peaks, 'inference', record_property)

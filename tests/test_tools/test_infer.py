"""tools/infer.py on many videos: the same scores, whatever goes together."""

import json
from pathlib import Path

import pytest
import torch
from helpers.configs import ROOT
from helpers.data import moving_square
from helpers.runs import make_runner, run_tool
from helpers.videos import write_video
from mmaction.apis import inference_recognizer

from mmaction_uda import inference
from mmaction_uda.apis import on_videos

INFER = ('infer.py', 'small.py', 'model.pth')


@pytest.fixture
def demo(make_config):
    """A config, and a checkpoint that tells videos apart."""
    cfg = make_config('transferattn_demo')
    runner = make_runner(cfg)
    for parameter in runner.model.parameters():
        torch.nn.init.normal_(parameter, 0, 0.3)
    torch.save(dict(state_dict=runner.model.state_dict()), 'model.pth')
    cfg.dump('small.py')
    return cfg


@pytest.fixture
def videos(demo) -> list:
    """Seven: of two lengths, of another size, and one that is none."""
    folder = Path('some videos')
    (folder / 'inner').mkdir(parents=True)
    for i in range(5):
        frames = moving_square(i, 20 if i % 2 else 12)
        write_video(folder / f'inner/{i}.mp4', frames)
    write_video(folder / 'small.avi', moving_square(7)[:, :32, :32], 'mpeg4')
    (folder / 'broken.mp4').write_text('no video\n')
    (folder / 'notes.txt').write_text('of another kind\n')
    (folder / '.hidden.mp4').write_text('of another kind\n')
    names = ['broken.mp4', *(f'inner/{i}.mp4' for i in range(5)), 'small.avi']
    return [str(folder / name) for name in names]


def watched(monkeypatch, model) -> list:
    """How many videos go through a model together, from now on."""
    sizes, step = [], model.test_step

    def test_step(data):
        sizes.append(len(data['inputs']))
        return step(data)

    monkeypatch.setattr(model, 'test_step', test_step)
    return sizes


@pytest.mark.parametrize('workers', [0, 2])
def test_batches_give_the_scores_of_single_videos(
    demo, videos, monkeypatch, workers
):
    model = inference.load_trained(on_videos(demo), 'model.pth', 'cpu')
    alone = [inference_recognizer(model, v).pred_score for v in videos[1:]]
    assert torch.stack(alone).std(0).max() > 1e-2
    sizes = watched(monkeypatch, model)
    said = list(inference.label_videos(model, videos, 4, workers))
    # Those of 8 frames that the config reads have one shape; one is smaller.
    assert sorted(sizes) == [1, 1, 4]
    assert sorted(s.number for s in said) == [*range(7)]
    (fault,) = [s for s in said if s.scores is None]
    assert fault.number == 0 and fault.fault.startswith('it begins with')
    for one in said:
        if one.scores is not None:
            torch.testing.assert_close(
                one.scores, alone[one.number - 1], rtol=0, atol=1e-5
            )


def test_what_waits_is_bounded(demo, videos, monkeypatch):
    model = inference.load_trained(on_videos(demo), 'model.pth', 'cpu')
    sizes = watched(monkeypatch, model)
    clip = 3 * 8 * 32 * 42  # bytes
    monkeypatch.setattr(inference, 'WHOLE_BYTES', 2 * clip)
    assert len(list(inference.label_videos(model, videos, 8, 0))) == 7
    assert max(sizes) <= 3 and sum(sizes) == 6


def test_one_that_fails_takes_no_other_along(demo, videos, monkeypatch):
    model = inference.load_trained(on_videos(demo), 'model.pth', 'cpu')
    step = model.test_step

    def test_step(data):
        names = [s.get('img_key') for s in data['data_samples']]
        if len(names) > 1 or names[0] == 'fails':
            raise ArithmeticError('too large')
        return step(data)

    monkeypatch.setattr(model, 'test_step', test_step)
    said = list(inference.label_videos(model, videos, 4, 0))
    assert [s.number for s in said if s.fault] == [0]
    monkeypatch.setattr(model, 'test_step', lambda data: 1 / 0)
    said = list(inference.label_videos(model, videos, 4, 0))
    assert {s.fault for s in said[1:]} == {
        'ZeroDivisionError: division by zero'
    }


def test_folders_lists_and_lines(demo, videos):
    """A folder is walked; lines go on where they were cut."""
    Path('lists').mkdir()
    call = (*INFER, 'some videos', '--out', 'scores.json')
    output = run_tool(*call, fails=True)
    found = json.loads(Path('scores.json').read_text())
    assert list(found) == videos[1:]
    assert '6 videos labelled, ' in output and ' a second\n' in output
    assert 'top-1' not in output
    assert output.splitlines()[-2:] == [
        'error: cannot be read:',
        f"  {videos[0]}: it begins with b'no video\\n', and is no MP4, MOV, "
        'MKV, WebM, AVI, MPEG, TS, FLV, WMV or Ogg file. Of a playlist give '
        'the videos that it names; another video, re-encode it: ffmpeg -i IN '
        '-c:v libx264 OUT.mp4',
    ]

    classes = list(found[videos[1]])
    best = {v: max(s, key=s.get) for v, s in found.items()}
    right = [classes.index(best[v]) for v in videos[1:4]]
    labels = [*right[:2], 7 - right[2]]
    rows = [f'../{v} {n}' for v, n in zip(videos[1:4], labels)]
    Path('lists/some.txt').write_text('\n'.join([*rows, f'../{videos[4]}']))
    call = (*INFER, '--list', 'lists/some.txt', '--format', 'jsonl')
    call += ('--out', 'scores.jsonl')
    output = run_tool(*call)
    assert '\ntop-1 0.6667: 2 of 3 with labels are right\n' in output
    lines = Path('scores.jsonl').read_text().splitlines()
    rows = {row['video']: row for row in map(json.loads, lines)}
    assert set(rows) == {*videos[1:5]} and len(lines) == 4
    for video, row in rows.items():
        assert row['label'] == best[video]
        assert row['scores'] == pytest.approx(found[video], abs=1e-5)

    Path('scores.jsonl').write_text('\n'.join(lines)[:-20])  # as by a kill
    output = run_tool(*call)
    assert '3 of 4 are in scores.jsonl already' in output
    assert '1 videos labelled' in output
    assert '\ntop-1 0.6667: 2 of 3 with labels are right\n' in output
    again = Path('scores.jsonl').read_text().splitlines()
    assert again[:3] == lines[:3] and len(again) == 4
    assert json.loads(again[3])['scores'] == pytest.approx(
        json.loads(lines[3])['scores'], abs=1e-5
    )


def test_lines_of_others_are_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / 'tools'))
    from _labels import ScoreLines

    file = tmp_path / 'scores.jsonl'
    lines = ScoreLines(str(file), 'one')
    lines.add('a.mp4', dict(walk=0.2, run=0.8))
    lines.close(['a.mp4'])
    row = json.loads(file.read_text())
    assert row['label'] == 'run' and row['scores'] == dict(walk=0.2, run=0.8)
    assert ScoreLines(str(file), 'one').found == {'a.mp4': 1}
    with pytest.raises(ValueError, match='scores of another checkpoint'):
        ScoreLines(str(file), 'two')
    file.write_text('{"mine": 1}\n')
    with pytest.raises(ValueError, match='line 1 is none that this tool'):
        ScoreLines(str(file), 'one')
    assert file.read_text() == '{"mine": 1}\n'


def test_all_that_is_wrong_is_told_before_any_work(demo, videos):
    Path('empty').mkdir()
    Path('some.txt').write_text(f'{videos[1]} 1\ngone.mp4 0\n')
    Path('gone.txt').write_text('none.mp4 0\n')
    call = (*INFER, 'empty', 'no.mp4', '--list', 'some.txt', 'gone.txt')
    lines = run_tool(*call, fails=True).splitlines()
    assert len(lines) == 4
    assert lines[0].startswith('error: empty is a folder without a video')
    assert lines[1].startswith("error: --list 'gone.txt': none of its videos")
    assert lines[2:] == [
        'error: no such file: no.mp4',
        'error: no such file: gone.mp4',
    ]
    assert run_tool(*INFER, fails=True).startswith('error: give videos')


@pytest.mark.parametrize(
    'other, said',
    [
        ('method', 'this checkpoint belongs to another config'),
        ('seed', 'This checkpoint was trained on another frozen backbone'),
    ],
)
def test_another_methods_checkpoint(demo, videos, other, said):
    if other == 'seed':
        demo.model.backbone.update(checkpoint=None, seed=3)
    else:
        demo.model.update(domain_head=None)
    make_runner(demo).save_checkpoint(
        '.', 'other.pth', save_optimizer=False, save_param_scheduler=False
    )
    call = ('infer.py', 'small.py', 'other.pth', videos[1])
    output = run_tool(*call, fails=True)
    assert 'Traceback' not in output
    assert f'error: {said}' in output

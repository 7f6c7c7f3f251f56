"""Label videos on disk with a trained config, whatever it was trained on."""

import argparse
import os.path as osp
import time
from typing import Any, Dict

from _labels import FORMATS, ScoreLines, Scores, named
from cli import config_parser, load, new_file, positive, told


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = config_parser(
        __doc__,
        'python tools/infer.py configs/transferattn_demo.py '
        'work_dirs/transferattn_demo/epoch_24.pth VIDEO.mp4 FOLDER '
        '--out scores.jsonl --format jsonl',
    )
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        'videos', nargs='*', help='video files, folders with video files'
    )
    parser.add_argument(
        '--list',
        nargs='+',
        action='extend',
        default=[],
        metavar='FILE',
        help='lists of videos, `path` or `path label` a line; with labels '
        'the accuracy is told',
    )
    parser.add_argument(
        '--device', help='cuda:0, cpu, …; by default a GPU if there is one'
    )
    parser.add_argument(
        '--top', type=positive, default=3, help='labels per video'
    )
    parser.add_argument(
        '--batch-size',
        type=positive,
        default=8,
        help='videos of one length and size that go through the model '
        'together',
    )
    parser.add_argument(
        '--out', type=new_file, metavar='FILE', help='write all scores to it'
    )
    parser.add_argument(
        '--format',
        choices=FORMATS,
        default='json',
        help='of --out: json, written at the end, or jsonl, a line a video, '
        'written as they are labelled; the same command goes on behind them',
    )
    return parser.parse_args()


def build(args: argparse.Namespace):
    """The trained model, reading videos."""
    import torch

    from mmaction_uda.apis import on_videos
    from mmaction_uda.config.checking import check_configs
    from mmaction_uda.engine import open_stages
    from mmaction_uda.inference import load_trained

    gpu = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    device = args.device or gpu
    if device.startswith('cuda') and gpu == 'cpu':
        raise ValueError(f'--device {device}: no CUDA device was found.')
    cfg = load(args)
    # Earlier stages lie beside the checkpoint, where they were trained.
    cfg.update(work_dir=osp.dirname(args.checkpoint), launcher='none')
    open_stages(cfg)
    check_configs({'': cfg}, {'': args.options})
    return load_trained(on_videos(cfg), args.checkpoint, device)


def open_out(args: argparse.Namespace, model) -> Any:
    """Where scores go, if anywhere."""
    from hashlib import sha256

    from mmaction_uda.files import sha256_of

    if not args.out:
        return None
    if args.format == 'json':
        return Scores(args.out)
    settings = model.cfg.model, model.cfg.test_pipeline
    text = f'{sha256_of(args.checkpoint)} {settings}'
    return ScoreLines(args.out, sha256(text.encode()).hexdigest()[:12])


def label(args: argparse.Namespace) -> None:
    """Print the best labels of every video."""
    from mmaction_uda.apis import class_names
    from mmaction_uda.inference import label_videos
    from mmaction_uda.progress import Progress

    videos = named(args)
    model = build(args)
    names = class_names(model.cfg)
    out = open_out(args, model)
    predicted: Dict[str, int] = {}
    faults: Dict[str, str] = {}
    if isinstance(out, ScoreLines):
        predicted = {v: n for v, n in out.found.items() if v in videos}
    left = [video for video in videos if video not in predicted]
    if predicted:
        print(f'{len(predicted)} of {len(videos)} are in {args.out} already')
    start = time.time()
    with Progress() as bars:
        task = bars.add_task('label', total=len(left))
        for said in label_videos(model, left, args.batch_size):
            video = left[said.number]
            bars.advance(task)
            if said.scores is None:
                faults[video] = said.fault
                continue
            values = said.scores.tolist()
            labels = names or [str(i) for i in range(len(values))]
            scores = dict(zip(labels, values))
            predicted[video] = int(said.scores.argmax())
            best = sorted(scores.items(), key=lambda s: -s[1])[: args.top]
            line = (f'{label} {score:.3f}' for label, score in best)
            print(video, *line, flush=True)
            if out:
                out.add(video, scores)
    if out:
        out.close(list(videos))
    if left:
        told_rate(len(left) - len(faults), time.time() - start)
    told_accuracy(videos, predicted)
    if faults:
        lines = [f'  {v}: {faults[v]}' for v in left if v in faults]
        raise ValueError('\n'.join(['cannot be read:', *lines]))


def told_rate(number: int, seconds: float) -> None:
    """How fast it was."""
    print(f'{number} videos labelled, {number / seconds:.1f} a second')


def told_accuracy(videos: Dict[str, int], predicted: Dict[str, int]) -> None:
    """How many are right, of those whose labels a list gives."""
    known = [v for v in videos if videos[v] >= 0 and v in predicted]
    if known:
        right = sum(predicted[v] == videos[v] for v in known)
        print(
            f'top-1 {right / len(known):.4f}: {right} of {len(known)} with '
            'labels are right'
        )


def main() -> None:
    """Label."""
    args = parse_args()
    with told(args.debug):
        label(args)


if __name__ == '__main__':
    main()

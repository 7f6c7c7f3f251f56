"""Label videos on disk with a trained config, whatever it was trained on."""

import argparse
import json
import os.path as osp
from typing import List, Sequence

from cli import config_parser, load, new_file, positive, told


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = config_parser(
        __doc__,
        'python tools/infer.py configs/transferattn_demo.py '
        'work_dirs/transferattn_demo/epoch_24.pth VIDEO.mp4',
    )
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('videos', nargs='+', help='video files')
    parser.add_argument(
        '--device', help='cuda:0, cpu, …; by default a GPU if there is one'
    )
    parser.add_argument(
        '--top', type=positive, default=3, help='labels per video'
    )
    parser.add_argument(
        '--out',
        type=new_file,
        metavar='FILE.json',
        help='write all scores to this file',
    )
    return parser.parse_args()


def build(args: argparse.Namespace):
    """The trained model, reading videos."""
    import torch
    from mmaction.apis import init_recognizer
    from mmengine.runner import CheckpointLoader

    from mmaction_uda.apis import on_videos
    from mmaction_uda.config.checking import check_configs
    from mmaction_uda.engine import fitting_state, open_stages

    gpu = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    device = args.device or gpu
    if device.startswith('cuda') and gpu == 'cpu':
        raise ValueError(f'--device {device}: no CUDA device was found.')
    cfg = load(args)
    # Earlier stages lie beside the checkpoint, where they were trained.
    cfg.update(work_dir=osp.dirname(args.checkpoint), launcher='none')
    open_stages(cfg)
    check_configs({'': cfg}, {'': args.options})
    model = init_recognizer(on_videos(cfg), device=device)
    # The host loads what fits; here everything must.
    checkpoint = CheckpointLoader.load_checkpoint(
        args.checkpoint, device, logger='silent'
    )
    model.load_state_dict(fitting_state(model, checkpoint))
    return model


def check_there(videos: Sequence[str]) -> None:
    """Refuse what is no file before the model is built."""
    from mmaction_uda.datasets.containers import kind_of
    from mmaction_uda.faults import Faults, gathered
    from mmaction_uda.files import is_there

    faults: List[str] = []
    for video in dict.fromkeys(videos):
        with gathered(faults):
            if not is_there(video):
                faults.append(f'no such file: {video}')
            elif (kind := kind_of(video)) is not None:
                faults.append(f'{video} is a {kind}, no file of a video')
    if faults:
        raise Faults(*faults)


def label(args: argparse.Namespace) -> None:
    """Print the best labels of every video."""
    from mmaction.apis import inference_recognizer

    from mmaction_uda.apis import class_names
    from mmaction_uda.faults import one_line
    from mmaction_uda.files import written_aside

    check_there(args.videos)
    model = build(args)
    names = class_names(model.cfg)
    found, faults = {}, []
    for video in args.videos:
        try:
            scores = inference_recognizer(model, video).pred_score
        except Exception as error:  # decoders raise types of their own
            faults.append(f'{video}: {one_line(error)}')
            continue
        labels = names or [str(i) for i in range(len(scores))]
        found[video] = dict(zip(labels, scores.tolist()))
        best = sorted(found[video].items(), key=lambda s: -s[1])[: args.top]
        print(video, *(f'{label} {score:.3f}' for label, score in best))
    if args.out:
        with written_aside(args.out, 'w') as file:
            json.dump(found, file, indent=1)
    if faults:
        raise ValueError('cannot be read:\n  ' + '\n  '.join(faults))


def main() -> None:
    """Label."""
    args = parse_args()
    with told(args.debug):
        label(args)


if __name__ == '__main__':
    main()

"""Label videos on disk with a trained config, whatever it was trained on."""

import argparse
import json
import os.path as osp
import sys

import torch
from mmaction.apis import inference_recognizer, init_recognizer
from mmengine.config import Config, DictAction
from mmengine.logging import MMLogger
from mmengine.runner import load_checkpoint

from mmaction_uda.apis import on_videos
from mmaction_uda.datasets.features import written_aside
from mmaction_uda.engine import open_stages


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('videos', nargs='+', help='video files')
    parser.add_argument(
        '--device',
        default='cuda:0' if torch.cuda.is_available() else 'cpu',
        help='cuda:0, cpu, …; by default a GPU if there is one',
    )
    parser.add_argument('--top', type=int, default=3, help='labels per video')
    parser.add_argument(
        '--out', metavar='FILE.json', help='write all scores to this file'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config: key=value',
    )
    return parser.parse_args()


def build(args: argparse.Namespace) -> torch.nn.Module:
    """The trained model, reading videos."""
    cfg = Config.fromfile(args.config)
    # Earlier stages lie beside the checkpoint, where they were trained.
    cfg.update(work_dir=osp.dirname(args.checkpoint), launcher='none')
    open_stages(cfg)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    model = init_recognizer(on_videos(cfg), device=args.device)
    # The host loads what fits; here everything must.
    load_checkpoint(model, args.checkpoint, args.device, strict=True)
    return model


def probabilities(model: torch.nn.Module, video: str) -> torch.Tensor:
    """Of every class, ``[K]``, from the score that testing compares."""
    scores = inference_recognizer(model, video).pred_score
    if model.cls_head.average_clips == 'prob':
        return scores
    return scores.softmax(0)


def main() -> None:
    """Print the best labels of every video."""
    args = parse_args()
    missing = [v for v in args.videos if not osp.isfile(v)]
    if missing:
        sys.exit(f'no such file: {", ".join(missing)}')
    # The host's notes on its own decoders would bury the labels.
    MMLogger.get_instance('infer', log_level='ERROR')
    model = build(args)
    dataset = model.cfg.test_dataloader.dataset
    names = dataset.get('metainfo', {}).get('classes')
    found, faults = {}, []
    for video in args.videos:
        try:
            scores = probabilities(model, video)
        except Exception as error:  # decoders raise types of their own
            faults.append(f'{video}: {type(error).__name__}: {error}')
            continue
        labels = names or [str(i) for i in range(len(scores))]
        found[video] = dict(zip(labels, scores.tolist()))
        best = sorted(found[video].items(), key=lambda s: -s[1])[: args.top]
        print(video, *(f'{label} {score:.3f}' for label, score in best))
    if args.out:
        with written_aside(args.out, 'w') as file:
            json.dump(found, file, indent=1)
    if faults:
        sys.exit('cannot be read:\n  ' + '\n  '.join(faults))


if __name__ == '__main__':
    main()

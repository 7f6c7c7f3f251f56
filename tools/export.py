"""Write a trained model, from tokens on, for ONNX Runtime or torch.export.

Neck and classifier become a program that needs neither MMAction2 nor this
package: tokens [B, V, T, C] of the frozen backbone in, probabilities [B, K]
out, for any B.
"""

import argparse
import logging
import os.path as osp
import warnings
from contextlib import contextmanager
from typing import Iterator

from cli import config_parser, load, new_file, told

ENDINGS = ('.onnx', '.pt2')


def program_file(path: str) -> str:
    """A file whose kind its name tells."""
    if not path.endswith(ENDINGS):
        raise argparse.ArgumentTypeError(
            f'{path!r} must end in {" or ".join(ENDINGS)}'
        )
    return new_file(path)


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = config_parser(
        __doc__,
        'python tools/export.py configs/transferattn_demo.py '
        'work_dirs/transferattn_demo/epoch_24.pth --out transferattn.onnx',
    )
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--out',
        type=program_file,
        required=True,
        metavar='FILE.onnx|FILE.pt2',
        help='the program; its ending says which kind',
    )
    return parser.parse_args()


@contextmanager
def quiet(debug: bool) -> Iterator[None]:
    """Keep what PyTorch says of its own insides to itself."""
    with warnings.catch_warnings():
        if not debug:
            warnings.simplefilter('ignore')
            logging.getLogger('torch.onnx').setLevel(logging.ERROR)
        yield


def main() -> None:
    """Export."""
    args = parse_args()
    with told(args.debug):
        from mmaction_uda.apis import class_names
        from mmaction_uda.config.checking import check_configs
        from mmaction_uda.engine import open_stages
        from mmaction_uda.export import export, on_tokens, token_shape
        from mmaction_uda.inference import load_trained

        cfg = load(args)
        # Earlier stages lie beside the checkpoint, where they were trained.
        cfg.update(work_dir=osp.dirname(args.checkpoint), launcher='none')
        open_stages(cfg)
        check_configs({'': cfg}, {'': args.options})
        cfg = on_tokens(cfg)
        model = load_trained(cfg, args.checkpoint, 'cpu')
        shape = token_shape(cfg, model)
        with quiet(args.debug):
            difference = export(model, shape, args.out, class_names(cfg))
        views, frames, channels = shape
        print(
            f'{args.out}: tokens [B, {views}, {frames}, {channels}] to '
            f'probabilities [B, {model.cls_head.num_classes}], on drawn '
            f'tokens {difference:.1e} from the model'
        )


if __name__ == '__main__':
    main()

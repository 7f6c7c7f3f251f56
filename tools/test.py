"""Test a checkpoint, after making and checking the data it needs."""

import argparse
import json

from cli import (
    add_run_options,
    config_parser,
    launched,
    load_run,
    new_file,
    told,
)


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = config_parser(
        __doc__,
        'python tools/test.py configs/transferattn_demo.py '
        'work_dirs/transferattn_demo/epoch_24.pth',
    )
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--dump',
        type=new_file,
        metavar='FILE.pkl',
        help='write the predictions to this file',
    )
    parser.add_argument(
        '--out',
        type=new_file,
        metavar='FILE.json',
        help='write accuracies of all classes, and what is predicted of each '
        'video, to this file',
    )
    parser.add_argument(
        '--scores',
        action='store_true',
        help='in --out, the probabilities of all classes as well',
    )
    parser.add_argument(
        '--from-videos',
        action='store_true',
        help='test on the videos, where the config reads stored features',
    )
    add_run_options(parser)
    return parser.parse_args()


def main() -> None:
    """Test."""
    args = parse_args()
    with told(args.debug):
        from mmengine.runner import Runner

        from mmaction_uda.apis import class_names, on_videos, only_test
        from mmaction_uda.engine import (
            AlarmHook,
            KeptPredictionsHook,
            TerminalHook,
            by_class,
            by_class_lines,
            open_stages,
            prepare,
        )

        cfg = load_run(args)
        open_stages(cfg)
        cfg = (on_videos if args.from_videos else only_test)(cfg)
        cfg.load_from = args.checkpoint
        if args.dump:
            evaluators = cfg.test_evaluator
            if isinstance(evaluators, dict):
                evaluators = [evaluators]
            dump = dict(type='DumpResults', out_file_path=args.dump)
            cfg.test_evaluator = [*evaluators, dump]
        with launched(cfg):
            prepare(cfg)
            runner = Runner.from_cfg(cfg)
            kept = KeptPredictionsHook()
            for hook in (TerminalHook(), AlarmHook(), kept):
                runner.register_hook(hook)
            metrics = runner.test()
            if kept.predictions is None:  # the first process has them
                return
            facts = by_class(kept.predictions, class_names(cfg))
            for line in by_class_lines(facts):
                print(line)
            if args.out:
                write(args, runner, facts, metrics, kept)


def write(args: argparse.Namespace, runner, facts, metrics, kept) -> None:
    """Write all of it to a file."""
    from mmaction_uda.datasets.annotations import part_of, video_path
    from mmaction_uda.files import written_aside

    found, tested = kept.predictions, runner.test_dataloader.dataset
    infos = map(tested.get_data_info, range(len(found.labels)))
    scores = [
        dict(scores=s.tolist()) if args.scores else {} for s in kept.scores
    ]
    videos = [
        dict(
            video=video_path(info) + part_of(info),
            label=label,
            predicted=predicted,
            **more,
        )
        for info, label, predicted, more in zip(
            infos, found.labels, found.predicted, scores
        )
    ]
    facts = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        metrics=metrics,
        **facts,
        predictions=videos,
    )
    with written_aside(args.out, 'w') as file:
        json.dump(facts, file, indent=1, default=float)


if __name__ == '__main__':
    main()

"""Trained configs for testing alone, on stored features or raw videos."""

import copy
from typing import Optional, Sequence

from mmengine.config import Config


def only_test(cfg: Config) -> Config:
    """A changed copy that trains and validates nothing.

    Its data are neither needed nor made ready: a model can be tested where
    there are no training videos.
    """
    cfg = copy.deepcopy(cfg)
    for name in (
        'train_dataloader',
        'train_cfg',
        'optim_wrapper',
        'param_scheduler',
        'val_dataloader',
        'val_cfg',
        'val_evaluator',
    ):
        cfg[name] = None
    return cfg


def on_videos(cfg: Config) -> Config:
    """Let a config test on videos what it tests on their stored features.

    The pipeline of the extraction becomes the test pipeline, and the model
    draws from the tokens of a whole video what ``SampleFeature`` draws from
    stored ones. So MMAction2's functions run on it, ``init_recognizer`` and
    ``inference_recognizer``; predictions name their class, ``pred_name``.

    Args:
        cfg (Config): Any config of this package.

    Returns:
        Config: A changed copy that only tests, one video a batch where it
        read features.

    Raises:
        ValueError: For features that were not made here, and pipelines that
            do with tokens what a model cannot.
    """
    cfg = only_test(cfg)
    loader = cfg.test_dataloader
    dataset = loader.dataset
    if dataset.get('extraction') and dataset.get('pipeline'):
        if cfg.model.backbone.get('features'):
            raise ValueError(
                f'the features {cfg.model.backbone.features!r} were made '
                'elsewhere: give model.backbone the backbone and weights '
                'that made them to read videos'
            )
        steps = _token_steps(dataset.pipeline)
        cfg.model.backbone.update(cached=False, sample=steps)
        loader.batch_size = 1  # videos of different length
        dataset.pipeline = None
    if dataset.get('pipeline') is None:
        # The host's inferencer asks the data set for it.
        dataset.update(pipeline=dataset.extraction.pipeline, extraction=None)
    dataset.pipeline = [dict(type='InPieces', transforms=dataset.pipeline)]
    if class_names(cfg):
        cfg.model.cls_head.classes = class_names(cfg)
    cfg.test_pipeline = dataset.pipeline
    return cfg


def _token_steps(pipeline: Sequence[dict]) -> Sequence[dict]:
    """What a pipeline does with tokens, up to the packing."""
    types = [step['type'] for step in pipeline]
    if 'SampleFeature' not in types:
        raise ValueError(
            'test_dataloader.dataset.pipeline has no SampleFeature: what a '
            'model is to draw from a video is not known. Put it there.'
        )
    drawn = types.index('SampleFeature')
    others = {*types[:drawn]} - {'SelectFrames'}
    others |= {*types[drawn + 1 :]} - {'PackActionInputs'}
    if others:
        raise ValueError(
            f'{", ".join(sorted(others))} of test_dataloader.dataset.pipeline '
            'works on stored tokens, and a model that reads videos cannot do '
            'that. Test on stored tokens, or leave it out.'
        )
    return pipeline[: drawn + 1]


def for_mmaction2(cfg: Config) -> Config:
    """Let MMAction2's own tools look into what a config tests.

    As :func:`on_videos`, but with a plain data set on top and the steps of
    its pipeline one by one: they are watched, or replaced by those that read
    arrays. So a video is in memory whole.

    Args:
        cfg (Config): Any config of this package.

    Returns:
        Config: A changed copy that only tests.

    Raises:
        ValueError: For features that were not made here.
    """
    cfg = on_videos(cfg)
    dataset = cfg.test_dataloader.dataset
    (whole,) = dataset.pipeline
    cfg.test_pipeline = whole.transforms
    if 'videos' in dataset:
        dataset = {'type': 'VideoDataset', 'test_mode': True, **dataset.videos}
    cfg.test_dataloader.dataset = {**dataset, 'pipeline': cfg.test_pipeline}
    return cfg


def class_names(cfg: Config) -> Optional[Sequence[str]]:
    """Names of the classes that a config tests, if it gives them."""
    dataset = cfg.test_dataloader.dataset
    listed = dataset.get('videos', dataset)
    return listed.get('metainfo', {}).get('classes')

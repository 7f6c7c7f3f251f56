from mmaction.registry import DATASETS, HOOKS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper


@HOOKS.register_module()
class StrictLoadHook(Hook):
    """Refuse a checkpoint that does not fit the model.

    MMEngine loads what fits and only logs the rest; a model would then be
    tested with random weights.
    """

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Compare keys and shapes with those of the model.

        Args:
            runner (Runner): Holds the model.
            checkpoint (dict): The loaded checkpoint.

        Raises:
            ValueError: Names the first differences.
        """
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        wanted = {k: tuple(v.shape) for k, v in model.state_dict().items()}
        state = checkpoint.get('state_dict', checkpoint)
        found = {
            k.removeprefix('module.'): tuple(v.shape) for k, v in state.items()
        }
        differences = [
            f'{key}: {found.get(key, "missing")} in the checkpoint, '
            f'{wanted.get(key, "missing")} in the model'
            for key in {**wanted, **found}
            if wanted.get(key) != found.get(key)
        ]
        if differences:
            listed = '\n  '.join(differences[:5])
            raise ValueError(
                'this checkpoint belongs to another config; '
                f'{len(differences)} of its weights differ:\n  {listed}\n'
                'Use the config it was trained with (in its work_dir).'
            )


def training_set_as_tested(cfg: Config):
    """The data set of the training, its videos read as those of the test.

    For hooks that look at all training videos between epochs.

    Args:
        cfg (Config): Names ``train_dataloader`` and ``test_dataloader``.
    """
    reading = cfg.test_dataloader.dataset.pipeline
    return DATASETS.build(
        {**cfg.train_dataloader.dataset, 'pipeline': reading}
    )

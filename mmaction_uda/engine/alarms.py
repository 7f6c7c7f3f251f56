from typing import Dict, Iterator, List, Optional

from mmengine.dist import master_only
from mmengine.hooks import CheckpointHook, Hook

from ..datasets.annotations import infos_of
from ..evaluation import (
    DEFAULT,
    PREFIX,
    TOP1,
    chance_line,
    is_oracle,
    largest_share,
    new_alarms,
    read_history,
)


class AlarmHook(Hook):
    """Says what has gone wrong, a line each, when it does.

    After each validation it looks at all that the training has recorded, and
    keeps nothing itself: what is new did not hold at the validation before.
    """

    priority = 'LOW'  # the logger has written the validation down

    @master_only
    def before_train(self, runner) -> None:
        """Call checkpoints oracles that target labels choose."""
        for hook in runner.hooks:
            if isinstance(hook, CheckpointHook):
                for line in oracle_lines(hook.save_best or []):
                    runner.logger.warning(line)

    @master_only
    def after_val_epoch(
        self, runner, metrics: Optional[Dict[str, float]] = None
    ) -> None:
        """Say which alarms are new."""
        for line in new_alarms(read_history(runner.work_dir)):
            runner.logger.warning(line)

    @master_only
    def after_test_epoch(
        self, runner, metrics: Optional[Dict[str, float]] = None
    ) -> None:
        """Say that a test found no more than chance, an oracle."""
        videos = runner.test_dataloader.dataset
        infos = infos_of(videos)
        labels = [info['label'] for info in infos if 'label' in info]
        if metrics and TOP1 in metrics:
            chance = largest_share(labels)
            line = chance_line('oracle: target', metrics[TOP1], chance)
            if line:
                runner.logger.warning(line)


def oracle_lines(save_best: List[str]) -> Iterator[str]:
    """What to say of results that ``save_best`` of a checkpoint names."""
    for name in save_best:
        chosen = TOP1 if name == 'auto' else name  # the first of all
        file = f'best_{chosen}_epoch_N.pth'.replace('/', '_')
        if is_oracle(file):
            yield (
                f'save_best={name!r} chooses by the labels of the target '
                f"test videos: {file} is an oracle. save_best='{PREFIX}/"
                f"{DEFAULT}' rule='greater' is not"
            )

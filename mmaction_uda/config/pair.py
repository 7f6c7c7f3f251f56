from typing import Any, Dict, Mapping, Sequence, Union


def pair_of_lists(
    folder: str,
    classes: Sequence[str],
    source: str,
    target: str,
    batch_size: int,
    target_labels: bool = True,
) -> Dict[str, Any]:
    """The data side of a task of one's own, as ``tools/new_task.py`` makes it.

    Lists are ``source_train``, ``source_test``, ``target_train`` and
    ``target_test``, each ``.txt`` in ``folder``. A target without labels has
    no ``target_test``: its training list is looked at in the validation, no
    accuracy is computed, and the epoch that the validator takes for the best
    is kept as ``best_label_free_infomax_epoch_N.pth``.

    Args:
        folder (str): Where the lists are.
        classes (Sequence[str]): Names of the classes, in order of the labels.
        source (str): The folder that the paths of the source begin in.
        target (str): That of the target.
        batch_size (int): Pairs of a step.
        target_labels (bool): Whether the target has labels. Defaults to True.

    Returns:
        dict: What a task sets, on ``one_view.py`` or ``tokens.py``.
    """

    def videos(name: str) -> Dict[str, Any]:
        root = source if name.startswith('source') else target
        prefix, meta = dict(video=root), dict(classes=list(classes))
        file = f'{folder}/{name}.txt'
        return dict(
            videos=dict(ann_file=file, data_prefix=prefix, metainfo=meta)
        )

    tested = videos('target_test' if target_labels else 'target_train')
    found = dict(
        model=dict(cls_head=dict(num_classes=len(classes))),
        train_dataloader=dict(
            batch_size=batch_size,
            dataset=dict(
                source=videos('source_train'), target=videos('target_train')
            ),
        ),
        val_dataloader=dict(dataset=tested),
        test_dataloader=dict(dataset=tested),
        val_cfg=dict(source=videos('source_test')),
        auto_scale_lr=dict(base_batch_size=batch_size),
    )
    if not target_labels:
        best = dict(save_best='label_free/infomax', rule='greater')
        found.update(
            val_evaluator=[],
            test_evaluator=[],
            default_hooks=dict(checkpoint=best),
        )
    return found


def direction(
    lists: Mapping[str, dict], source: Union[str, Sequence[str]], target: str
) -> Dict[str, Any]:
    """From which domain to which one of a benchmark adapts.

    The source's training list has labels, the target's is read without; the
    target's test list is tested on, the source's, if there is one, is for the
    validators.

    Args:
        lists (dict): What is to be known of each list, by ``DOMAIN_train``
            and ``DOMAIN_test``: arguments of a ``FeatureDataset``.
        source (str | Sequence[str]): A domain, or several together.
        target (str): Another one.

    Returns:
        dict: What a task sets.
    """

    def of_source(split: str) -> Any:
        if isinstance(source, str):
            return lists.get(f'{source}_{split}')
        names = [f'{name}_{split}' for name in source]
        return [dict(type='FeatureDataset', **lists[name]) for name in names]

    tested = dict(dataset=lists[f'{target}_test'])
    pair = dict(source=of_source('train'), target=lists[f'{target}_train'])
    return dict(
        train_dataloader=dict(dataset=pair),
        val_dataloader=tested,
        test_dataloader=tested,
        val_cfg=dict(source=of_source('test')),
    )

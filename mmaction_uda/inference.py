"""What a trained model says of videos that lie anywhere."""

import os
from collections import defaultdict
from typing import (
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Union,
)

import torch
from mmaction.apis import init_recognizer
from mmaction.models import BaseRecognizer
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .datasets.decoding import WHOLE_BYTES
from .engine import load_fitting
from .faults import one_line
from .processes import serve

Item = Tuple[int, Union[dict, str]]  # number of a video, what was read of it


class Said(NamedTuple):
    """What is known of a video: its scores, or why it has none."""

    number: int  # among those that were asked for
    scores: Optional[Tensor] = None  # [K], probabilities
    fault: str = ''


def load_trained(cfg: Config, checkpoint: str, device: str) -> BaseRecognizer:
    """The model of a config with the weights of a checkpoint, all of them.

    Args:
        cfg (Config): As ``only_test`` or ``on_videos`` return it.
        checkpoint (str): A file.
        device (str): ``'cpu'``, ``'cuda:0'`` …

    Raises:
        ValueError: If they are those of another model, names differences.
    """
    model = init_recognizer(cfg, device=device)
    load_fitting(model, checkpoint, device)
    return model


class _Videos(Dataset):
    """Videos as a pipeline reads them; one that it cannot, by its fault."""

    def __init__(self, pipeline: Sequence[dict], files: Sequence[str]) -> None:
        self.pipeline, self.files = Compose(pipeline), files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, item: int) -> Item:
        video = dict(filename=self.files[item], label=-1)
        try:
            read = self.pipeline(dict(video, start_index=0, modality='RGB'))
        except Exception as error:  # decoders raise types of their own
            return item, one_line(error)
        return item, read


@torch.no_grad()
def label_videos(
    model: BaseRecognizer,
    files: Sequence[str],
    batch_size: int = 8,
    num_workers: Optional[int] = None,
) -> Iterator[Said]:
    """Let a model label videos, as they become known.

    Processes decode while the model computes. Videos whose clips have one
    shape go through it together; of a long one a piece at a time is in
    memory, and it goes alone.

    Args:
        model (BaseRecognizer): That of :func:`load_trained`, of a config that
            ``on_videos`` has returned.
        files (Sequence[str]): The videos.
        batch_size (int): At most so many at once, 64 MiB of decoded frames
            at most. Defaults to 8.
        num_workers (int, optional): Processes that decode; by default one
            per core, at most 4.

    Yields:
        Said: One for every video, not in their order.
    """
    if num_workers is None:
        num_workers = min(4, len(os.sched_getaffinity(0)))
    workers = min(num_workers, len(files) - 1)  # for one alone none is begun
    loader = DataLoader(
        _Videos(model.cfg.test_pipeline, files),
        batch_size=None,
        num_workers=workers,
        multiprocessing_context='fork' if workers else None,
        worker_init_fn=serve,
    )
    for batch in _batches(loader, batch_size):
        yield from _label(model, batch)


def _batches(items: Iterable[Item], size: int) -> Iterator[List[Item]]:
    """Videos of one shape together, as many as fit into memory."""
    waiting: Dict[Any, List[Item]] = defaultdict(list)
    held = 0  # bytes
    for number, read in items:
        clip = read if isinstance(read, str) else read['inputs']
        if not isinstance(clip, Tensor):
            yield [(number, read)]
            continue
        key = clip.shape, clip.dtype
        waiting[key].append((number, read))
        held += clip.nbytes
        full = len(waiting[key]) >= size
        if full or held > WHOLE_BYTES:
            if not full:
                key = max(waiting, key=lambda k: _bytes(waiting[k]))
            held -= _bytes(waiting[key])
            yield waiting.pop(key)
    yield from waiting.values()


def _bytes(batch: List[Item]) -> int:
    return sum(read['inputs'].nbytes for _, read in batch)  # type: ignore


def _label(model: BaseRecognizer, batch: List[Item]) -> Iterator[Said]:
    """One after the other where they cannot be labelled together."""
    (number, read), *others = batch
    if isinstance(read, str):
        yield Said(number, fault=read)
        return
    try:
        samples = model.test_step(pseudo_collate([r for _, r in batch]))
    except Exception as error:  # nets raise types of their own
        if others:
            for item in batch:
                yield from _label(model, [item])
        else:
            yield Said(number, fault=one_line(error))
        return
    for (number, _), sample in zip(batch, samples):
        yield Said(number, sample.pred_score.cpu())

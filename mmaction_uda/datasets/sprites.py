import os.path as osp
from typing import Dict, List, Sequence

import numpy as np
from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

ACTIONS = ('spellcard', 'thrust', 'walk', 'slash', 'shoot')
VIEWS = ('front', 'left', 'right')
CLASSES = tuple(f'{action}_{view}' for action in ACTIONS for view in VIEWS)
FRAME_SHAPE = (8, 64, 64, 3)
REMEDY = 'tools/data/sprites/build_arrays.py writes it.'


@DATASETS.register_module()
class SpritesDataset(BaseDataset):
    """One domain of Sprites: arrays of frames on disk, one file a class.

    ``<action>_<view>_frames_data.npy`` holds ``[n, 8, 64, 64, 3]``, RGB,
    floats in [0, 1] or uint8; ``<action>_<view>_attributes_data.npy`` holds
    ``[n, ...]``, numbers that say who is seen. The label is ``3 * action +
    view``. Files are memory-mapped: an item reads its own frames.

    A pipeline is given ``imgs`` (8 float32 frames ``[64, 64, 3]`` in
    [0, 1]), ``num_clips``, ``clip_len``, ``label`` and ``attributes`` (a
    tuple of numbers).

    Source: TranSVAE (Wei et al., NeurIPS 2023), its data set.

    Args:
        root (str): Folder of the 30 files of a domain.
        pipeline (Sequence[dict]): Transforms.
        kwargs: ``metainfo``, ``test_mode`` and others of MMEngine's
            :class:`BaseDataset`.

    Raises:
        FileNotFoundError, ValueError: Names the file and what is wrong.
    """

    METAINFO = dict(classes=CLASSES)

    def __init__(
        self, root: str, pipeline: Sequence[dict] = (), **kwargs
    ) -> None:
        super().__init__(ann_file=root, pipeline=list(pipeline), **kwargs)

    def load_data_list(self) -> List[dict]:
        """Check all files; list their sequences, class by class."""
        infos = []
        for label, name in enumerate(CLASSES):
            path = osp.join(self.ann_file, f'{name}_frames_data.npy')
            attributes = self._attributes(name, len(_frames(path)))
            infos += [
                dict(
                    filename=path,
                    index=index,
                    label=label,
                    attributes=tuple(row),
                )
                for index, row in enumerate(attributes.tolist())
            ]
        return infos

    def _attributes(self, name: str, count: int) -> np.ndarray:
        """Attributes ``[n, A]`` of a class."""
        path = osp.join(self.ann_file, f'{name}_attributes_data.npy')
        found = _load(path)
        if (
            found.ndim < 2
            or len(found) != count
            or found.dtype.kind not in ('biuf')
        ):
            raise ValueError(
                f'{path!r} must hold numbers [{count}, ...], one row for each '
                f'sequence of its frames, got {found.dtype} '
                f'{list(found.shape)}. {REMEDY}'
            )
        return found.reshape(count, -1)

    def prepare_data(self, idx: int) -> Dict:
        """Read a sequence and run the pipeline.

        Args:
            idx (int): Number of the sequence.
        """
        results = self.get_data_info(idx)
        clip = np.array(_load(results['filename'])[results['index']])
        scale = 255 if clip.dtype == np.uint8 else 1
        clip = clip.astype(np.float32) / np.float32(scale)
        results.update(
            imgs=list(clip), num_clips=1, clip_len=len(clip), modality='RGB'
        )
        return self.pipeline(results)


def _load(path: str) -> np.ndarray:
    try:
        return np.load(path, mmap_mode='r', allow_pickle=False)
    except FileNotFoundError as error:
        raise FileNotFoundError(f'{path!r} is not there. {REMEDY}') from error
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(
            f'{path!r} is no array of numbers ({error}). {REMEDY}'
        ) from error


def _frames(path: str) -> np.ndarray:
    """Frames of a class, checked."""
    frames = _load(path)
    if frames.shape[1:] != FRAME_SHAPE or not len(frames):
        raise ValueError(
            f'{path!r} must hold frames [n, 8, 64, 64, 3], got '
            f'{list(frames.shape)}. {REMEDY}'
        )
    if frames.dtype == np.uint8:
        return frames
    if frames.dtype.kind != 'f':
        raise ValueError(
            f'{path!r} must hold floats in [0, 1] or uint8, got '
            f'{frames.dtype}. {REMEDY}'
        )
    low, high = frames.min(), frames.max()
    if not (low >= 0 and high <= 1):  # also where one is not a number
        raise ValueError(
            f'{path!r} must hold values in [0, 1], got {low} to {high}. '
            'Divide by 255, or store uint8.'
        )
    return frames

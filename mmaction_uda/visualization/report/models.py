"""What only the models and the videos can tell."""

from dataclasses import asdict
from typing import Any, Dict, List

import numpy as np

from ...config.dumps import read_dump
from ...engine import WorkDir
from ...faults import one_line
from ..attention import attention_line, attentions, clip_of
from ..domains import FOLDS, distances, projected, spaced
from ..observation import ENCODER, TOKENS, Observation, observe
from .runs import config_file

POINTS = 300  # of an embedding, at most
VIDEOS = 12  # of a domain in the gallery, at most
Facts = Dict[str, Any]
Observed = Dict[str, Observation]


def model_facts(methods: Dict[str, List[str]], thumbnails: bool) -> Facts:
    """Run the model of the first seed of every method over the test videos.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        thumbnails (bool): Read frames of videos as well.

    Returns:
        dict: ``models``, for each method that can be run ``distances`` of
        the domains in each layer, ``embedding`` of its encoder and
        ``attention`` (empty without MDTA); ``before``, an embedding for each
        kind of tokens that the methods read; ``gallery``, a video of each
        class and domain; ``missing``, a line for each that cannot be run.
    """
    facts: Facts = dict(models={}, before={}, gallery=[], missing=[])
    for name, folders in methods.items():
        try:
            facts['models'][name] = _of_method(
                name, folders[0], facts, thumbnails
            )
        except Exception as error:  # whatever a user's own classes raise
            facts['missing'].append(f'{name}: {one_line(error)}')
    return facts


def _of_method(
    name: str, work_dir: str, facts: Facts, thumbnails: bool
) -> Facts:
    file = config_file(work_dir)
    if file is None:
        raise ValueError(f'no config was kept in {work_dir!r}')
    cfg = read_dump(file)
    cfg.work_dir = work_dir
    observed = observe(cfg, WorkDir(cfg).weights)
    tokens = observed['target'].layers[TOKENS]
    key = f'{tokens.shape} {tokens.sum():.9g}'
    if key not in facts['before']:
        facts['before'][key] = dict(embedding(observed, TOKENS), methods=[])
    facts['before'][key]['methods'].append(name)
    found = attentions(observed, frames=False)
    if thumbnails:
        try:
            found = attentions(observed)
            facts['gallery'] = facts['gallery'] or _gallery(observed)
        except Exception as error:  # decoders raise types of their own
            facts['missing'].append(f'{name}, frames: {one_line(error)}')
    return dict(
        distances=_distances(observed),
        embedding=embedding(observed, ENCODER),
        attention={domain: asdict(one) for domain, one in found.items()},
        attention_line=attention_line(found['target'].spreads)
        if found
        else None,
    )


def _distances(observed: Observed) -> List[Facts]:
    """Those of the domains in each layer, none for lack of videos."""
    numbers = [len(seen.labels) for seen in observed.values()]
    if 'source' not in observed or min(numbers) < FOLDS:
        return []
    source, target = observed['source'].layers, observed['target'].layers
    return [
        dict(layer=layer, **distances(source[layer], target[layer]))
        for layer in target
    ]


def embedding(observed: Observed, layer: str) -> Facts:
    """Test videos of all domains on one plane.

    Returns:
        dict: ``by``, what has laid them out; ``points`` ``[N][2]``,
        ``labels`` and ``domains`` ``[N]``.
    """
    rows, labels, domains = [], [], []
    for domain, seen in observed.items():
        taken = spaced(len(seen.labels), POINTS // len(observed))
        rows.append(seen.layers[layer][taken])
        labels += seen.labels[taken].tolist()
        domains += [domain] * len(taken)
    points, by = projected(np.concatenate(rows))
    return dict(by=by, points=points.tolist(), labels=labels, domains=domains)


def _gallery(observed: Observed) -> List[Facts]:
    """The first test video of each class."""
    found = []
    for domain, seen in observed.items():
        _, first = np.unique(seen.labels, return_index=True)
        for index in first[seen.labels[first] >= 0][:VIDEOS]:
            frames, _ = clip_of(seen.dataset, int(index))
            label = int(seen.labels[index])
            found.append(dict(domain=domain, label=label, frames=frames))
    return sorted(found, key=lambda one: (one['label'], one['domain']))

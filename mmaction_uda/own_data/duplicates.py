"""The same file twice, under whatever name: found by its bytes."""

from collections import defaultdict
from typing import Dict, List, Mapping, Tuple

from .domains import Domain, Video
from .looking import Facts

Same = List[Tuple[Domain, Video]]


def leave_out_doubles(
    source: Domain, target: Domain, facts: Mapping[str, Facts]
) -> None:
    """Let every content occur once, so that no test video is trained on.

    Of the same files the first of the source stays, or of the target where
    the source has none. Where their labels differ in a domain, nobody knows
    which is right, and all of that domain go.

    Args:
        source (Domain): Its videos are changed.
        target (Domain): Likewise.
        facts (Mapping): Of every file.
    """
    same: Dict[str, Same] = defaultdict(list)
    for domain in (source, target):
        for video in domain.videos:
            digest = facts[domain.file(video)].digest
            same[digest].append((domain, video))
    faults: Dict[str, Dict[str, str]] = {'source': {}, 'target': {}}
    for copies in same.values():
        if len(copies) > 1:
            _judge(copies, faults)
    for domain in (source, target):
        domain.leave_out(faults[domain.role])


def _judge(copies: Same, faults: Dict[str, Dict[str, str]]) -> None:
    kept = None
    for role in ('source', 'target'):
        ours = [(d, v) for d, v in copies if d.role == role]
        labels = {video.label for _, video in ours}
        contrary = ' and '.join(sorted(map(str, labels)))
        for domain, video in ours:
            if len(labels) > 1:
                faults[role][video.name] = (
                    f'the same file is in {contrary}. Keep the right one'
                )
            elif kept is None:
                kept = domain.file(video)
            else:
                faults[role][video.name] = f'the same file as {kept}'

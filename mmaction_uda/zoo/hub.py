"""Files of the Hugging Face Hub, by its own client and in its own cache."""

import os
import os.path as osp
import re
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Iterator, List, NamedTuple, Optional

from ..faults import Faults, one_line

FORM = re.compile(
    r'(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w.-]+))?(/(?P<file>.+))?'
)
CLIENT = 'huggingface_hub'
EXTRA = 'pip install huggingface_hub transformers (the extra hf)'
WEIGHTS = ('model.safetensors', 'pytorch_model.bin')  # the first that is there
PREPROCESSORS = ('video_preprocessor_config.json', 'preprocessor_config.json')
TOKENIZERS = ('vocab.json', 'merges.txt', 'tokenizer_config.json')


class Place(NamedTuple):
    """A file of a repository.

    Args:
        repo (str): ``ORG/REPO``.
        revision (str, optional): Branch, tag or commit.
        file (str, optional): Its path there.
    """

    repo: str
    revision: Optional[str]
    file: Optional[str]


def check(rest: str) -> Place:
    """Read what stands behind ``hf://``.

    Raises:
        Faults: If it is something else.
    """
    found = FORM.fullmatch(rest)
    if found is None:
        raise Faults(f'hf://{rest} must be hf://ORG/REPO[@REVISION][/FILE]')
    return Place(**found.groupdict())


def check_model(model: str) -> Place:
    """Read the name of a model of the Hub.

    Raises:
        Faults: If it is something else.
    """
    found = FORM.fullmatch(model)
    if found is None or found['file']:
        raise Faults(
            f'{model!r} is no folder and no ORG/REPO[@REVISION] of the Hub'
        )
    return check(model)


def place_of(rest: str) -> str:
    """Where a file is kept; empty if it is not there yet."""
    repo, revision, file = check(rest)
    return _kept(repo, revision, *([file] if file else WEIGHTS)) or ''


def fetch(rest: str) -> str:
    """Path of a file, downloaded if it is not there.

    Raises:
        Faults: What went wrong, and what to do.
    """
    place = check(rest)
    kept = place_of(rest)
    if kept:
        return kept
    with _told(rest):
        file = place.file or _weights(place, _listed(place))
        return _download(place, file)


def model_folder(model: str) -> str:
    """The folder of a model: config, weights, how it sees images and texts.

    Args:
        model (str): Such a folder, or ``ORG/REPO``, perhaps with
            ``@REVISION``, whose files are downloaded.

    Raises:
        Faults: What went wrong, and what to do.
    """
    if osp.isdir(model):
        if osp.isfile(osp.join(model, 'config.json')):
            return model
        raise Faults(
            f'{model!r} holds no config.json: it must be a folder as '
            'save_pretrained of transformers writes it'
        )
    place = check_model(model)
    config = place_of(f'{model}/config.json')
    if config and place_of(model):
        return osp.dirname(config)
    with _told(model):
        files = _listed(place)
        beside = [f for f in (*PREPROCESSORS, *TOKENIZERS) if f in files]
        for file in (*beside, 'config.json', _weights(place, files)):
            path = _download(place, file)
    return osp.dirname(path)


def weights_in(folder: str) -> str:
    """The file of weights of a model.

    Raises:
        Faults: If it holds none that is read.
    """
    for file in WEIGHTS:
        path = osp.join(folder, file)
        if osp.isfile(path):
            return path
    raise Faults(
        f'{folder!r} holds neither of {", ".join(WEIGHTS)}. Weights in '
        'several parts are not read: save them as one, by save_pretrained('
        "FOLDER, max_shard_size='100GB')."
    )


def _kept(repo: str, revision: Optional[str], *files: str) -> Optional[str]:
    if find_spec(CLIENT) is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    for file in files:
        found = try_to_load_from_cache(repo, file, revision=revision)
        if isinstance(found, str):
            return found
    return None


def _download(place: Place, file: str) -> str:
    from huggingface_hub import hf_hub_download

    return hf_hub_download(
        place.repo,
        file,
        revision=place.revision,
        endpoint=os.environ.get('HF_ENDPOINT'),
    )


def _listed(place: Place) -> List[str]:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=os.environ.get('HF_ENDPOINT'))
    return api.list_repo_files(place.repo, revision=place.revision)


def _weights(place: Place, files: List[str]) -> str:
    for file in WEIGHTS:
        if file in files:
            return file
    raise Faults(
        f'hf://{place.repo} holds neither of {", ".join(WEIGHTS)}: name the '
        f'file, hf://{place.repo}/FILE. It holds {", ".join(files[:8])}.'
    )


@contextmanager
def _told(rest: str) -> Iterator[None]:
    """Say in our words what the client says in many."""
    if find_spec(CLIENT) is None:
        raise Faults(
            f'hf://{rest}: the package {CLIENT} is not installed. {EXTRA}'
        )
    from huggingface_hub import errors

    try:
        yield
    except Faults:
        raise
    except errors.GatedRepoError as error:
        raise Faults(
            f'hf://{rest}: its authors ask who you are. Agree on its page, '
            'then `hf auth login`.'
        ) from error
    except Exception as error:  # of the client, its transport, the disk
        raise Faults(
            f'hf://{rest} cannot be downloaded: {one_line(error)}. Correct '
            'the name or try again, or name a file or a folder of your own.'
        ) from error

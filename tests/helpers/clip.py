"""A stand-in for CLIP: its files in their official format, random weights.

It knows nothing of images or texts. What a config names as CLIP is this in
tests, ``random_weights_not_clip``.
"""

import json
from pathlib import Path

import torch
from mmengine.config import Config

from mmaction_uda.engine.texts import make_texts, texts_of

OFFICIAL = 'openai/clip-vit-base-patch32'
STAND_IN = 'checkpoints/random_weights_not_clip'
WIDTH = 512  # of the projection, as in the official model


def write_stand_in(folder: str = STAND_IN, seed: int = 0) -> str:
    """Write config, weights, colours and tokenizer, if they are not there."""
    import transformers
    from tokenizers.pre_tokenizers import ByteLevel

    if Path(folder, 'merges.txt').exists():
        return folder
    small = dict(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        projection_dim=WIDTH,
    )
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(f'{letter}</w>' for letter in letters)]
    words += ['<|startoftext|>', '<|endoftext|>']
    ends = dict(bos_token_id=len(words) - 2, eos_token_id=len(words) - 1)
    config = transformers.CLIPConfig(
        text_config=dict(small, vocab_size=len(words), **ends),
        vision_config=dict(small, image_size=32, patch_size=16),
        projection_dim=WIDTH,
    )
    torch.manual_seed(seed)
    net = transformers.CLIPModel(config)
    for parameter in net.parameters():  # some begin at zero
        torch.nn.init.normal_(parameter, std=0.1)
    net.save_pretrained(folder)
    numbers = {word: number for number, word in enumerate(words)}
    Path(folder, 'vocab.json').write_text(json.dumps(numbers))
    Path(folder, 'merges.txt').write_text('#version: 0.2\n')
    return folder


def stand_in(cfg: Config) -> None:
    """Let a config read the stand-in where it names CLIP, and its texts.

    The files are made in the current directory.
    """
    if reads_clip(cfg):
        write_stand_in()
    if texts_of(cfg) is not None:
        make_texts([cfg])


def reads_clip(cfg: Config) -> bool:
    """Whether the backbone is the stand-in."""
    net = cfg.model.backbone.get('backbone') or {}
    return net.get('model') == STAND_IN

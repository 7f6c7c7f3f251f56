"""The page of a report: one file that needs no other."""

import base64
import io
import os
import os.path as osp
from itertools import count
from typing import Any, Dict, List, Optional

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from ...files import written_aside
from ..figures import KINDS, inline_svg
from .columns import columns, lists_text
from .tables import ENDINGS, FORMATS

Facts = Dict[str, Any]
TEMPLATE = osp.join(osp.dirname(__file__), 'page.html')
HEIGHT, MILLISECONDS = 96, 120  # of a thumbnail, of each of its frames


def write_report(
    facts: Facts, folder: str, title: Optional[str] = None
) -> List[str]:
    """Write ``report.html`` and the table as files.

    Args:
        facts (dict): Of :func:`gather`.
        folder (str): Where to; it is made.
        title (str, optional): Above the page. By default the two domains.

    Returns:
        list[str]: The files.
    """
    os.makedirs(folder, exist_ok=True)
    texts = {'report.html': page(facts, title)}
    for name, write in FORMATS.items():
        texts[f'table.{ENDINGS[name]}'] = write(facts)
    for name, text in texts.items():
        with written_aside(osp.join(folder, name), 'w') as file:
            file.write(text if text.endswith('\n') else f'{text}\n')
    return [osp.join(folder, name) for name in texts]


def page(facts: Facts, title: Optional[str] = None) -> str:
    """The page, with everything inside of it."""
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    with open(TEMPLATE, encoding='utf-8') as file:
        template = environment.from_string(file.read())
    number = count()
    figures = {
        kind: [
            dict(
                title=panel.title,
                width=panel.width,
                svg=Markup(inline_svg(panel, f'f{next(number)}')),
            )
            for panel in panels(facts)
        ]
        for kind, panels in KINDS.items()
    }
    return template.render(
        facts=facts,
        title=title or _title(facts['task']),
        figures=figures,
        table=columns(facts),
        lists=lists_text(facts).strip(),
        latex=FORMATS['latex'](facts),
        csv=FORMATS['csv'](facts),
        gallery=_gallery(facts),
    )


def _title(task: Optional[Facts]) -> str:
    domains = [task[d] for d in ('source', 'target')] if task else []
    return ' → '.join(filter(None, domains)) or 'Trainings'


def _gallery(facts: Facts) -> List[Dict[str, str]]:
    """Small videos that play for ever."""
    names = facts['task']['classes'] if facts['task'] else []
    return [
        dict(
            caption=f'{names[one["label"]]}, {one["domain"]}',
            data=base64.b64encode(animation(one['frames'])).decode(),
        )
        for one in facts['gallery']
    ]


def animation(frames: np.ndarray) -> bytes:
    """A WebP that plays frames for ever.

    Args:
        frames (np.ndarray): ``[T, H, W, 3]``, uint8, RGB.
    """
    images = [Image.fromarray(frame) for frame in frames]
    width = round(images[0].width * HEIGHT / images[0].height)
    small = [image.resize((width, HEIGHT)) for image in images]
    out = io.BytesIO()
    small[0].save(
        out,
        'WEBP',
        save_all=True,
        append_images=small[1:],
        duration=MILLISECONDS,
        loop=0,
        quality=60,
    )
    return out.getvalue()

"""What mkdocs.yml needs besides docs/; no tool itself.

Pages elsewhere keep their paths, but README.md is the first page. Links in all
of them lead from file to file, as a forge follows them; here they are turned
to where the pages lie in the site.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
ELSEWHERE = ('[A-Z]*.md', 'tools/data/*/*.md')
_LINK = re.compile(r'\]\((?!\w+:|#)([^)#\s]+)')


def place(path: str) -> str:
    """Where a file of the repository lies in the site."""
    return 'index.md' if path == 'README.md' else path.removeprefix('docs/')


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not in docs/."""
    for pattern in ELSEWHERE:
        for file in sorted(ROOT.glob(pattern)):
            uri = place(file.relative_to(ROOT).as_posix())
            page = File.generated(config, uri, abs_src_path=str(file))
            files.append(page)
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Turn the links of a page."""
    source = Path(str(page.file.abs_src_path)).relative_to(ROOT).as_posix()
    here = posixpath.dirname(page.file.src_uri)

    def turned(link: re.Match) -> str:
        path = posixpath.join(posixpath.dirname(source), link[1])
        there = place(posixpath.normpath(path))
        return f']({posixpath.relpath(there, here or ".")}'

    return _LINK.sub(turned, markdown)

"""Write the table of docs/zoo.md from mmaction_uda/assets/zoo.json."""

import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import make_parser, told

PAGE = osp.join(osp.dirname(__file__), '../../docs/zoo.md')
HEAD = (
    '| layer | name, address | SHA-256 | tokens, width | top-1, % | licence '
    '| facts from | tried |\n|---|---|---|---|---|---|---|---|\n'
)


def rows() -> str:
    """The rows of the table, in Markdown."""
    from mmaction_uda.zoo import ROWS

    return HEAD + ''.join(map(_row, ROWS.values()))


def _row(row) -> str:
    where = row.address or f'checkpoints/{row.file}, by hand'
    digits = f'`{row.sha256}`' if row.sha256 else '–'
    if 0 < len(row.sha256) < 64:
        digits = f'`{row.sha256}…`'
    cells = (
        ', '.join(f'`{layer}`' for layer in row.layers),
        f'**{row.name}**<br>{where}',
        digits,
        f'{row.tokens}, {row.width}',
        row.accuracy or '–',
        row.licence,
        row.source,
        row.tried,
    )
    return f'| {" | ".join(cells)} |\n'


def with_rows(text: str) -> str:
    """A page with the table of now in place of its own."""
    before, start, rest = text.partition('| layer | name')
    _, _, after = (start + rest).partition('\n\n')
    return f'{before}{rows()}\n{after}'


def main() -> None:
    """Write."""
    parser = make_parser(__doc__, 'python tools/dev/write_zoo.py')
    args = parser.parse_args()
    with told(args.debug):
        from mmaction_uda.files import written_aside

        with open(PAGE, encoding='utf-8') as file:
            text = with_rows(file.read())
        with written_aside(PAGE, 'w') as file:
            file.write(text)


if __name__ == '__main__':
    main()

"""Write configs/metafile.yml from the tables of results in docs/.

OpenMMLab's format: a collection for each family of methods, a model for each
shipped config that has a row. No number stands here.
"""

import os.path as osp
import re
import sys
from typing import Dict, Iterator, List, Tuple

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import make_parser, told

ROOT = osp.normpath(osp.join(osp.dirname(osp.abspath(__file__)), '../..'))
FILE = osp.join(ROOT, 'configs', 'metafile.yml')
HEAD = '# Written by tools/dev/write_metafile.py from the tables in docs/.\n'

COLLECTIONS = {
    'TransferAttn': ('transferattn', 'baseline', 'source_only', 'oracle'),
    'Alignment': ('dann', 'mmd', 'jan', 'coral', 'entropy'),
    'CleanAdapt': ('cleanadapt',),
    'TA3N': ('ta3n', 'source_only_ta3n'),
    'TranSVAE': ('transvae', 'source_only_transvae'),
    'MA2LT-D': ('ma2ltd', 'source_only_ma2ltd'),
}
# Rows of the tables, and what the names of their configs begin with.
METHODS = {
    'source-only': 'source_only',
    'oracle (target labels)': 'oracle',
    'DANN': 'dann',
    'MMD': 'mmd',
    'JAN': 'jan',
    'CORAL': 'coral',
    'entropy (information maximisation)': 'entropy',
    'Baseline': 'baseline',
    'TransferAttn': 'transferattn',
    "TransferAttn, the authors' code": 'transferattn_release',
    'TransferAttn + TAM': 'transferattn_tam',
    'TransferAttn without source videos': 'transferattn_source_free',
    'CleanAdapt, frozen backbone, stage 1 alone': 'cleanadapt_source_frozen',
    'CleanAdapt, frozen backbone': 'cleanadapt_frozen',
    "TA3N's encoder, source-only": 'source_only_ta3n',
    'TA3N': 'ta3n',
    "TranSVAE's encoder, source-only": 'source_only_transvae',
    'TranSVAE': 'transvae',
    "MA2LT-D's encoder, source-only": 'source_only_ma2ltd',
    'MA2LT-D': 'ma2ltd',
}
TASKS = {
    'JHMDB → UTD': 'skeleton_jhmdb2utd',
    'UTD → JHMDB': 'skeleton_utd2jhmdb',
    'NW-UCLA 1 → 3': 'skeleton_nwucla1to3',
    'NW-UCLA 3 → 1': 'skeleton_nwucla3to1',
    'UT 1 → 2': 'lite0_ut1to2',
    'UT 2 → 1': 'lite0_ut2to1',
}
SETS = {
    'Clean': 'Embedded benchmark',
    'With distractors in 40 % of the frames': 'Embedded benchmark, 40 % '
    'distractors',
}
OTHERS = 'The other methods, on JHMDB → UTD'
_VALUE = re.compile(r'(\d+\.\d) ± (\d+\.\d)(?: \[[^]]*\])?(?: \((\d+)\))?')

Found = Tuple[str, str, str, int]  # config, data set, cell, trainings


def table(page: str, section: str = '') -> List[Dict[str, str]]:
    """The first table of a page, or of a section of it, by columns."""
    with open(osp.join(ROOT, 'docs', page), encoding='utf-8') as file:
        text = file.read()
    if section:
        text = text.partition(f'\n## {section}\n')[2]
    block = text[text.index('\n|') :].split('\n\n')[0]
    lines = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in block.strip().splitlines()
    ]
    return [dict(zip(lines[0], line)) for line in lines[2:]]


def cells() -> Iterator[Found]:
    """What the tables say of configs, whether they are shipped or not."""
    for section, data in SETS.items():
        for row in table('results.md', section):
            method = METHODS.get(row['method'], '')
            yield f'{method}_demo', data, row['top-1'], int(row['n'])
    for row in table('real_tasks.md'):
        for column, task in TASKS.items():
            method = METHODS.get(row[''], '')
            yield f'{method}_{task}', column, row[column], 0
    task, column = TASKS['JHMDB → UTD'], 'JHMDB → UTD'
    for row in table('real_tasks.md', OTHERS):
        method = METHODS.get(row['method'], '')
        yield f'{method}_{task}', column, row['top-1'], 3
        own = row['its encoder, source-only']
        yield f'source_only_{method}_{task}', column, own, 3


def models() -> Dict[str, dict]:
    """An entry for each shipped config with a number."""
    found: Dict[str, dict] = {}
    for name, data, cell, trainings in cells():
        path = f'configs/{name}.py'
        value = _VALUE.match(cell)
        if not value or not osp.isfile(osp.join(ROOT, path)):
            continue
        model = found.setdefault(
            name,
            {
                'Name': name,
                'In Collection': collection_of(name),
                'Config': path,
                'Results': [],
            },
        )
        metrics = {
            'Top 1 Accuracy': float(value[1]),
            'Standard Deviation': float(value[2]),
            'Trainings': int(value[3] or trainings),
        }
        result = dict(Task='Video Domain Adaptation', Dataset=data)
        model['Results'].append({**result, 'Metrics': metrics})
    return found


def collection_of(name: str) -> str:
    """The family of a config: that with the longest beginning of its name."""
    begins = {b: c for c, names in COLLECTIONS.items() for b in names}
    return begins[max((b for b in begins if name.startswith(b)), key=len)]


def metafile() -> str:
    """The file of now."""
    import yaml

    collections = [
        dict(Name=name, README='docs/methods.md') for name in COLLECTIONS
    ]
    content = dict(Collections=collections, Models=[*models().values()])
    return HEAD + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def main() -> None:
    """Write."""
    parser = make_parser(__doc__, 'python tools/dev/write_metafile.py')
    args = parser.parse_args()
    with told(args.debug):
        from mmaction_uda.files import written_aside

        with written_aside(FILE, 'w') as file:
            file.write(metafile())


if __name__ == '__main__':
    main()

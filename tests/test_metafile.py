"""model-index.yml: what OpenMMLab's tools read of the shipped configs."""

import sys

import pytest
import yaml
from helpers.configs import ROOT

from mmaction_uda.config.names import experiments

sys.path.insert(0, str(ROOT / 'tools/dev'))
from write_metafile import METHODS, TASKS, metafile, table  # noqa: E402

FILE = ROOT / 'configs/metafile.yml'
CONTENT = yaml.safe_load(FILE.read_text())
MODELS = {model['Name']: model for model in CONTENT['Models']}
PAGES = [ROOT / 'docs/results.md', ROOT / 'docs/real_tasks.md']


def test_it_is_what_the_documents_say():
    assert FILE.read_text() == metafile(), 'tools/dev/write_metafile.py'
    text = ''.join(page.read_text() for page in PAGES)
    for model in MODELS.values():
        for result in model['Results']:
            found = result['Metrics']
            mean, std = found['Top 1 Accuracy'], found['Standard Deviation']
            assert f'{mean:.1f} ± {std:.1f}' in text


def test_every_name_of_a_row_is_in_a_table():
    rows = {row['method'] for row in table('results.md', 'Clean')}
    assert set(METHODS) <= rows
    assert set(TASKS) < set(table('real_tasks.md')[0])


@pytest.mark.parametrize(
    'name, data, mean, std, trainings',
    [
        ('transferattn_demo', 'Embedded benchmark', 87.0, 2.5, 5),
        ('ma2ltd_demo', 'Embedded benchmark', 76.8, 7.6, 3),
        ('baseline_lite0_ut2to1', 'UT 2 → 1', 59.3, 24.0, 5),
        ('source_only_ta3n_skeleton_jhmdb2utd', 'JHMDB → UTD', 30.6, 2.0, 3),
    ],
)
def test_some_numbers(name, data, mean, std, trainings):
    (found,) = [r for r in MODELS[name]['Results'] if r['Dataset'] == data]
    assert [*found['Metrics'].values()] == [mean, std, trainings]


def test_what_it_names_is_there():
    assert set(MODELS) < set(experiments()) and len(MODELS) == 50
    collections = {c['Name'] for c in CONTENT['Collections']}
    for one in (*MODELS.values(), *CONTENT['Collections']):
        assert (ROOT / one.get('Config', one.get('README'))).is_file()
        assert one.get('In Collection', one['Name']) in collections
        assert 'Weights' not in one  # none is published


def test_the_library_reads_it():
    library = pytest.importorskip('modelindex.load_model_index')
    found = library.load(str(ROOT / 'model-index.yml'))
    assert [m.name for m in found.models] == [*MODELS]
    assert found.models[0].results[0].metrics['Top 1 Accuracy'] == 78.8

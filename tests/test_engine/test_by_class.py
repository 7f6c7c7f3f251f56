"""What a test says of each class."""

import pytest

from mmaction_uda.engine import by_class, by_class_lines
from mmaction_uda.evaluation import Predictions


def test_classes_of_a_list():
    found = Predictions(0, (0, 1, 2, 2, 0), (0, 0, 2, 2, -1))
    facts = by_class(found, ['walk', 'run', 'moonwalk'])
    assert facts['classes'] == dict(
        walk=dict(videos=2, right=50), moonwalk=dict(videos=2, right=100)
    )
    assert facts['videos'] == 5
    assert facts['top1'] == pytest.approx(60)
    assert facts['chance'] == pytest.approx(40)
    head, walk, _ = by_class_lines(facts)
    assert head.startswith('5 videos, top-1 60.0 % [20.0, 100.0] (95 %')
    assert walk == '  walk       50.0 % of 2'
    assert [*by_class(found, None)['classes']] == ['0', '2']


def test_many_classes_and_none():
    labels = tuple(range(30))
    found = Predictions(0, (*labels[:29], 0), labels)
    lines = [*by_class_lines(by_class(found, None))]
    assert lines[1] == 'the worst 20 of 30 classes:'
    assert lines[2].split() == ['29', '0.0', '%', 'of', '1']
    assert len(lines) == 2 + 20
    unknown = by_class(Predictions(0, (1, 2), (-1, -1)), None)
    assert [*by_class_lines(unknown)] == ['2 videos, no labels']

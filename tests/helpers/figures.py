"""What the suites have tried, told below the results of pytest."""

from collections import Counter

PREFIX = 'tried: '


def pytest_terminal_summary(terminalreporter) -> None:
    """Sums of what tests have recorded, also those of other workers."""
    sums = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, 'user_properties', ()):
                if name.startswith(PREFIX) and report.when == 'call':
                    sums[name.removeprefix(PREFIX)] += value
    for name, value in sorted(sums.items()):
        terminalreporter.write_line(f'{name}: {value}')

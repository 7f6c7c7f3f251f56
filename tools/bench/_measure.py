"""Time, peak memory and the limits of the machine, for benchmark.py."""

import ctypes
import gc
import re
import time
from dataclasses import asdict, dataclass
from typing import Callable, Dict, List, Optional

import torch
from rich.console import Console
from rich.table import Table


@dataclass
class Cost:
    """What a part cannot do without.

    Args:
        flop (float): Operations of its products; of an addition and a
            multiplication, two.
        moved (float): Bytes of the tensors that enter and leave it, of its
            weights, and of the gradients of all these.
    """

    flop: float
    moved: float


@dataclass
class Row:
    """A line of the table; times in milliseconds, memory in GB."""

    part: str
    size: str
    ours_ms: float
    direct_ms: Optional[float]
    ours_peak: float
    direct_peak: Optional[float]
    flop_share: float
    moved_share: float
    gflop: float
    gb: float


class Machine:
    """Takes the measurements, on one device.

    Args:
        device (str): Of torch.
        repeats (int): Turns that count, and ten of what takes less than
            half a second; one that warms up comes before.
    """

    def __init__(self, device: str, repeats: int) -> None:
        self.device = torch.device(device)
        self.repeats = repeats
        self.flops, self.bandwidth = self.product_rate(), self.copy_rate()
        self.rows: List[Row] = []

    def run(
        self,
        part: str,
        size: str,
        cost: Cost,
        ours: Callable,
        direct: Optional[Callable] = None,
    ) -> Row:
        """Let both forms take turns; the best time of each counts."""
        forms = [form for form in (ours, direct) if form is not None]
        start = time.perf_counter()
        peaks = [self._peak(form) for form in forms]
        short = time.perf_counter() - start < 1
        times: List[List[float]] = [[] for _ in forms]
        for _ in range(10 if short else self.repeats):
            for form, found in zip(forms, times):
                found.append(self._seconds(form))
        best = [min(found) for found in times]
        row = Row(
            part,
            size,
            1e3 * best[0],
            1e3 * best[1] if direct else None,
            peaks[0],
            peaks[1] if direct else None,
            cost.flop / best[0] / self.flops,
            cost.moved / best[0] / self.bandwidth,
            cost.flop / 1e9,
            cost.moved / 1e9,
        )
        self.rows.append(row)
        print(f'{part} {size}: {row.ours_ms:.1f} ms', flush=True)
        return row

    def report(self) -> Dict:
        """All figures, for a JSON file."""
        return dict(
            device=self.device.type,
            threads=torch.get_num_threads(),
            torch=torch.__version__,
            gflops=self.flops / 1e9,
            gb_per_second=self.bandwidth / 1e9,
            rows=[asdict(row) for row in self.rows],
        )

    def print_table(self) -> None:
        """The same for people."""
        table = Table(
            title=f'{self.flops / 1e9:.0f} GFLOP/s in products, '
            f'{self.bandwidth / 1e9:.1f} GB/s in copies'
        )
        for name in (
            'part',
            'size',
            'ms',
            'direct ms',
            'ratio',
            'GFLOP',
            'of rate',
            'GB',
            'of bandwidth',
            'peak GB',
            'direct GB',
        ):
            table.add_column(name, justify='right')
        for row in self.rows:
            table.add_row(*_cells(row))
        Console(width=130).print(table)

    def product_rate(self, dtype: torch.dtype = torch.float32) -> float:
        """Operations per second of a product of two square matrices."""
        size = 2048 if self.device.type == 'cpu' else 8192
        a, b = torch.rand(2, size, size, device=self.device).to(dtype)
        seconds = min(self._seconds(lambda: a @ b) for _ in range(6))
        return 2 * size**3 / seconds

    def copy_rate(self) -> float:
        """Bytes per second that a copy reads and writes."""
        a = torch.rand(2**26, device=self.device)
        b = torch.empty_like(a)
        seconds = min(self._seconds(lambda: b.copy_(a)) for _ in range(6))
        return 2 * a.nbytes / seconds

    def _seconds(self, form: Callable) -> float:
        self._wait()
        start = time.perf_counter()
        form()
        self._wait()
        return time.perf_counter() - start

    def _wait(self) -> None:
        if self.device.type == 'cuda':
            torch.cuda.synchronize()

    def _peak(self, form: Callable) -> float:
        """GB that a run takes on top of what is there."""
        gc.collect()
        if self.device.type == 'cuda':
            before = torch.cuda.memory_allocated()
            torch.cuda.reset_peak_memory_stats()
            form()
            return (torch.cuda.max_memory_allocated() - before) / 1e9
        ctypes.CDLL(None).malloc_trim(0)
        with open('/proc/self/clear_refs', 'w') as file:
            file.write('5')  # the high-water mark starts anew
        before = _resident('VmRSS')
        form()
        return (_resident('VmHWM') - before) / 1e9


def _resident(key: str) -> int:
    with open('/proc/self/status') as file:
        sizes = dict(re.findall(r'(\w+):\s+(\d+) kB', file.read()))
    return 1024 * int(sizes[key])


def _cells(row: Row) -> List[str]:
    direct = row.direct_ms
    return [
        row.part,
        row.size,
        f'{row.ours_ms:.1f}',
        '' if direct is None else f'{direct:.1f}',
        '' if direct is None else f'{direct / row.ours_ms:.2f}',
        f'{row.gflop:.2f}',
        f'{row.flop_share:.0%}',
        f'{row.gb:.3f}',
        f'{row.moved_share:.0%}',
        f'{row.ours_peak:.2f}',
        '' if direct is None else f'{row.direct_peak:.2f}',
    ]

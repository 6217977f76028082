"""Running everything in turn: each round takes every case once with each library, A B and then B A, so that a case's
repeats are minutes apart and the two runs of a pair are neighbours. Also which runs count.
"""

import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field

from . import machine, programs

RETRIES = 4


@dataclass
class Run:
    """One run of a program, and the machine around it."""

    program: str
    args: str
    library: str
    round: int
    others: float = 0.0
    cores_before: float | None = None
    cores_after: float | None = None
    figures: dict = field(default_factory=dict)
    discarded: bool = False
    error: str = ""

    @property
    def mode(self):
        modes = {machine.mode_of(self.cores_before), machine.mode_of(self.cores_after)}
        return modes.pop() if len(modes) == 1 else "mixed"

    @property
    def counts(self):
        return not self.discarded and not self.error

    def as_dict(self):
        return asdict(self) | {"mode": self.mode}


@dataclass
class Session:
    """All that was run so far."""

    most_others: float
    patience: float  # seconds that may be spent, in all, on waiting for others and on running again
    timing: str  # arguments that every timed program gets
    runs: list[Run] = field(default_factory=list)

    def cores(self):
        try:
            return programs.run("limit_cores", "").get("way_ns")
        except programs.Failed:
            return None  # one processor only

    def once(self, program, args, library, number):
        run = Run(program, args, library.name if library else "limit", number)
        run.cores_before = self.cores()
        watch = machine.Watch()
        try:
            run.figures = programs.run(program, f"{args} {self.timing}", library)
        except programs.Failed as why:
            run.error = str(why)
            print(f"  FAILED {run.library}: {program} {args}: {why}", file=sys.stderr)
        run.others = watch.others()
        run.cores_after = self.cores()
        run.discarded = run.others > self.most_others
        self.runs.append(run)
        return run

    def until_quiet(self, program, args, library, number):
        """Runs once, and again when others used the machine meanwhile: for that reason alone, never for the result."""
        for _ in range(RETRIES):
            run = self.once(program, args, library, number)
            if not run.discarded or run.error or self.patience <= 0:
                return run
            begun = time.monotonic()
            machine.wait_until_quiet(self.most_others, min(10.0, self.patience))
            self.patience -= time.monotonic() - begun
        return run


def run_rounds(session, rows, libraries, rounds, limit_rounds):
    cases = list(dict.fromkeys(row.case for row in rows))
    limits = list(dict.fromkeys((limit.program, limit.args) for row in rows for limit in row.limits))
    for number in range(rounds):
        begun = time.monotonic()
        for index, (program, args) in enumerate(cases):
            order = libraries if (number + index) % 2 == 0 else libraries[::-1]
            for library in order:
                session.until_quiet(program, args, library, number)
        if number < limit_rounds:
            for program, args in limits:
                session.until_quiet(program, args, None, number)
        print(f"round {number + 1} of {rounds}: {time.monotonic() - begun:.0f} s", file=sys.stderr)


def runs_by_case(runs):
    table = defaultdict(list)
    for run in runs:
        if run.counts:
            table[run.library, run.program, run.args].append(run)
    return table

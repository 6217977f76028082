"""Counts that do not depend on the machine's mood: system calls a message and instructions a message.

A count is a slope: the difference between a run of some messages and one of three times as many, so that opening,
connecting and closing do not count. Where an I/O thread is at work too, what is left to do depends on who comes first,
and the least of several runs says what the work itself takes.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import programs

FACTOR = 3
TIMEOUT_S = 600


def run_under(tool, program, args, library):
    done = subprocess.run(
        [*tool, *programs.command(program, args)], env=library.environment(), capture_output=True, text=True,
        timeout=TIMEOUT_S,
    )  # fmt: skip
    if done.returncode != 0:
        raise programs.Failed(f"{program} {args} under {tool[0]}: {done.stdout.strip() or done.stderr.strip()[-500:]}")
    return done


def has_perf():
    """perf counts without stopping the program at each call, but needs the kernel's leave."""
    if shutil.which("perf") is None:
        return False
    tried = subprocess.run(["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "true"], capture_output=True, text=True)
    return tried.returncode == 0 and re.search(r"^\d+,,raw_syscalls:sys_enter", tried.stderr, re.M) is not None


def calls_by_perf(program, args, library):
    with tempfile.NamedTemporaryFile() as out:
        tool = ["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-o", out.name]
        run_under(tool, program, args, library)
        return int(re.search(r"^(\d+),,raw_syscalls:sys_enter", Path(out.name).read_text(), re.M).group(1))


def calls_by_strace(program, args, library):
    with tempfile.NamedTemporaryFile() as out:
        run_under(["strace", "-c", "-f", "-o", out.name], program, args, library)
        # the last line: % time, seconds, usecs/call, calls, errors, "total"; some versions leave usecs/call out
        total = Path(out.name).read_text().strip().splitlines()[-1].split()
        whole = [int(word) for word in total if re.fullmatch(r"\d+", word)]
        return max(whole)


def instructions(program, args, library):
    """Those of the busiest thread, which is the application's: how much an I/O thread does is a matter of time."""
    with tempfile.TemporaryDirectory() as folder:
        tool = ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={folder}/out.%p"]
        run_under(tool, program, args, library)
        totals = [re.search(r"^(?:totals|summary): (\d+)", f.read_text(), re.M) for f in Path(folder).iterdir()]
        return max(int(total.group(1)) for total in totals if total)


def slope(count_of, program, args, library, count, times=1):
    few, many = (
        min(count_of(program, f"{args} count={messages}", library) for _ in range(times))
        for messages in (count, FACTOR * count)
    )
    return (many - few) / ((FACTOR - 1) * count)


def counting_tool():
    """How system calls are counted here: (name, function), or None where neither tool is there."""
    if has_perf():
        return "perf", calls_by_perf
    if shutil.which("strace"):
        return "strace", calls_by_strace
    return None

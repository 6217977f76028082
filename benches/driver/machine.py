"""The state of the machine around a run: who else used the processors, and how far apart these are."""

import os
import platform
import re
import resource
import time
from dataclasses import dataclass
from pathlib import Path

# Between these lies no measured value: near is some 35-70 ns one way, far some 240-260.
NEAR_BELOW_NS = 120
# More than this is no distance: something else ran on one of the processors all the while.
DISTURBED_ABOVE_NS = 1000


def busy_seconds():
    """Processor time that anyone has used since boot, all processors, stolen time too."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """Processor time of this process and of its children that have ended."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


@dataclass
class Watch:
    """Processors that others used on average while it ran."""

    def __post_init__(self):
        self.begun = time.monotonic()
        self.busy = busy_seconds()
        self.own = own_seconds()

    def others(self):
        elapsed = time.monotonic() - self.begun
        used = (busy_seconds() - self.busy) - (own_seconds() - self.own)
        return max(0.0, used / elapsed) if elapsed > 0 else 0.0


def wait_until_quiet(most_others, seconds):
    """Waits until others leave the processors alone, for at most so long. Returns the time waited."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        watch = Watch()
        time.sleep(0.25)
        if watch.others() <= most_others / 2:
            break
    return time.monotonic() - begun


def mode_of(way_ns):
    """Which of the two core-to-core latencies this is."""
    if way_ns is None:
        return "unknown"
    if way_ns > DISTURBED_ABOVE_NS:
        return "disturbed"
    return "near" if way_ns < NEAR_BELOW_NS else "far"


def congestion_control():
    """What paces tcp, or does not, over loopback as well."""
    setting = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    return [f"tcp {setting.read_text().strip()}"] if setting.exists() else []


def describe():
    """The machine in a line."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M)
    virtual = " hypervisor" in Path("/proc/cpuinfo").read_text()
    return ", ".join(
        [
            cpu.group(1) if cpu else platform.machine(),
            f"{os.cpu_count()} {'virtual ' if virtual else ''}processors",
            f"{int(memory.group(1)) / 2**20:.0f} GiB",
            f"{platform.system()} {platform.release().split('-')[0]}",
            *congestion_control(),
        ]
    )

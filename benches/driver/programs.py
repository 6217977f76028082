"""Building the benchmark's programs, and running one of them against a chosen library."""

import ctypes
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

BENCHES = Path(__file__).resolve().parent.parent
OUT = BENCHES.parent / "build" / "bench"
SONAME = "libzmq.so.5"
TIMEOUT_S = 120


class Failed(Exception):
    """A program that did not give its figures: a lost message, a crash, the wrong library."""


@dataclass(frozen=True)
class Library:
    """One of the two libraries. Without a directory: the one that the system finds by itself."""

    name: str
    directory: Path | None

    def environment(self):
        env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "LD_LIBRARY_PATH")}
        if self.directory is not None:
            env["LD_LIBRARY_PATH"] = str(self.directory)
        return env

    def check_present(self):
        if self.directory is not None and not (self.directory / SONAME).exists():
            raise SystemExit(f"{self.name}: no {SONAME} in {self.directory}")

    def check_loaded(self, result):
        """The program says which file it has mapped; that must be the one asked for."""
        loaded = Path(result["library"]).resolve()
        if self.directory is not None:
            wanted = (self.directory / SONAME).resolve()
            if loaded != wanted:
                raise Failed(f"loaded {loaded} instead of {wanted}")
        elif result["zmqrs"]:
            raise Failed(f"{loaded} is zmqrs, where the real libzmq was wanted")


def is_zmqrs(library):
    """Does the library call itself zmqrs? Asked of the file itself, in a process that ends."""
    if library.directory is None:
        return False
    path = str(library.directory / SONAME)
    child = os.fork()
    if child == 0:
        os._exit(0 if hasattr(ctypes.CDLL(path), "zmqrs_version") else 1)
    return os.waitpid(child, 0)[1] == 0


def build():
    subprocess.run(["make", "--no-print-directory", "-s", "-C", str(BENCHES), f"OUT={OUT}"], check=True)


def command(program, args):
    return [str(OUT / program), *args.split()]


def run(program, args, library=None):
    """Runs a program and returns the figures of its line of JSON."""
    env = library.environment() if library else None
    try:
        done = subprocess.run(command(program, args), env=env, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"not done after {TIMEOUT_S} s") from late
    lines = done.stdout.strip().splitlines()
    if not lines:
        raise Failed(done.stderr.strip() or f"ended with status {done.returncode} and said nothing")
    result = json.loads(lines[-1])
    if "error" in result:
        raise Failed(result["error"])
    if done.returncode != 0:
        raise Failed(f"ended with status {done.returncode}")
    if library:
        library.check_loaded(result)
    return result

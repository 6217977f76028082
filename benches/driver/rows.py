"""The rows of the table: what is run, which of its figures counts, and the limit beside it.

A case is a program of ours on the zmq API with its arguments; several rows may read figures of one case. A limit is a
program without zmq that does the same work. `asked` is how many times better than libzmq5 the project wants to be.
"""

from dataclasses import dataclass

LOWER, HIGHER = "lower", "higher"


@dataclass(frozen=True)
class Limit:
    program: str
    args: str
    metric: str
    scale: float = 1.0  # the part of the limit's figure that this row's work can reach
    note: str = ""


@dataclass(frozen=True)
class Row:
    group: str
    label: str
    program: str
    args: str
    metric: str
    unit: str
    better: str
    asked: float | str | None = None  # a factor, or a bound in words
    limits: tuple[Limit, ...] = ()
    main: bool = False  # among the rows of --quick

    @property
    def case(self):
        return (self.program, self.args)


def size_name(size):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


def pingpong(args, note=""):
    return Limit("limit_pingpong", args, "p50_us", note=note)


def stream_limit(args, scale=1.0, metric="messages_per_s"):
    return Limit("limit_stream", args, metric, scale)


def round_trips():
    group = "REQ/REP, 64 B, p50 one way"
    asked = {
        ("tcp", ""): 6, ("ipc", ""): 8, ("inproc", ""): 25,
        ("tcp", "pause_us=2000"): 2, ("tcp", "pin=one"): 2.5, ("ipc", "pin=one"): 3,
    }  # fmt: skip
    main = {("tcp", ""), ("ipc", ""), ("inproc", ""), ("tcp", "pause_us=2000"), ("tcp", "pin=one")}
    ways = {
        "": ("back to back", (("mode=spin", "spinning"), ("pin=one", "blocking, one core"))),
        "pause_us=2000": ("2 ms between trips", (("pause_us=2000", "blocking"), ("pause_us=2000 mode=spin", "spinning"))),
        "pin=one": ("both ends on one core", (("pin=one", "blocking"),)),
        "pin=apart": ("each end on its own core", (("pin=apart", "blocking"), ("pin=apart mode=spin", "spinning"))),
    }
    for way, (label, limits) in ways.items():
        for transport in ("tcp", "ipc", "inproc"):
            beside = [pingpong(f"transport={transport} {args}", note) for args, note in limits]
            if way == "" and transport != "inproc":
                beside.append(Limit("limit_relay", f"transport={transport}", "p50_us", note="two hops"))
            yield Row(
                group, f"{transport}, {label}", "reqrep", f"transport={transport} {way}".strip(), "p50_us", "us", LOWER,
                asked.get((transport, way)), tuple(beside), (transport, way) in main,
            )  # fmt: skip


def streams():
    group = "PUSH/PULL, one connection"
    asked = {
        "tcp": {8: 3, 64: 4, 1024: 4, 65536: 1.5, 1048576: 1.2},
        "ipc": {64: 4, 1024: 4, 65536: 2},
        "inproc": {8: 3, 64: 3},
    }
    main = {("tcp", 8), ("tcp", 64), ("tcp", 1024), ("tcp", 65536), ("ipc", 64), ("inproc", 64)}
    for transport in ("tcp", "ipc", "inproc"):
        for size in (8, 64, 1024, 65536, 1048576):
            args = f"transport={transport} size={size}"
            yield Row(
                group, f"{transport}, {size_name(size)}", "stream", args, "messages_per_s", "/s", HIGHER,
                asked[transport].get(size), (stream_limit(args),), (transport, size) in main,
            )  # fmt: skip
    tcp = "transport=tcp size=64"
    yield Row(group, "tcp, 64 B, zmq_msg calls", "stream", f"{tcp} api=message", "messages_per_s", "/s", HIGHER,
              None, (stream_limit(tcp),))  # fmt: skip
    yield Row(group, "tcp, 64 B, CPU seconds a million, both ends", "stream", tcp, "cpu_s_per_million", "s", LOWER,
              4, (stream_limit(tcp, metric="cpu_s_per_million"),), True)  # fmt: skip
    for transport in ("tcp", "inproc"):
        yield Row(group, f"{transport}, 64 B, 8 pairs at once", "stream", f"transport={transport} size=64 pairs=8",
                  "messages_per_s", "/s", HIGHER)  # fmt: skip


def publishing():
    group = "PUB/SUB, tcp, 64 B"
    limit = (stream_limit("transport=tcp size=64"),)
    for subscribers, processes, asked in ((1, 1, 3.5), (10, 1, 3), (100, 1, 3), (10, 10, None)):
        where = "" if processes == 1 else f" in {processes} processes"
        yield Row(group, f"PUB to {subscribers} SUB{where}, deliveries", "pubsub",
                  f"subscribers={subscribers} processes={processes}", "deliveries_per_s", "/s", HIGHER, asked, limit,
                  (subscribers, processes) == (10, 1))  # fmt: skip
    many = "subscriptions=100000"
    yield Row(group, "one SUB with 100 000 subscriptions, matching", "subscriptions", many, "messages_per_s", "/s",
              HIGHER, 6, (), True)  # fmt: skip
    for side, name in ((0, "PUB"), (1, "SUB")):
        yield Row(group, f"the same, peak memory of the {name}", "subscriptions", many, f"peak_mb_{side}", "MB", LOWER,
                  2, (), True)  # fmt: skip
    for count, name in ((1, "one subscription"), (1000, "1000 subscriptions"), (100000, "100 000 subscriptions"),
                        (1000000, "a million subscriptions")):  # fmt: skip
        yield Row(group, f"{name}, until they work", "subscriptions", f"subscriptions={count}", "subscribe_s", "s",
                  LOWER, None, (), count == 100000)  # fmt: skip
    yield Row(group, "weather: 10 M updates to 5 SUB processes", "weather", "", "seconds", "s", LOWER, 2, (), True)


def routing():
    group = "ROUTER and DEALER, proxy, tcp, 64 B"
    for peers, asked in ((1, None), (100, 2.5), (1000, 2.5)):
        name = "peer" if peers == 1 else "peers"
        yield Row(group, f"ROUTER, {peers} DEALER {name}, a request each", "router", f"peers={peers}", "requests_per_s",
                  "/s", HIGHER, asked, (Limit("limit_mux", f"peers={peers}", "requests_per_s"),), peers == 100)  # fmt: skip
    tcp = "transport=tcp size=64"
    yield Row(group, "ROUTER, one DEALER, 100 requests under way", "router", "peers=1 under_way=100", "requests_per_s",
              "/s", HIGHER, 4, (stream_limit(tcp, 1 / 2),), True)  # fmt: skip
    yield Row(group, "DEALER to ROUTER, 3 frames a message", "multipart", "frames=3", "messages_per_s", "/s", HIGHER,
              4, (stream_limit(tcp, 1 / 3),), True)  # fmt: skip
    yield Row(group, "zmq_proxy, PUSH to PULL", "proxy", "", "messages_per_s", "/s", HIGHER, 3,
              (stream_limit(tcp, 1 / 2),), True)  # fmt: skip


def connecting():
    group = "Connections, tcp"
    for count in (1000, 5000):
        args = f"connections={count}"
        main = count == 1000
        for side in ("accepting", "connecting"):
            yield Row(group, f"memory of one of {count} idle connections, {side}", "idle", args, f"{side}_kb", "KB",
                      LOWER, "≤ 6 KB", (), main)  # fmt: skip
        yield Row(group, f"{count} connections opened and handshaken", "idle", args, "open_s", "s", LOWER,
                  2 if count == 5000 else None, (Limit("limit_connect", args, "open_s"),), main)  # fmt: skip
    yield Row(group, "a socket of its own for each of 1000", "idle", "connections=1000 sockets=each", "open_s", "s",
              LOWER)  # fmt: skip
    yield Row(group, "open, connect, one message, close", "churn", "", "connections_per_s", "/s", HIGHER, 2,
              (Limit("limit_connect", "mode=churn", "connections_per_s"),), True)  # fmt: skip


ROWS = [*round_trips(), *streams(), *publishing(), *routing(), *connecting()]

# Cases whose system calls a message are counted, with message counts large enough to outweigh what is not the stream:
# the figure is the difference between a run of `count` and one of three times as many.
COUNTED = (
    ("reqrep", "transport=tcp", 2000, "a round trip"),
    ("reqrep", "transport=ipc", 2000, "a round trip"),
    ("reqrep", "transport=inproc", 2000, "a round trip"),
    ("stream", "transport=tcp size=64", 100000, "a message"),
    ("stream", "transport=ipc size=64", 100000, "a message"),
    ("stream", "transport=inproc size=64", 100000, "a message"),
    ("stream", "transport=tcp size=65536", 1000, "a message"),
    ("pubsub", "subscribers=10 processes=1", 10000, "a publication to 10"),
    ("router", "peers=100", 5000, "a request"),
    ("router", "peers=1 under_way=100", 20000, "a request"),
    ("multipart", "frames=3", 30000, "a message"),
    ("proxy", "", 30000, "a message"),
    ("churn", "", 200, "a connection"),
)

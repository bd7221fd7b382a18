"""One Kafka broker for tests and trials: KRaft on loopback, small, in a folder of its own.

    python -m deploy.kafka.broker fetch              get the jars, pinned and checksummed
    python -m deploy.kafka.broker run [--folder F]   fetch, start, say where it listens; Ctrl-C ends it

Not for production: one node, no replicas, no encryption.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
HEAP = "512m"
START_SECONDS = 60
STOP_SECONDS = 20
OWNER_SECONDS = 0.5
_PR_SET_PDEATHSIG = 1


class BrokerError(Exception):
    """The broker could not be fetched or started; the message says why."""


def jars_folder() -> Path:
    """Return where the jars are kept: KAFKA_JARS, or .kafka/jars at the top of the tree."""
    return Path(os.environ.get("KAFKA_JARS") or HERE.parent.parent / ".kafka" / "jars")


def fetch() -> Path:
    """Get the jars unless they are there, and check each against jars.sha256; return their folder."""
    folder = jars_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / "lock"):
        if not _complete(folder):
            _copy(folder)
    return folder


def _complete(folder: Path) -> bool:
    stamp = folder / "complete"
    return stamp.is_file() and stamp.read_bytes() == (HERE / "jars.sha256").read_bytes()


def _copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    command = [
        "mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), PLUGIN, "-DincludeScope=runtime",
        f"-DoutputDirectory={folder.resolve()}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BrokerError(f"Maven is needed to fetch the broker: {error.strerror}.") from None
    if done.returncode:
        raise BrokerError(f"Maven could not fetch the broker:\n{done.stdout}{done.stderr}")
    _check(folder)
    (folder / "complete").write_bytes((HERE / "jars.sha256").read_bytes())


def _check(folder: Path) -> None:
    """Refuse a jar that is missing, other, or not on the list."""
    listed = dict(line.split()[::-1] for line in (HERE / "jars.sha256").read_text().splitlines())
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    wrong = sorted({*listed.items()} ^ {*found.items()})
    if wrong:
        names = ", ".join(dict.fromkeys(name for name, _ in wrong))
        raise BrokerError(f"These jars are not what jars.sha256 lists: {names}.")


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Broker:
    """A broker that this process owns: it ends with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._jars = fetch()
        self._ports: tuple[int, int] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def servers(self) -> str:
        """Where clients find it, host:port; BrokerError before the first start."""
        if self._ports is None:
            raise BrokerError("The broker was never started.")
        return f"127.0.0.1:{self._ports[0]}"

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, on the same ports and data as before; returns when it answers."""
        if self._ports is None:
            self._format()
        self._process = self._java("kafka.Kafka", str(self.folder / "server.properties"))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise BrokerError(f"The broker did not start; {self.folder / 'log'} says why.")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to end and wait; kill it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Start it again after a kill or a stop, with what it had."""
        self.stop()
        self.start()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False when it still runs after that time."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _format(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ports = _free_ports()
        properties = self.folder / "server.properties"
        properties.write_text(_properties(self.folder, *self._ports))
        done = self._java(
            "kafka.tools.StorageTool", "format", "-t", "YXNzaXN0YW5jZWxlZGdlcg", "-c", str(properties)
        )  # fmt: skip
        if done.wait(START_SECONDS):
            raise BrokerError(f"The folder could not be formatted; {self.folder / 'log'} says why.")

    def _java(self, *command: str) -> subprocess.Popen[bytes]:
        options = [
            f"-Xmx{HEAP}", f"-Xms{HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            f"-Dlog={self.folder / 'log'}", f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
        ]  # fmt: skip
        with (self.folder / "output").open("ab") as output:
            try:
                return subprocess.Popen(
                    ["java", *options, "-cp", f"{self._jars}/*", *command],
                    stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self.folder,
                    preexec_fn=end_with_parent(os.getpid()),
                )  # fmt: skip
            except OSError as error:
                raise BrokerError(f"Java is needed to run the broker: {error.strerror}.") from None

    def _answers(self) -> bool:
        """Whether it answers what versions it speaks: a socket alone is open long before."""
        request = struct.pack(">hhih", 18, 0, 1, -1)
        host, port = self.servers.split(":")
        try:
            with socket.create_connection((host, int(port)), timeout=1) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                return len(connection.recv(8)) == 8
        except OSError:
            return False


def end_with_parent(parent: int) -> Callable[[], None]:
    """Ask Linux to kill the child when its parent dies: a killed test run leaves nothing behind."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _properties(folder: Path, port: int, controller: int) -> str:
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder / "data"}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=2
num.recovery.threads.per.data.dir=2
"""


def run(folder: Path | None, owner: int | None) -> None:
    """Run a broker until Ctrl-C or SIGTERM, or until its owner is gone; say where it listens.

    Without a folder it gets a temporary one, which goes with it.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    home = folder or Path(tempfile.mkdtemp(prefix="assistance-kafka-"))
    try:
        with Broker(home) as broker:
            _say(home / "servers", broker.servers)
            while not stop.is_set() and not broker.wait(OWNER_SECONDS):
                if owner is not None and not Path(f"/proc/{owner}").exists():
                    stop.set()
    finally:
        if folder is None or owner is not None:
            shutil.rmtree(home, ignore_errors=True)


def _say(file: Path, servers: str) -> None:
    """Write where it listens, whole or not at all, and print it."""
    written = file.with_suffix(".new")
    written.write_text(servers)
    written.rename(file)
    sys.stdout.write(f"KAFKA_SERVERS={servers}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; 1 and a line on stderr when it cannot."""
    parser = argparse.ArgumentParser(prog="broker", description=__doc__)
    parser.add_argument("verb", choices=("fetch", "run"))
    parser.add_argument("--folder", type=Path, help="where its data is kept")
    parser.add_argument("--owner", type=int, help="a process without which it ends too")
    options = parser.parse_args(arguments)
    try:
        fetch() if options.verb == "fetch" else run(options.folder, options.owner)
    except BrokerError as error:
        sys.stderr.write(f"broker: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Where there is no Docker engine and no image registry: a corner of the machine in which podman runs.

Everything happens in namespaces of our own: mounts (our own image store, a fresh /run, a cgroup2 that podman
can read), and for the test itself also network and processes, so that no port, bridge, firewall rule or
container is ever visible outside or left behind, even when this program is killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import kafka_broker
from tests.compose.engine import ROOT

PROGRAMS = {
    "podman": "podman", "buildah": "buildah", "crun": "crun", "debootstrap": "debootstrap",
    "iptables": "iptables", "unshare": "util-linux", "setpriv": "util-linux", "ip": "iproute2",
    "/usr/lib/podman/netavark": "netavark", "/usr/lib/podman/aardvark-dns": "aardvark-dns",
}  # fmt: skip
"""Programs, and the Debian packages that they come in."""

STANDINS = {
    "docker.io/library/python:3.12.12-slim-bookworm": "python",
    "ghcr.io/astral-sh/uv:0.9.30-python3.12-bookworm-slim": "uv",
    "docker.io/apache/kafka:4.3.1": "kafka",
}
"""Images that the Dockerfile and the compose file name, and the Containerfile that stands in for each."""

_HERE = Path(__file__).parent
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_FRESH = ("/run/containers", "/run/libpod", "/run/netns", "/run/crun", "/dev/shm")


def missing() -> str | None:
    """The reason why podman can't be used here, or None when it can."""
    if os.geteuid() != 0:
        return "podman needs root here"
    lacking = sorted(package for program, package in PROGRAMS.items() if shutil.which(program) is None)
    if lacking:
        return f"not installed: apt-get install {' '.join(lacking)}"
    return kafka_broker.available()


@contextmanager
def store_lock() -> Iterator[None]:
    """Let one test at a time use the image store."""
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def tools() -> Path:
    """The folder of podman-compose and uv, installed on first use from the hash-locked tools.txt."""
    lock = _HERE / "tools.txt"
    folder = _cache() / f"tools-{_digest(lock)}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=_cache()) as scratch:
            # The running interpreter may come without pip; a new environment always has it.
            subprocess.run([sys.executable, "-m", "venv", f"{scratch}/venv"], check=True)
            pip = [f"{scratch}/venv/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes"]
            subprocess.run([*pip, "--target", f"{scratch}/tools", "--requirement", str(lock)], check=True)
            Path(scratch, "tools").rename(folder)
    return folder


def enclosed(*arguments: str, sealed: bool) -> list[str]:
    """The command that runs tests.compose.run in its own namespaces; `sealed` without the world's network."""
    flags = ["--mount", "--propagation", "private"]
    if sealed:
        flags += ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    # However this program ends, what it started ends with it.
    return [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        *flags,
        sys.executable,
        "-m",
        "tests.compose.run",
        *arguments,
    ]


def furnish(*, sealed: bool) -> None:
    """Lay out the namespaces that `enclosed` made for podman."""
    _mount("--types", "cgroup2", "none", "/sys/fs/cgroup", clear=True)
    store = _cache() / "store"
    for folder in (store, Path("/var/lib/containers"), *map(Path, _FRESH)):
        folder.mkdir(parents=True, exist_ok=True)
    _mount("--bind", str(store), "/var/lib/containers")
    for name in _FRESH:
        _mount("--types", "tmpfs", "none", name)
    if sealed:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ |= {
        "CONTAINERS_CONF": str(_HERE / "containers.conf"),
        "CONTAINERS_REGISTRIES_CONF": str(_HERE / "registries.conf"),
        "BUILDAH_ISOLATION": "chroot",  # a build needs no container, hence no cgroup
        "DISABLE_HC_SYSTEMD": "true",  # health checks cannot become systemd timers
    }


def build_standins() -> None:
    """Build the images that no registry gives us; does nothing when they are there already."""
    recipe = "-".join(_digest(path) for path in sorted((_HERE / "standin").iterdir()))
    recipe += kafka_broker.jars().name + tools().name + _digest(_CERTIFICATES)
    done = _cache() / "store" / "standins"
    if done.exists() and done.read_text() == recipe:
        return
    with tempfile.TemporaryDirectory(dir=_cache()) as scratch:
        _import_base(Path(scratch) / "rootfs")
        context = Path(scratch) / "context"
        shutil.copytree(_HERE / "standin", context)
        shutil.copytree(kafka_broker.jars(), context / "libs")
        shutil.copy(tools() / "bin" / "uv", context)
        shutil.copy(_CERTIFICATES, context)
        for image, name in STANDINS.items():
            _podman(
                "build", "--quiet", "--tag", image, "--file", f"{context}/{name}.Containerfile", str(context)
            )
    done.write_text(recipe)


def remove_leftovers() -> None:
    """Forget containers and volumes that a test left in the store."""
    _podman("rm", "--all", "--force", "--volumes")
    _podman("volume", "rm", "--all", "--force")


def _cache() -> Path:
    return kafka_broker.jars().parent / "compose"


def _import_base(rootfs: Path) -> None:
    packages = "python3,ca-certificates,openjdk-17-jre-headless"
    command = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(rootfs)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"debootstrap failed\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    for name in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(rootfs / name)
    with subprocess.Popen(["tar", "-C", str(rootfs), "-c", "."], stdout=subprocess.PIPE) as tar:
        subprocess.run(
            ["podman", "import", "--quiet", "-", "localhost/standin-base"], stdin=tar.stdout, check=True
        )


def _podman(*arguments: str) -> None:
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"podman {' '.join(arguments)} failed\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def _mount(*arguments: str, clear: bool = False) -> None:
    if clear:
        subprocess.run(["umount", "--recursive", arguments[-1]], check=True)
    subprocess.run(["mount", *arguments], check=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

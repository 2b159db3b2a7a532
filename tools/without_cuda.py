"""torch without the CUDA libraries that it brings, for machines that have no NVIDIA GPU.

The registries hold torch for Linux on x86-64 as one build that is linked against CUDA: of an
environment of six gigabytes more than three serve a GPU that most kiosks do not have. That build
cannot even be imported without those libraries, though nothing in it calls them where no GPU is
found. This program leaves their packages out (`pins`) and puts libraries in their place
(`libraries`) that have the same names and functions, each of which answers "no device".
docs/decisions/0019-without-cuda.md says why.

It runs before anything is installed, so it needs nothing but Python, and `libraries` a C compiler.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

SERVES_CUDA = re.compile(r"(nvidia-|triton\b|cuda-)")
"""Packages of the pins that nothing but a GPU needs."""
CUDA_LIBRARY = re.compile(r"lib(cu|nv|nccl)(?!da\.so)")
"""Its libraries, but for libcuda, which is the driver's and only looked for where a GPU is used."""
FOREIGN = re.compile(r"_*(cu|nv|nccl)[a-zA-Z]*")
"""How the functions begin that CUDA's libraries give; torch's own and the system's do not."""
NO_DEVICE = 100
"""cudaErrorNoDevice; for every other library of CUDA a status that is not its success, 0."""
COMPILE = ("-shared", "-nostdlib", "-Os", "-s", "-w", "-fno-builtin")


def has_gpu() -> bool:
    """Whether NVIDIA's driver is loaded here."""
    return Path("/proc/driver/nvidia").exists() or Path("/dev/nvidiactl").exists()


def compiler() -> str | None:
    """The C compiler of this machine, with the tools that read libraries beside it."""
    if not (shutil.which("nm") and shutil.which("readelf")):
        return None
    return shutil.which("cc") or shutil.which("gcc")


def wanted(choice: str) -> bool:
    """Whether CUDA is installed; `auto` looks for a GPU, and for what it takes to do without."""
    if choice != "auto":
        return choice == "yes"
    if platform.system() != "Linux" or platform.machine() != "x86_64" or has_gpu():
        return True
    if compiler() is None:
        sys.stderr.write(
            "No GPU is here, but no C compiler either (Debian: gcc, binutils), so that CUDA's "
            "libraries come along.\n"
        )
        return True
    return False


def without_cuda(pins: str) -> str:
    """The pins less the packages of CUDA, with their hashes and comments."""
    kept: list[str] = []
    leave = False
    for line in pins.splitlines(keepends=True):
        if line[:1].isalnum():
            leave = bool(SERVES_CUDA.match(line))
        if not leave:
            kept.append(line)
    return "".join(kept)


def listed(*command: str) -> list[list[str]]:
    """The words of each line that a program prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def asked_for(libraries: list[Path]) -> dict[str, set[str]]:
    """Version ("" for none) to the functions of CUDA that these call and none of them has."""
    called: set[str] = set()
    own: set[str] = set()
    for library in libraries:
        called |= {
            words[1]
            for words in listed("nm", "-D", "--undefined-only", str(library))
            if words[0] == "U"
        }
        own |= {
            words[-1].partition("@")[0]
            for words in listed("nm", "-D", "--defined-only", str(library))
        }
    found: dict[str, set[str]] = defaultdict(set)
    for symbol in called:
        name, _, version = symbol.partition("@")
        if name not in own and FOREIGN.match(name):
            found[version.lstrip("@")].add(name)
    return dict(found)


def missing(libraries: list[Path]) -> set[str]:
    """Names of CUDA's libraries that these are linked against and that do not lie beside them."""
    entries = [words for library in libraries for words in listed("readelf", "-d", str(library))]
    needed = {words[-1].strip("[]") for words in entries if "(NEEDED)" in words}
    present = {library.name for library in libraries}
    return {name for name in needed - present if CUDA_LIBRARY.match(name)}


def build(name: str, functions: dict[str, set[str]], target: Path) -> None:
    """Compile one library: version to functions, each of which says that there is no device."""
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder, "empty.c"), Path(folder, "versions")
        names = sorted(set().union(*functions.values())) if functions else []
        source.write_text("".join(f"int {one}(void) {{ return {NO_DEVICE}; }}\n" for one in names))
        nodes = {version: found for version, found in functions.items() if version}
        script.write_text(
            "".join(
                f"{version} {{ global: {'; '.join(sorted(found))}; }};\n"
                for version, found in nodes.items()
            )
        )
        options = [f"-Wl,-soname,{name}", *([f"-Wl,--version-script={script}"] if nodes else [])]
        command = [compiler() or "cc", *COMPILE, *options, "-o", str(target), str(source)]
        subprocess.run(command, check=True)


def belongs(version: str, library: str) -> bool:
    """Whether a version is defined in this library, after which, or its stem, CUDA names it."""
    return version == library or library.startswith(f"lib{version.lower()}_")


def libraries(torch: Path) -> list[str]:
    """Put what is missing beside torch's own libraries; what was made: nothing where CUDA is."""
    if not torch.is_dir():
        sys.exit(f"No torch is installed in {torch.parent}.")
    if (torch.parent / "nvidia").is_dir():
        return []
    folder = torch / "lib"
    present = sorted(folder.glob("*.so*"))
    names = sorted(missing(present))
    functions = asked_for(present)
    unversioned = functions.pop("", set())
    for name in names:
        nodes = {version: found for version, found in functions.items() if belongs(version, name)}
        if not nodes and unversioned:
            # The loader looks a function without a version up in every library: one has them all.
            nodes, unversioned = {"": unversioned}, set()
        build(name, nodes, folder / name)
    return names


def main() -> None:
    """Two commands; see the text of the module."""
    parser = argparse.ArgumentParser(prog="without_cuda", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    pins = commands.add_parser("pins", help="print the pins that this machine needs")
    pins.add_argument("file", type=Path)
    pins.add_argument(
        "--cuda", choices=("auto", "yes", "no"), default=os.environ.get("CUDA") or "auto"
    )
    fill = commands.add_parser("libraries", help="let torch start without CUDA's libraries")
    fill.add_argument("site", type=Path, help="the folder that holds torch/")
    chosen = parser.parse_args()
    if chosen.command == "pins":
        text = chosen.file.read_text("utf-8")
        sys.stdout.write(text if wanted(chosen.cuda) else without_cuda(text))
    elif made := libraries(chosen.site / "torch"):
        sys.stdout.write(f"torch starts without CUDA: {len(made)} empty libraries in its place\n")


if __name__ == "__main__":
    main()

"""What runs unasked, run for real: every system call is watched, and none writes outside the private folder or opens a socket."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from postil.workspace.commands.reading import Reading
from postil.workspace.sandbox.bubblewrap import arguments
from postil.workspace.sandbox.choice import present
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.mechanism import Launch, Mechanism
from tests.security.test_corpus import answer, corpus


class Unfiltered:
    """bubblewrap without the filter of system calls: what a filter refuses, strace does not see."""

    title = "bubblewrap without its filter"
    lets_work = False
    lays_over = False

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        return Launch(tuple(arguments("bwrap", argv, cwd, within, None)), environment)


UNFILTERED = Unfiltered()
MECHANISMS: dict[str, Mechanism] = {it.title: it for it in (UNFILTERED, *present())}
WANTED = [UNFILTERED.title, "Landlock and seccomp"]
CALLS = (
    "execve,open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,"
    "mknod,mknodat,truncate,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utime,utimes,futimesat,utimensat,setxattr,lsetxattr,"
    "fsetxattr,removexattr,socket,connect,bind,sendto,sendmsg,sendmmsg,io_uring_setup,ptrace,mount,unshare"
)
_NAMES = """
src/main.py src/a.py src/b.py src/x.py src/cli.py src/app.py src/models.py src/parser.py src/tabs.py src/renamed.py src/main.rs src/main.go
src/main.c src/x.c src/server.go src/app.ts src/a.ts src/lib/a.ts src/index.js src/a.js src/x.js src/form.tsx src/foo.java src/conf.yaml
src/App.vue src/a.txt src/win.txt src/re.txt src/auth/x.py src/components/c.tsx tests/unit/test_a.py tests/integration/test_b.py tests/a tests/b
docs/x.md docs/tls.md docs/user/y.md README.md CHANGELOG.md notes.md tsconfig.json go.mod setup.py pyproject.toml Cargo.toml package.json
package-lock.json config.ini conf/app.ini conf/app.properties data/x.txt data/x.bin data/x.csv data/x.tsv data/x.json data/names.txt
data/sorted.txt data/sample.json data/out.txt data/a.json data/b.json a.txt b.txt c.txt a.csv b.csv a.bin b.bin bin/tool logs/build.log
logs/access.log dist/app.js assets/logo.png build/x.o .editorconfig .gitignore .github/workflows/ci.yml crates/x/main.rs packages/core/package.json
sub/x.txt app/x.py node_modules/m/index.js CERT/x.pem.txt LICENSE Makefile
"""
SAMPLE = tuple(_NAMES.split())
_LINE = re.compile(r"^(\d+) +(\w+)\((.*?)\) += (-?\d+)(?:<(.*?)>)?(?: .*)?$")
_NO_CALL = re.compile(r"^\d+ +(?:\+\+\+|---)|\) += \?$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_OPENS = frozenset({"open", "openat", "openat2"})
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE")
_NETWORK = frozenset({"socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg", "io_uring_setup"})
_PATHS = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_HARMLESS = ("/dev/null", "/dev/tty", "/proc/self/fd/", "/dev/fd/")
_NAMES_OF_USERS = re.compile(r"^AF_UNIX, |nscd/socket")
"""The C library looks for a service that knows names of users; it opens a socket that leads nowhere, and finds none."""
STATUS = "@status "


@dataclass
class Watched:
    """What a batch of commands was seen to do."""

    commands: dict[int, str]
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    calls: int = 0
    done: list[str] = field(default_factory=list[str])
    """Writes and sockets that the kernel let through."""
    refused: list[str] = field(default_factory=list[str])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with a history, and files of the names that the corpus uses."""
    root = tmp_path_factory.mktemp("sample") / "ws"
    for name in SAMPLE:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            '{"name": "x", "version": "1"}\n' if name.endswith(".json") else "one TODO\ntwo, def x\n"
        )
    for line in ("git init -q -b main", "git add -A", "git commit -qm one", "git branch feature", "git tag v1.0", "git stash list",
                 "git commit -q --allow-empty -m two", "tar -czf dist/pkg.tar.gz src", "tar -cf dist/pkg.tar src"):  # fmt: skip
        subprocess.run(line.split(), cwd=root, check=True)
    (root / "src/a.py").write_text("changed\n")
    return root


def automatic() -> dict[int, str]:
    """Every command of the corpus that our guard lets run, by its line."""
    found = {int(it.name.rpartition(":")[2]): it for it in corpus("readonly")}
    return {number: it.command for number, it in found.items() if answer(it.question)[0] == "auto"}


def script(folder: Path, commands: dict[int, str]) -> str:
    """Return a line that runs the commands as the shell would be started for each."""
    for number, command in commands.items():
        (folder / f"{number}.sh").write_text(command)
    bash = "timeout 10 /bin/bash --noprofile --norc -c"
    each = f'{bash} "$(< {folder}/$it.sh)" < /dev/null > /dev/null 2>&1; echo "{STATUS}$it $?"'
    return f"for it in {' '.join(map(str, commands))}; do {each}; done"


def watch(title: str, root: Path, folder: Path, commands: dict[int, str]) -> Watched:
    """Run the commands in one sandbox under strace."""
    lines, log = root.parent / "lines", folder / "log"
    lines.mkdir(exist_ok=True)
    own = {number: command.replace("/ws", str(root)) for number, command in commands.items()}
    line = script(lines, own)
    reading = Reading(folder / "run", [root, lines], sandbox=lambda: MECHANISMS[title])
    launch = reading.launch(["/bin/bash", "--noprofile", "--norc", "-c", line], root)
    strace = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "--seccomp-bpf",
        "-s",
        "300",
        "-e",
        f"trace={CALLS}",
        "-e",
        "signal=none",
        "-o",
        str(log),
    ]
    try:
        ended = subprocess.run(
            [*strace, *launch.argv], cwd=root, env=launch.environment, pass_fds=launch.files, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
    finally:
        launch.close()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = Watched(commands)
    for said in ended.stdout.splitlines():
        number, status = said.removeprefix(STATUS).split()
        found.statuses[int(number)] = int(status)
    read_log(log, str(folder / "run/tmp"), found)
    return found


def read_log(log: Path, private: str, found: Watched) -> None:
    """Look at what the commands did; what the sandbox did to set itself up came before."""
    setting_up: set[str] = set()
    inside = False
    for pid, call, words, answer_, target in _joined(log.read_text(encoding="utf-8", errors="replace")):
        if not inside:
            setting_up.add(pid)
            inside = call == "execve" and words.startswith('"/bin/bash"') and answer_ == 0
            shell = pid
            if inside:
                setting_up.discard(shell)
            continue
        if pid in setting_up:
            continue
        found.calls += 1
        if _changes(call, words, target, private):
            (found.done if answer_ >= 0 else found.refused).append(f"{call}({words}) = {answer_}")


def _joined(log: str) -> Iterator[tuple[str, str, str, int, str]]:
    """Yield whole calls, with those put together that others came between."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if line.endswith("<unfinished ...>"):
            begun[line.split(" ", 1)[0]] = line.removesuffix("<unfinished ...>").rstrip()
            continue
        resumed = _RESUMED.match(line)
        whole = begun.pop(resumed[1], "") + resumed[3] if resumed is not None else line
        match = _LINE.match(whole)
        assert match is not None or _NO_CALL.search(whole), f"not understood: {whole}"
        if match is not None:
            yield match[1], match[2], match[3], int(match[4]), match[5] or ""


def _changes(call: str, words: str, target: str, private: str) -> bool:
    if call == "execve":
        return False
    if call in _NETWORK:
        return _NAMES_OF_USERS.search(words) is None
    if call in _OPENS and not _WRITING.search(words):
        return False
    paths = (
        [target]
        if target
        else [
            os.path.normpath(f"{base}/{name}") if base and not name.startswith("/") else name
            for base, name in _PATHS.findall(words)
        ]
    )
    return not paths or not all(it == private or it.startswith((f"{private}/", *_HARMLESS)) for it in paths)


@pytest.mark.timeout(200)
@pytest.mark.parametrize("title", WANTED)
def test_nothing_that_runs_unasked_writes_or_speaks(title: str, sample: Path, tmp_path: Path) -> None:
    for program in ("strace", "bwrap"):
        assert shutil.which(program), f"{program} is missing: run make test-system-deps as root"
    commands = automatic()
    found = watch(title, sample, tmp_path, commands)
    assert found.statuses.keys() == commands.keys(), "every one of them ended"
    missing = [commands[it] for it, status in found.statuses.items() if status in {126, 127}]
    well = sum(status == 0 for status in found.statuses.values())
    print(
        f"\n{title}: {len(commands) - len(missing)} of {len(commands)} automatic commands ran under strace ({well} ended with 0, "
        f"{len(missing)} are of programs that are not installed), {found.calls} calls looked at: "
        f"{len(found.done)} writes or sockets, {len(found.refused)} more refused"
    )
    assert len(commands) - len(missing) >= 300
    assert found.calls > 10 * len(commands)
    assert not found.done
    assert not found.refused, "none even tries"


def test_what_writes_is_seen(sample: Path, tmp_path: Path) -> None:
    """Else the watching would be worth nothing."""
    made = {
        1: "touch new",
        2: "echo x >> a.txt",
        3: "rm b.txt; mv c.txt d.txt",
        4: ": > /dev/tcp/127.0.0.1/9",
        5: "echo x > $TMPDIR/y",
    }
    found = watch(UNFILTERED.title, sample, tmp_path, made)
    assert any(it.startswith("socket(AF_INET") for it in found.done)
    assert not any(it for it in found.done if "AF_INET" not in it)
    seen = " ".join(found.refused)
    for call in ('"new"', '"a.txt"', '"b.txt"', '"c.txt"', "connect("):
        assert call in seen, seen
    assert "/y" not in seen

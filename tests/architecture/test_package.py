"""What is in the source tree is in the wheel, and can be imported from it."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.sources import PACKAGE, ROOT, project_files, shown


def package_files() -> list[Path]:
    return [path for path in project_files() if path.is_relative_to(PACKAGE)]


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in package_files() if path.suffix == ".py"}
    bare = sorted(shown(folder) for folder in folders if not (folder / "__init__.py").is_file())
    assert not bare, f"no __init__.py in {', '.join(bare)}"


def test_the_wheel_has_every_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in [*package_files(), *(ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE"))]:
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
    ]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("postil-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith("postil/")}
    expected = {path.relative_to(PACKAGE.parent).as_posix() for path in package_files()}
    assert shipped == expected

"""Packs a folder as a `.vsix`, so that VS Code installs it as it installs any other."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension=".json" ContentType="application/json"/>
<Default Extension=".js" ContentType="application/javascript"/>
<Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>
"""
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>
<DisplayName>{displayName}</DisplayName><Description>{description}</Description></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
"""


def packed(folder: Path, target: Path) -> Path:
    """Write the files of a folder that has a `package.json` into a `.vsix`; returns it."""
    manifest = json.loads((folder / "package.json").read_text("utf-8"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml"), TYPES)
        archive.writestr(zipfile.ZipInfo("extension.vsixmanifest"), MANIFEST.format(**manifest))
        for path in sorted(folder.rglob("*")):
            if path.is_file():  # without its date, so that the same files make the same package
                name = zipfile.ZipInfo(f"extension/{path.relative_to(folder).as_posix()}")
                archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target

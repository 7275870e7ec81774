"""Write the software bill of materials of a release to standard output, as CycloneDX 1.6 in JSON.

`python .ci/sbom.py WHEEL SDIST SECONDS`: Longpole with the hashes of these two files, and what the wheel needs when it
runs, with the versions that are installed beside this Python: `required`, or `optional` for what only an extra needs.
What is not installed has no version. SECONDS since 1970 is the time in it, that of the commit, and no number in it is
random, so two builds of a commit in the same environment give the same bytes.
"""

import hashlib
import sys
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, License, LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OF_THIS_REPOSITORY = {"dev", "bench"}
"""The extras that are not for users."""


def main(wheel: Path, sdist: Path, seconds: int) -> None:
    """Print the bill of a release."""
    (info,) = [path for path in zipfile.Path(wheel).iterdir() if path.name.endswith(".dist-info")]
    released = metadata.PathDistribution(info)
    bom = Bom(serial_number=_serial(wheel, sdist))
    bom.metadata.timestamp = datetime.fromtimestamp(seconds, UTC)
    root = _component(_name(released), released, ComponentType.APPLICATION)
    root.external_references = [_download(path) for path in (wheel, sdist)]
    bom.metadata.component = root
    extras = set(released.metadata.get_all("Provides-Extra") or ()) - OF_THIS_REPOSITORY
    required, graph = _closure(released, {""}), _closure(released, extras | {""})
    parts = {
        name: _component(
            name,
            _installed(name),
            ComponentType.LIBRARY,
            ComponentScope.REQUIRED if name in required else ComponentScope.OPTIONAL,
        )
        for name in graph
        if name != root.name
    }
    bom.components = parts.values()
    for name, needed in graph.items():
        bom.register_dependency(parts.get(name, root), [parts[other] for other in sorted(needed)])
    print(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2))


def _closure(released: metadata.Distribution, extras: set[str]) -> dict[str, set[str]]:
    """Each distribution that is needed, by name, with the names of those that it needs; the released one is first."""
    graph: dict[str, set[str]] = {}
    waiting = [(_name(released), extra) for extra in sorted(extras)]
    done = set(waiting)
    while waiting:
        name, extra = waiting.pop(0)
        found = released if name == _name(released) else _installed(name)
        needed = graph.setdefault(name, set())
        for requirement in _that_hold((found and found.requires) or [], extra):
            other = canonicalize_name(requirement.name)
            needed.add(other)
            new = {(other, each) for each in ("", *requirement.extras)} - done
            waiting += sorted(new)
            done |= new
    return graph


def _that_hold(lines: Iterable[str], extra: str) -> Iterator[Requirement]:
    """The requirements that hold in this environment with this extra, without those that hold in any case."""
    for line in lines:
        requirement = Requirement(line)
        always = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        with_extra = requirement.marker is not None and requirement.marker.evaluate({"extra": extra})
        if always if not extra else (with_extra and not always):
            yield requirement


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _name(distribution: metadata.Distribution) -> str:
    return canonicalize_name(distribution.metadata["Name"])


def _serial(*files: Path) -> uuid.UUID:
    """A number that only this release has: derived from the bytes of its files."""
    return uuid.uuid5(uuid.NAMESPACE_OID, " ".join(_sha256(path) for path in files))


def _component(
    name: str, found: metadata.Distribution | None, kind: ComponentType, scope: ComponentScope | None = None
) -> Component:
    """A distribution with its version, licenses and package URL, as far as they are known."""
    version = found.version if found else None
    purl = PackageURL("pypi", None, name, version)
    return Component(
        name=name,
        version=version,
        type=kind,
        scope=scope,
        purl=purl,
        bom_ref=str(purl),
        description=found.metadata["Summary"] if found else None,
        licenses=_licenses(found.metadata) if found else (),
    )


def _licenses(about: metadata.PackageMetadata) -> list[License]:
    """The licenses that a distribution declares: an SPDX expression, else the names of its classifiers, else a name."""
    for expression in about.get_all("License-Expression") or ():
        return [LicenseExpression(expression)]
    classifiers = [line for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    names = [line.rpartition(" :: ")[2] for line in classifiers]
    short = [text for text in about.get_all("License") or () if "\n" not in text and len(text) < 100]
    return [DisjunctiveLicense(name=name) for name in sorted(set(names or short))]


def _download(path: Path) -> ExternalReference:
    digest = HashType(alg=HashAlgorithm.SHA_256, content=_sha256(path))
    return ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(path.name), hashes=[digest])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

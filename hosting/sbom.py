#!/usr/bin/env python3
"""sbom.py NAME VERSION DATE PROGRAM MAP: the bill of materials of the static
program as SPDX 2.3. The linker's map names the archives inside; dpkg tells
their packages, versions and licence files."""

import hashlib
import json
import os
import re
import subprocess
import sys
from urllib.parse import quote


def archives(path):
    """The static libraries that have at least one linked member."""
    with open(path, encoding="utf-8", errors="replace") as f:
        members = f.read().split("Memory Configuration")[0]
    found = re.findall(r"^(/\S+\.a)\(", members, re.MULTILINE)
    return sorted({os.path.realpath(name) for name in found})


def ask(*argv):
    """What dpkg prints; None: there is no dpkg, or it does not know."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def package_of(archive):
    """(name, version, architecture) of the package that has the file."""
    owner = ask("dpkg-query", "-S", archive)
    if owner is None and archive.startswith("/usr/lib/"):
        owner = ask("dpkg-query", "-S", archive[len("/usr"):])
    if owner is None:
        return os.path.basename(archive), None, None
    # "libxml2-dev:arm64: /usr/lib/..."
    name = owner.splitlines()[0].rsplit(": ", 1)[0].split(",")[0]
    said = ask("dpkg-query", "-W", "-f", "${Version} ${Architecture}\n", name)
    version, architecture = said.splitlines()[0].split()
    return name.split(":")[0], version, architecture


def library(archive):
    name, version, architecture = package_of(archive)
    entry = {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-",
                                      os.path.basename(archive)),
        "name": os.path.basename(archive)[:-len(".a")],
        "versionInfo": version or "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }
    if version is not None:
        entry["externalRefs"] = [{
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{quote(name)}@"
                                f"{quote(version)}?arch={architecture}"}]
    return entry


def document(name, version, date, program, linked):
    with open(program, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    libraries = [library(archive) for archive in linked]
    ours = {
        "SPDXID": "SPDXRef-bwcallback", "name": "bwcallback.cgi",
        "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "ISC",
        "licenseDeclared": "ISC", "copyrightText": "The bwcallback authors",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
    }
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT", "name": name,
        "documentNamespace": f"urn:sha256:{digest}",
        "creationInfo": {"created": f"{date}T00:00:00Z",
                         "creators": [f"Tool: bwcallback-{version}"]},
        "packages": [ours, *libraries],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT",
             "relationshipType": "DESCRIBES",
             "relatedSpdxElement": "SPDXRef-bwcallback"},
            *({"spdxElementId": "SPDXRef-bwcallback",
               "relationshipType": "STATIC_LINK",
               "relatedSpdxElement": entry["SPDXID"]}
              for entry in libraries)],
    }


def main():
    name, version, date, program, linker_map = sys.argv[1:]
    linked = [a for a in archives(linker_map)
              if not os.path.basename(a).startswith("libbw")]
    json.dump(document(name, version, date, program, linked), sys.stdout,
              indent=1)
    print()


main()

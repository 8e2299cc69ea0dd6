"""Solr 9 for CKAN's search, run from Maven's artifacts by a 15-line launcher: Debian has no Solr."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from control.programs import clean_environment, run
from control.services.service import Service, http_health
from control.settings import ROOT, Instance, environment_folder

SOURCE = Path(__file__).parent / "solr"
LIBRARY = ROOT / ".envs" / "solr"
WORD_LISTS = ("synonyms.txt", "stopwords.txt", "protwords.txt")


def fetch_library(instance: Instance) -> bool:
    """Fetches Solr's jars by Maven once for all instances of the checkout; returns whether it did."""
    pom = SOURCE / "pom.xml"
    stamp = LIBRARY / ".stamp"
    if stamp.exists() and stamp.read_text() == pom.read_text():
        return False
    LIBRARY.mkdir(parents=True, exist_ok=True)
    home = {"HOME": os.environ.get("HOME", str(LIBRARY))}
    run(
        instance,
        ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={LIBRARY}"],
        log="solr-library",
        environment=clean_environment(home),
        what="Solr's jars could not be fetched by Maven",
        advice="check that Maven's registry is reached, then run ./ioc up again",
    )
    stamp.write_text(pom.read_text())
    return True


def write_home(instance: Instance) -> None:
    """Writes Solr's home: CKAN's own schema, a small configuration, empty word lists."""
    home = instance.folder("solr")
    configuration = home / "ckan" / "conf"
    configuration.mkdir(parents=True, exist_ok=True)
    schema = environment_folder("ckan") / "lib/python3.11/site-packages/ckan/config/solr/schema.xml"
    shutil.copyfile(SOURCE / "solr.xml", home / "solr.xml")
    (home / "ckan" / "core.properties").write_text("name=ckan\n")
    shutil.copyfile(SOURCE / "solrconfig.xml", configuration / "solrconfig.xml")
    shutil.copyfile(schema, configuration / "schema.xml")
    for name in WORD_LISTS:
        (configuration / name).touch()
    # Not the index below: a running Solr makes and removes files there, and they are its own.
    for path in [home, *home.glob("*"), *(home / "ckan").glob("*.properties"), configuration, *configuration.glob("*")]:
        instance.give(path)


def service(instance: Instance) -> Service:
    port = instance.ports["solr"]
    return Service(
        name="solr",
        command=[
            "java",
            "-Xms64m",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            f"{LIBRARY}/*",
            str(SOURCE / "SolrServer.java"),
            str(instance.state / "solr"),
            str(port),
        ],
        health=http_health(f"http://127.0.0.1:{port}/solr/ckan/select?q=*:*&rows=0&wt=json", '"numFound"'),
        address=f"http://127.0.0.1:{port}/solr/ckan",
        user=instance.service_user,
    )

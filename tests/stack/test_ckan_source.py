"""The portal offers its own source, as its licence asks."""

from __future__ import annotations

import io
import re
import tarfile

import pytest
import requests

from tests.running import Running

pytestmark = pytest.mark.stack


def test_the_footer_leads_to_the_source_that_runs_with_its_licence(instance: Running) -> None:
    page = requests.get(instance.ckan_url, timeout=60).text
    found = re.search(r'href="([^"]*source[^"]*)"', page)
    assert found is not None, "the footer offers no source"
    answer = requests.get(instance.ckan_url + found.group(1), timeout=60)
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as packed:
        names = packed.getnames()
        licence = next(name for name in names if name.endswith("LICENSE"))
        content = packed.extractfile(licence)
        assert content is not None
        assert b"GNU AFFERO GENERAL PUBLIC LICENSE" in content.read()
    assert "ckanext-ioc/ckanext/ioc/plugin.py" in names
    assert "datasets/model/contract.py" in names
    assert "locale/vi.yaml" in names
    assert not [name for name in names if name.endswith("ckan.ini") or "secret" in name]

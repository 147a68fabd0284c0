"""The numbers on the pages of 10,000 generated claims, held to what the smaller data sets are."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.test_numbers import (  # noqa: F401
    test_a_number_on_a_page_is_the_total_behind_its_link,
    test_a_page_of_claims_shows_the_total_that_the_api_gives,
    test_every_number_in_a_table_or_a_list_leads_somewhere,
    walk,
)
from tests.varied import varied_store
from tests.wire import app_of

pytestmark = pytest.mark.at_size


@pytest.fixture(scope="module")
def walked() -> tuple[FlaskClient, dict[str, str]]:
    app = app_of(varied_store(10_000, open_ends=True))
    client = FlaskClient(app, app.response_class)
    return client, dict(walk(client))

"""A small company in the middle of a working week, for tests of reports."""

import pytest
from sqlalchemy.orm import Session

from tests.factories import House


@pytest.fixture
def house(session: Session) -> House:
    return House()

"""Idempotency keys: a repeated POST gets the first answer and acts no second time.

The answer is kept in the transaction of the act. Refusals are not kept: nothing was done, and a
mended retry under the same key must work. What is compared leaves out the secrets, so that none
can be guessed from the digest.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.api.models import KeptAnswer
from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.forgetting import forget
from registry.core.words import N_

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Done:
    """What an act answers: the body as plain data, the status, further headers."""

    body: dict[str, Any]
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def digest_of(method: str, path: str, body: Any) -> str:
    """What two requests are compared by."""
    said = json.dumps([method, path, _without_secrets(body)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(each) for key, each in value.items() if key != "secret"}
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]
    return value


def kept_answer(person_id: int, key: str, digest: str) -> Done | None:
    """The answer kept under the key; None where there is none. Raises Refused where the key was
    used for another request."""
    row = db.session.get(KeptAnswer, (person_id, key))
    if row is None:
        return None
    if row.digest != digest:
        raise Refused(Reason("key_reused", N_("This Idempotency-Key was used for another request. "
                                              "Take a new one."), field="Idempotency-Key"))
    headers = tuple((name, value) for name, value in json.loads(row.headers))
    return Done(json.loads(row.body), row.status, headers)


def keep_answer(person_id: int, key: str, digest: str, done: Done, *, now: datetime) -> None:
    """Keep the answer; where another request was quicker the flush collides (see ``atomic``)."""
    db.session.add(KeptAnswer(
        person_id=person_id, key=key, digest=digest, status=done.status, at=now,
        body=json.dumps(done.body, ensure_ascii=False), headers=json.dumps(done.headers)))
    db.session.flush()


def forget_answers(*, now: datetime) -> None:
    """The worker's duty: delete what was kept for a day."""
    forget(KeptAnswer, KeptAnswer.at < now - KEPT)

"""Makes the pictures of the README anew: ``.venv/bin/python docs/screenshots.py``.

The demo company of one seed and one day, so that the same program gives the same pictures; a real
Chromium looks at it. ImageMagick, where there is one, takes the colours down to a small palette.
Needs what the tests need: Chromium, and the libraries for the browser that set-up fetches.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import time_machine
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from registry import create_app  # noqa: E402 - the program lies beside this folder
from registry.config import Settings  # noqa: E402
from registry.core.calendar import company_calendar  # noqa: E402
from registry.core.catalogues import compile_all  # noqa: E402
from registry.core.db import atomic, db  # noqa: E402
from registry.core.models import Message  # noqa: E402
from registry.core.times import utc_now  # noqa: E402
from registry.demo import make_company  # noqa: E402
from registry.people.demo import DEMO_PASSWORD  # noqa: E402
from registry.people.models import Person  # noqa: E402
from registry.reports.service import keep_report, send_report  # noqa: E402
from registry.running import prepare  # noqa: E402
from registry.tickets.handoff_models import Handoff, HandoffState  # noqa: E402
from registry.tickets.models import Ticket  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)  # a Tuesday, 10:40 in Moscow
SEED, PORT = 1, 8105
LARGEST = 60 * 1024
PHONE, DESK = {"width": 360, "height": 700}, {"width": 1000, "height": 700}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@contextmanager
def served(folder: Path) -> Iterator[Flask]:
    """The demo in ``folder``, served until the block ends."""
    settings = Settings(
        database_url=f"sqlite:///{folder / 'registry.sqlite3'}", data_dir=folder,
        secret_key="only for the pictures of the README", language="en", demo=True, port=PORT,
        base_url=f"http://127.0.0.1:{PORT}")
    app = create_app(settings)
    # The browser lives today: a cookie of the day in the pictures must not be over for it.
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=36_500)
    prepare(app)
    with app.app_context():
        make_company(language="en", seed=SEED, now=utc_now())
        with atomic():
            day = company_calendar().previous_working_day(utc_now().date())
            send_report(keep_report(day, now=utc_now()), now=utc_now())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", PORT, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()


def page_of(browser: Browser, login: str, size: dict[str, int]) -> Page:
    """A page of the person, signed in, on a screen of that size."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{PORT}", viewport=size, color_scheme="light",  # type: ignore[arg-type]
        locale="en-GB", timezone_id="Europe/Moscow", reduced_motion="reduce")
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#login", login)
    page.fill("#password", DEMO_PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


def take(page: Page, address: str, name: str) -> None:
    """One picture of the upper part of a page."""
    page.goto(address)
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement && document.activeElement.blur()")
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    if shutil.which("convert"):
        subprocess.run(["convert", path, "-strip", "+dither", "-colors", "64", f"PNG8:{path}"],
                       check=True)
    size = path.stat().st_size
    click.echo(f"{path.relative_to(ROOT)}: {size // 1024} kB")
    if size > LARGEST:
        raise SystemExit(f"{name}.png is larger than {LARGEST // 1024} kB; is there a `convert`?")


def telling_ticket() -> tuple[int, str]:
    """A ticket that is being mended, in good time, after it has passed through most hands; and its
    holder's login."""
    passed = select(func.count()).where(Handoff.ticket_id == Ticket.id,
                                        Handoff.state == HandoffState.ACCEPTED).scalar_subquery()
    query = (select(Ticket.number, Person.login).join(Person, Person.id == Ticket.holder_id)
             .where(Ticket.state == "in_fix", Ticket.promised_at > utc_now(),
                    Ticket.measured.is_not(None))
             .order_by(passed.desc(), Ticket.number.desc()).limit(1))
    number, login = db.session.execute(query).one()
    return number, login


def offer_to_take() -> tuple[int, str]:
    """A handoff that waits for its receiver; and the receiver's login."""
    query = (select(Handoff.id, Person.login).join(Person, Person.id == Handoff.receiver_id)
             .where(Handoff.state == HandoffState.OFFERED, Handoff.move == "take",
                    Handoff.receiver_signed_at.is_(None)).order_by(Handoff.id.desc()).limit(1))
    handoff, login = db.session.execute(query).one()
    return handoff, login


def take_all(browser: Browser, app: Flask) -> None:
    """Every picture."""
    PICTURES.mkdir(exist_ok=True)
    with app.app_context():
        number, holder = telling_ticket()
        handoff, receiver = offer_to_take()
        mail = db.session.scalar(select(func.min(Message.id)))
    take(page_of(browser, "visitor", PHONE), "/", "desk")
    take(page_of(browser, holder, DESK), f"/tickets/{number}", "ticket")
    take(page_of(browser, "registrar", DESK), "/tickets", "registry")
    take(page_of(browser, receiver, PHONE), f"/handoffs/{handoff}/accept", "signing")
    take(page_of(browser, "admin", PHONE), f"/reports/mail/{mail}/html", "mail")


def main() -> None:
    """Make the demo, look at it, put it away."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("There is no Chromium here; as root: apt-get install chromium")
    compile_all()
    with (tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=True),
          served(Path(folder)) as app, sync_playwright() as playwright):
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        take_all(browser, app)
        browser.close()


if __name__ == "__main__":
    main()

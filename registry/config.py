"""Settings: read from the environment, checked once at the start.

Every setting has a working default for one machine. A setting that cannot be
used stops the start with one sentence that names it; nothing is guessed later.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import holidays

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "ru")
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
SHORTEST_TOKEN = 16


class SettingError(ValueError):
    """A setting of the environment that cannot be used; the text names it."""


@dataclass(frozen=True)
class Settings:
    """All that an installation may choose. Times of day are in ``timezone``."""

    database_url: str
    data_dir: Path
    secret_key: str = field(repr=False)
    secret_key_file: Path | None = None
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    mail_from: str = "Countersign <countersign@localhost>"
    timezone: str = "Europe/Moscow"
    calendar: str = "RU"
    work_hours: str = "09:00-18:00"
    report_at: str = "08:30"
    language: str = ""
    proxies: int = 0
    pooler: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    attachment_limit: int = 10 * 1024 * 1024
    keep_mail_days: int = 180
    keep_job_days: int = 90
    keep_attempt_days: int = 365
    webhook_hosts: tuple[str, ...] = ()
    webhook_private: bool = False
    passkeys_for: tuple[str, ...] = ()
    demo: bool = False
    testing: bool = False
    argon2_cheap: bool = False

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read ``COUNTERSIGN_…`` variables. Raises SettingError, naming the variable."""
        env = os.environ if env is None else env

        def text(name: str, default: str) -> str:
            return env.get(f"COUNTERSIGN_{name}", "").strip() or default

        data_dir = Path(text("DATA_DIR", str(ROOT / "var"))).absolute()
        # What is signed there is no business of the machine's other users.
        data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        secret_file = Path(text("SECRET_KEY_FILE", str(data_dir / "secret.key")))
        port = _whole(text("PORT", "8000"), "PORT")
        host = text("HOST", "127.0.0.1")
        settings = cls(
            database_url=text("DATABASE_URL", f"sqlite:///{data_dir / 'registry.sqlite3'}"),
            data_dir=data_dir,
            secret_key=_secret(secret_file),
            secret_key_file=secret_file,
            base_url=text("BASE_URL", f"http://{host}:{port}").rstrip("/"),
            smtp_url=text("SMTP_URL", ""),
            metrics_token=text("METRICS_TOKEN", ""),
            mail_from=text("MAIL_FROM", cls.mail_from),
            timezone=text("TIMEZONE", cls.timezone),
            calendar=text("CALENDAR", cls.calendar),
            work_hours=text("WORK_HOURS", cls.work_hours),
            report_at=text("REPORT_AT", cls.report_at),
            language=text("LANGUAGE", ""),
            proxies=_whole(text("PROXIES", "0"), "PROXIES"),
            pooler=text("POOLER", "0") == "1",
            host=host,
            port=port,
            attachment_limit=_whole(text("ATTACHMENT_LIMIT", str(cls.attachment_limit)),
                                    "ATTACHMENT_LIMIT"),
            keep_mail_days=_whole(text("KEEP_MAIL_DAYS", str(cls.keep_mail_days)),
                                  "KEEP_MAIL_DAYS"),
            keep_job_days=_whole(text("KEEP_JOB_DAYS", str(cls.keep_job_days)), "KEEP_JOB_DAYS"),
            keep_attempt_days=_whole(text("KEEP_ATTEMPT_DAYS", str(cls.keep_attempt_days)),
                                     "KEEP_ATTEMPT_DAYS"),
            webhook_hosts=tuple(each.strip().lower() for each in
                                text("WEBHOOK_HOSTS", "").split(",") if each.strip()),
            webhook_private=text("WEBHOOK_PRIVATE", "0") == "1",
            passkeys_for=tuple(each.strip() for each in text("PASSKEYS_FOR", "").split(",")
                               if each.strip()),
            demo=text("DEMO", "0") == "1",
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise SettingError for the first setting that cannot be used."""
        _check(lambda: ZoneInfo(self.timezone), "TIMEZONE", "name a zone such as Europe/Moscow")
        _check(lambda: holidays.country_holidays(self.calendar), "CALENDAR",
               "name a country such as RU")
        _check(lambda: clock(self.report_at), "REPORT_AT", "write a time such as 08:30")
        if not 0 <= self.proxies <= 9:
            raise SettingError("COUNTERSIGN_PROXIES: write how many proxies stand before the "
                               "product, 0 to 9")
        for name in ("keep_mail_days", "keep_job_days", "keep_attempt_days"):
            if not 1 <= getattr(self, name) <= 36_500:
                raise SettingError(f"COUNTERSIGN_{name.upper()}: write a number of days, from 1")
        _check(lambda: self.day_bounds, "WORK_HOURS", "write hours such as 09:00-18:00")
        ways = ("smtp", "smtps", "smtp+starttls")
        if self.smtp_url and urlsplit(self.smtp_url).scheme not in ways:
            raise SettingError("COUNTERSIGN_SMTP_URL: begin with smtp://, smtps:// or "
                               "smtp+starttls://")
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingError("COUNTERSIGN_DATABASE_URL: begin with sqlite:/// or postgresql+psycopg://")
        if self.metrics_token and len(self.metrics_token) < SHORTEST_TOKEN:
            raise SettingError("COUNTERSIGN_METRICS_TOKEN: write at least 16 characters that "
                               "nobody guesses")
        if not all(map(HOST.fullmatch, self.webhook_hosts)):
            raise SettingError("COUNTERSIGN_WEBHOOK_HOSTS: write exact names, each with its port "
                               "where it is not the usual one: hooks.example.org,crm.lan:8443")
        if self.language and self.language not in LANGUAGES:
            raise SettingError("COUNTERSIGN_LANGUAGE: choose ru or en")

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def day_bounds(self) -> tuple[int, int]:
        """Minutes after midnight at which a working day begins and ends."""
        start, _, end = self.work_hours.partition("-")
        begin, finish = clock(start), clock(end)
        if begin >= finish:
            raise ValueError("a day must end after it begins")
        return begin, finish

    @property
    def secret_path(self) -> Path:
        """Where the installation's secret lies."""
        return self.secret_key_file or self.data_dir / "secret.key"

    @property
    def is_for_this_machine(self) -> bool:
        """Whether people reach the product from this machine only, as its address says."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def attachments_dir(self) -> Path:
        """The folder that holds attachments, named by their digest."""
        return self.data_dir / "attachments"


def is_loopback(host: str) -> bool:
    """Whether the name or address of a host is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def clock(text: str) -> int:
    """Minutes after midnight of ``HH:MM``. Raises ValueError for anything else."""
    hours, _, minutes = text.strip().partition(":")
    value = int(hours) * 60 + int(minutes)
    if not (0 <= int(hours) < 24 and 0 <= int(minutes) < 60):
        raise ValueError(f"{text} is not a time of day")
    return value


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"COUNTERSIGN_{name}: write a whole number, not {text!r}") from None


def _check(read, name: str, remedy: str) -> None:  # type: ignore[no-untyped-def]
    try:
        read()
    except Exception as error:
        raise SettingError(f"COUNTERSIGN_{name}: {remedy} ({error})") from None


def _secret(path: Path) -> str:
    """The installation's secret, made at the first start and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii").strip()

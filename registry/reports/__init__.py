"""Reports: the daily one, its mails, what the worker has before it."""

from flask import Flask

from registry.core import jobs


def init_app(app: Flask) -> None:
    """Register the pages, the nightly check of the ledger, and the morning report."""
    from registry.reports import mail_views, views  # noqa: F401 - each adds routes to the blueprint
    from registry.reports.blueprint import bp
    from registry.reports.ledger_state import check_ledger
    from registry.reports.owed import make_owed, owe_reports
    from registry.reports.service import KIND

    app.register_blueprint(bp)
    # In this order: a report that is due together with the check tells what the check found.
    jobs.register_duty("ledger_check", check_ledger)
    jobs.register_duty("daily_report", owe_reports)
    jobs.register(KIND, make_owed)

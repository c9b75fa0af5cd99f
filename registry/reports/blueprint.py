"""The one blueprint of the reports' pages; the view modules add their routes to it."""

from flask import Blueprint

from registry.reports.titles import whole_day

bp = Blueprint("reports", __name__, template_folder="templates")
bp.add_app_template_filter(whole_day)

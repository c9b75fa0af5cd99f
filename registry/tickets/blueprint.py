"""The one blueprint of the tickets' pages; the view modules add their routes to it."""

from flask import Blueprint

bp = Blueprint("tickets", __name__, template_folder="templates")

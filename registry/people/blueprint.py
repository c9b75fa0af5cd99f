"""The one blueprint of the people's pages; the view modules add their routes to it."""

from flask import Blueprint

bp = Blueprint("people", __name__, template_folder="templates")

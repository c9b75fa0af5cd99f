"""The one blueprint of the clients' pages; the view modules add their routes to it."""

from flask import Blueprint

bp = Blueprint("clients", __name__, template_folder="templates")

"""The one blueprint of the pages of evidence."""

from flask import Blueprint

bp = Blueprint("evidence", __name__, template_folder="templates")

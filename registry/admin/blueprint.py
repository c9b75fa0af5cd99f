"""The blueprint that the pages of running the installation share."""

from flask import Blueprint

bp = Blueprint("admin", __name__, template_folder="templates")

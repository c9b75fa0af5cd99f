"""What papers add to a client's card: the questionnaires."""

from __future__ import annotations

from flask import render_template

from registry.clients.models import Client
from registry.tickets.models import Ticket
from registry.tickets.visits import visits_among

MOST_VISITS, MOST_TICKETS = 5, 100


def of_client(client: Client) -> str:
    """An empty questionnaire for the client, and those of the latest visits. One query."""
    visits = visits_among(Ticket.client_id == client.id, limit=MOST_TICKETS)[:MOST_VISITS]
    return render_template("documents/client_extras.html", client=client, visits=visits)

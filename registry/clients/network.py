"""Reads of the network: what is fed by what, as a tree with the clients at its ends.

Grouping by place shows the common cause (the domain, 1.7); the tree is how a person finds the
place. A site page shows the road down to it and all that hangs on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Row, Select, func, select

from registry.clients.models import Client, Site
from registry.core.db import db

MOST_SHOWN = 2_000


@dataclass(frozen=True)
class Node:
    """One site in the tree: whose it is (empty: ours), and what it feeds directly. ``clients`` are
    all those whose service arrives through it."""

    id: int
    name: str
    address: str
    client_id: int | None
    client: str
    is_active: bool
    feeds: tuple[Node, ...] = ()
    clients: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Network:
    """The whole forest: what others hang on, and sites of which nobody has said by what they are
    fed; ``left_out`` counts the sites beyond what one page shows."""

    roots: tuple[Node, ...]
    unfed: tuple[Node, ...]
    left_out: int


@dataclass(frozen=True)
class Place:
    """A site with the road that leads to it (the root first) and all that it feeds."""

    road: tuple[Node, ...]
    node: Node


def network() -> Network:
    """All sites in use as a forest."""
    query = _sites().where(Site.is_active)
    rows = db.session.execute(query.limit(MOST_SHOWN)).all()
    total = db.session.scalar(select(func.count()).select_from(Site).where(Site.is_active)) or 0
    nodes = {row.id: _node(row) for row in rows}
    above = {row.id: row.fed_by_id for row in rows}
    roots = [each for each in nodes if above[each] not in nodes]
    grown = [_grown(each, nodes, _below(above)) for each in roots]
    return Network(
        tuple(each for each in grown if each.feeds or each.client_id is None),
        tuple(each for each in grown if not each.feeds and each.client_id is not None),
        total - len(rows))


def place_of(site: Site) -> Place:
    """The site in its network: read with one query upwards and one downwards."""
    road = _road_to(site)
    below = (select(Site.id.label("id"), Site.fed_by_id).where(Site.id == site.id)
             .cte("below", recursive=True))
    below = below.union(select(Site.id, Site.fed_by_id).join(below, Site.fed_by_id == below.c.id)
                        .where(Site.is_active))
    rows = db.session.execute(_sites().join(below, below.c.id == Site.id)
                              .limit(MOST_SHOWN)).all()
    nodes = {row.id: _node(row) for row in rows}
    if site.id not in nodes:
        nodes[site.id] = _node_of(site)
    above = {row.id: row.fed_by_id for row in rows if row.id != site.id}
    return Place(road, _grown(site.id, nodes, _below(above)))


def site_by_id(site_id: int) -> Site | None:
    """The site of that number."""
    return db.session.get(Site, site_id)


def _road_to(site: Site) -> tuple[Node, ...]:
    up = (select(Site.fed_by_id.label("id")).where(Site.id == site.id).cte("up", recursive=True))
    up = up.union(select(Site.fed_by_id).join(up, Site.id == up.c.id))
    rows = {row.id: row for row in db.session.execute(_sites().join(up, up.c.id == Site.id))}
    road = []
    at = site.fed_by_id
    while at is not None and at in rows:
        row = rows.pop(at)
        road.append(_node(row))
        at = row.fed_by_id
    return tuple(reversed(road))


def _sites() -> Select[int, str, str, int | None, int | None, bool, str]:
    return (select(Site.id, Site.name, Site.address, Site.client_id, Site.fed_by_id,
                   Site.is_active, Client.name.label("client"))
            .outerjoin(Client, Client.id == Site.client_id)
            .order_by(Site.client_id.is_not(None), Site.name, Site.id))


def _node(row: Row[int, str, str, int | None, int | None, bool, str]) -> Node:
    return Node(row.id, row.name, row.address, row.client_id, row.client or "", row.is_active)


def _node_of(site: Site) -> Node:
    return Node(site.id, site.name, site.address, site.client_id,
                site.client.name if site.client else "", site.is_active)


def _below(above: Mapping[int, int | None]) -> dict[int | None, list[int]]:
    """What each site feeds, in the order in which the sites were read."""
    found: dict[int | None, list[int]] = defaultdict(list)
    for site_id, feeder in above.items():
        found[feeder].append(site_id)
    return found


def _grown(root: int, nodes: Mapping[int, Node], below: Mapping[int | None, list[int]]) -> Node:
    """The node with everything under it; built from the ends, so a long line needs no depth."""
    order = [root]
    for site_id in order:
        order.extend(below.get(site_id, ()))
    grown: dict[int, Node] = {}
    for site_id in reversed(order):
        feeds = tuple(grown[each] for each in below.get(site_id, ()))
        grown[site_id] = replace(nodes[site_id], feeds=feeds,
                                 clients=_clients_of(nodes[site_id], feeds))
    return grown[root]


def _clients_of(node: Node, feeds: Iterable[Node]) -> frozenset[int]:
    own = {node.client_id} if node.client_id is not None else set()
    return frozenset(own.union(*(each.clients for each in feeds)))

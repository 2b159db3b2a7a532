"""`kiosk fleet`: many kiosks with one gallery."""

from __future__ import annotations

import click

from kiosk.cli.fleet.member import join, leave, sync
from kiosk.cli.fleet.owner import audit, init, invite, revoke, rollout, serve_check
from kiosk.cli.fleet.status import status
from kiosk.core.extras import require


@click.group()
def fleet() -> None:
    """Share the people of many kiosks through one PostgreSQL server.

    Every kiosk keeps the people of its sites in its own gallery and answers from it, also without
    a line. The server stores names and templates sealed: it cannot read them. Where it is stands in
    the settings fleet_server and fleet_authority.

    \b
    Examples:
      kiosk fleet init --site headquarters      # at the first kiosk, once
      kiosk fleet invite door-2 door-2.invitation --site headquarters
      kiosk fleet join door-2.invitation        # at the new kiosk
      kiosk fleet status
    """
    require("psycopg", "pgvector", for_what="A fleet")


for _each in (init, invite, join, leave, sync, status, serve_check, revoke, rollout, audit):
    fleet.add_command(_each)

"""What the edge's handlers use of the portal, opened once a worker."""

from typing import Any

from rempart.billing import Guarantees
from rempart.foundation.database import Database
from rempart.foundation.demonstration import Demonstration
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.settings import Settings
from rempart.identity import Sessions
from rempart.portal.page import Pages
from rempart.rights import Activity, Closures, Exceptions, Levels, Oversight
from rempart.simulation.stage import Stage, stage_socket


def portal_state(settings: Settings, database: Database, keyring: FileKeyring) -> dict[str, Any]:
    """Open it, with a database as ``rempart_edge``."""
    return {
        "public_url": settings.public_url,
        "portal_origin": settings.public_url,
        "sessions": Sessions(database),
        "demonstration": Demonstration(database),
        "stage": Stage(stage_socket(settings.blinding_socket)),
        "activity": Activity(database, keyring),
        "guarantees": Guarantees.of(database, keyring),
        "exceptions": Exceptions(database),
        "closures": Closures(database),
        "levels": Levels(database),
        "oversight": Oversight(database),
        "pages": Pages(
            public_url=settings.public_url,
            signin_url=settings.portal_signin_url,
            telephone=settings.desk_telephone,
        ),
    }

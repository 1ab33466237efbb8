"""A site that is there when a test begins: made once a run, and copied with the database."""

import fcntl
import json
from datetime import date

from psycopg.sql import SQL, Identifier, Literal

from tests.support.asking import Installation, Site, one, today_of
from tests.support.database import Cluster, DatabaseUnderTest, fresh_database

_TOLD = "select shobj_description(oid, 'pg_database') as told from pg_database where datname = %s"


def site_template(cluster: Cluster) -> str:
    """Name the database that holds the site which `Site.make` makes today; make it, once a run.

    The covers of its people are counted from the day it was made: tomorrow there is another.
    """
    name = f"rempart_site_{today_of(cluster.admin):%Y%m%d}"
    if cluster.admin.execute(_TOLD, (name,)).fetchone() is None:
        with (cluster.folder / "site.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if cluster.admin.execute(_TOLD, (name,)).fetchone() is None:
                _make(cluster, name)
    return name


def prepared_site(db: DatabaseUnderTest) -> Site:
    """Find the site in a copy of that database; its token is as if it had just been minted."""
    told = json.loads(str(one(db.cluster.admin, _TOLD, db.template)["told"]))
    db.owner.execute(
        "update identity.token set minted_at = clock_timestamp(),"
        " expires_at = clock_timestamp() + interval '5 minutes'"
    )
    token, jkt = told.pop("token"), bytes.fromhex(told.pop("jkt"))
    return Site(
        db=db,
        installation=Installation(told.pop("installation_id"), token, jkt),
        today=date.fromisoformat(told.pop("today")),
        **told,
    )


def _make(cluster: Cluster, name: str) -> None:
    """Make it under another name: whoever finds the database finds it whole."""
    with fresh_database(cluster) as database:
        site = Site.make(database)
    cluster.left.remove(database.name)
    told = {
        "identifier": site.identifier,
        "rpps": site.rpps,
        "site_id": site.site_id,
        "account_id": site.account_id,
        "professional_id": site.professional_id,
        "installation_id": site.installation.installation_id,
        "token": site.installation.token,
        "jkt": site.installation.jkt.hex(),
        "today": site.today.isoformat(),
    }
    made = Identifier(database.name)
    cluster.admin.execute(
        SQL("comment on database {} is {}").format(made, Literal(json.dumps(told)))
    )
    cluster.admin.execute(SQL("alter database {} rename to {}").format(made, Identifier(name)))

"""The schema as files (roles, migrations, functions, months, grants), and what installs them."""

from rempart.database.installer import install, migrations_known

__all__ = ["install", "migrations_known"]

"""The schema as files: roles, numbered migrations, functions, months and grants, and what installs them."""

from rempart.database.installer import install, migrations_known

__all__ = ["install", "migrations_known"]

"""The platform's day in SQL: a superuser's own `current_date` is London's, for an hour another."""

PARIS_DAY = "(now() at time zone 'Europe/Paris')::date"

"""What every part stands on: settings, keys, the clock, logs, errors and the database."""

"""Made-up insurers, people and professionals; honest days, thieves, and the limits of others."""

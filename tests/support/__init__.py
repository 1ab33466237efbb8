"""What tests share: a database of their own, and a site that asks."""

"""How much anyone may learn: guard time, budgets, who was met. Kept in SQL, but for the heart."""

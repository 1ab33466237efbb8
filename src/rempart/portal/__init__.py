"""The portal for professionals: one file and one template per page. Pages only: no page asks."""

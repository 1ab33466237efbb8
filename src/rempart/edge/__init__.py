"""ASGI middleware: what every request passes before a handler sees it, and every answer after."""

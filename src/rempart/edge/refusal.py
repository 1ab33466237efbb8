"""How middleware refuses: with a code from the caller's table, so that there is one error shape."""

from collections.abc import Callable
from typing import Final, NewType

from starlette.types import ASGIApp, Scope

RefusalCode = NewType("RefusalCode", str)

WRONG_HOST: Final = RefusalCode("wrong_host")
WRONG_ORIGIN: Final = RefusalCode("wrong_origin")
BODY_TOO_LARGE: Final = RefusalCode("body_too_large")
BODY_TOO_SLOW: Final = RefusalCode("body_too_slow")
HUNG_UP: Final = RefusalCode("hung_up")
UNAVAILABLE: Final = RefusalCode("unavailable")
FAULT: Final = RefusalCode("fault")

Refuse = Callable[[Scope, RefusalCode], ASGIApp]
"""Given the request's scope and a code, an application that sends the refusal."""

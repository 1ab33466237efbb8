"""Makes a page from its template, in the reader's language, under a policy without a hole."""

from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from rempart.edge.headers import CAMERA_PERMISSIONS, PERMISSIONS
from rempart.foundation.texts import typeset
from rempart.identity import Session
from rempart.portal.language import chosen, language_of, other
from rempart.portal.menu import menu_for
from rempart.portal.moments import moment

_POLICY: Final = (
    "default-src 'none'; script-src 'self'{camera}; style-src 'self'; img-src 'self';"
    " connect-src 'self'{signin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


class Pages:
    """Every page of the portal: made once a worker, holds templates and nothing of anybody."""

    def __init__(self, *, public_url: str, signin_url: str, telephone: str | None = None) -> None:
        """Take where the portal is, where its pages reach sign-in, and the desk's telephone."""
        self._telephone = telephone
        self._signin_url = signin_url
        elsewhere = "" if signin_url == public_url else f" {_origin(signin_url)}"
        self._policy = _POLICY.format(signin=elsewhere, camera="")
        # What reads codes is compiled by the browser: our own file, on the page that scans.
        self._camera_policy = _POLICY.format(signin=elsewhere, camera=" 'wasm-unsafe-eval'")
        self._environment = Environment(
            loader=PackageLoader("rempart.portal"),
            undefined=StrictUndefined,
            autoescape=True,
            # Templates are part of the program: none changes while it runs.
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(
        self,
        request: Request,
        template: str,
        session: Session | None = None,
        *,
        status: int = 200,
        camera: bool = False,
        **values: object,
    ) -> Response:
        """Return a page. Templates see ``say`` (texts), ``moment`` (instants) and the values.

        With a session the page has the menu, the name, and the script that proves its presence.
        Who just chose a language is led to the page in it.
        With `camera` it may ask for the camera, and run what reads codes.
        """
        if (again := chosen(request)) is not None:
            return again
        language = language_of(request)
        content = self._environment.get_template(f"{template}.html").render(
            say=typeset(language),
            moment=lambda instant: moment(instant, language),
            language=language.value,
            other_language=other(request, language),
            signin_url=self._signin_url,
            session=session,
            menu=menu_for(session, is_demonstration=_is_demonstration(request)),
            page=template,
            telephone=self._telephone,
            # Put there by guards.asking, for pages that ask.
            asks=hasattr(request.state, "closure"),
            closure=getattr(request.state, "closure", None),
            **values,
        )
        return Response(
            content.encode(),
            status_code=status,
            media_type="text/html",
            headers={
                "Content-Language": language.value,
                "Content-Security-Policy": self._camera_policy if camera else self._policy,
                "Permissions-Policy": CAMERA_PERMISSIONS if camera else PERMISSIONS,
                "Vary": "Accept-Language, Cookie",
            },
        )


def pages(request: Request) -> Pages:
    """Return the pages; a `TypeError` here means that the lifespan did not run."""
    found: object = request.state.pages
    if not isinstance(found, Pages):
        raise TypeError
    return found


def _is_demonstration(request: Request) -> bool:
    """What the page's guard found; nothing for pages that have no menu."""
    return getattr(request.state, "is_demonstration", False) is True


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

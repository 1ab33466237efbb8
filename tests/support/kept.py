"""What a part of the soak measured, kept for the documents that quote it."""

from pathlib import Path

import msgspec


def keep(name: str, figures: object) -> None:
    """Write it beside which parts passed (ci/soak.py): soak/results, which is in no commit."""
    folder = Path(__file__).parents[2] / "soak" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_bytes(msgspec.json.encode(figures))

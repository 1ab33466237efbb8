"""Runs the portal's own scripts in Node, without a browser: those that touch no page."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parents[2] / "src/rempart/portal/static"


def in_node(folder: Path, name: str, program: str, given: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what ``program`` makes of ``given``, with the script's exports in scope as ``it``."""
    node = shutil.which("node")
    assert node is not None, "the portal's scripts are tested in Node"
    # Node takes a file for a module by its name.
    copy = folder / f"{name}.mjs"
    copy.write_text((STATIC / f"{name}.js").read_text())
    whole = (
        f"import * as it from {json.dumps(copy.as_uri())};"
        "const chunks = []; for await (const one of process.stdin) chunks.push(one);"
        "const given = JSON.parse(Buffer.concat(chunks).toString());"
        f"const found = await (async () => {{ {program} }})();"
        "process.stdout.write(JSON.stringify(found));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "--eval", whole],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

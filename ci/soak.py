"""Runs the soak tests one by one and remembers which passed: a stop costs one part."""

import argparse
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DONE = ROOT / "soak" / "results" / "parts.json"
PYTEST = [
    *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-m", "soak"),
    # A part takes hours: after minutes, where it stands is no news.
    *("-o", "faulthandler_timeout=0"),
]


def parts() -> list[str]:
    """List the soak tests by their pytest names."""
    listed = subprocess.run(
        [*PYTEST, "--collect-only"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if listed.returncode not in {0, 5}:  # 5: there are none
        sys.exit(listed.stdout + listed.stderr)
    return [line for line in listed.stdout.splitlines() if "::" in line]


def commit() -> str:
    """Name the commit in hand; what passed at another one counts for nothing."""
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return head.stdout.strip() or "no commit"


def passed_before(at: str) -> dict[str, float]:
    """Read which parts passed at this commit, with the seconds that each took."""
    if not DONE.exists():
        return {}
    kept = json.loads(DONE.read_text())
    return dict(kept["passed"]) if kept["commit"] == at else {}


def main() -> int:
    """Run what is left; 0 when every part asked for has passed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("part", nargs="*", help="run only the parts whose name holds this")
    reader.add_argument("--list", action="store_true", help="say which parts there are")
    asked = reader.parse_args()
    at = commit()
    passed = passed_before(at)
    names = [n for n in parts() if not asked.part or any(p in n for p in asked.part)]
    failed = []
    for name in names:
        if asked.list or name in passed:
            print("passed " if name in passed else "to do  ", name)
            continue
        print("running", name, flush=True)
        start = time.monotonic()
        if subprocess.run([*PYTEST, name], cwd=ROOT, check=False).returncode:
            failed.append(name)
            continue
        passed[name] = round(time.monotonic() - start, 1)
        DONE.parent.mkdir(parents=True, exist_ok=True)
        DONE.write_text(json.dumps({"commit": at, "passed": passed}, indent=1) + "\n")
    for name in failed:
        print("FAILED ", name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

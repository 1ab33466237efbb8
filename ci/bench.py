"""Runs each script of bench/ in turn; each writes bench/results/NAME.json."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the scripts whose name holds an argument, or all; 0 when each ended well."""
    scripts = sorted(
        s
        for s in (ROOT / "bench").glob("*.py")
        if not s.name.startswith("_")
        and (not sys.argv[1:] or any(a in s.stem for a in sys.argv[1:]))
    )
    if not scripts:
        print("No such script in bench/.")
        return 2
    failed = []
    for script in scripts:
        print("bench", script.stem, flush=True)
        if subprocess.run([sys.executable, str(script)], cwd=ROOT, check=False).returncode:
            failed.append(script.stem)
    subprocess.run([sys.executable, ROOT / "bench" / "_page.py"], check=True)
    for name in failed:
        print("FAILED", name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""A real PKCS#11 token in a folder of its own: SoftHSM, as ci/packages asks for it."""

import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/softhsm/libsofthsm2.so"),
)
LABEL = "essai"
PIN = "84-rempart-pin-29"
NOBODY = "nobody"


@dataclass
class SoftToken:
    """One token, its PIN in a file, and what a program needs in its environment to reach it."""

    folder: Path
    module: Path

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    @property
    def environ(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if "REMPART_" not in name}
        return {**plain, "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def uri(self, label: str = LABEL, module: Path | None = None, pin: Path | None = None) -> str:
        places = f"?module-path={module or self.module}&pin-source=file:{pin or self.pin_file}"
        return f"pkcs11:token={label}{places}"

    def command(self, *words: str, expect: int = 0, **settings: str) -> dict[str, Any]:
        """Run a command of ours on this token, with a state directory of its own."""
        state = {"REMPART_STATE_DIR": str(self.folder / "state"), "REMPART_HSM": self.uri()}
        done = subprocess.run(
            [sys.executable, "-m", "rempart", *words, "--json"],
            env={**self.environ, **state, **settings},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert PIN not in done.stdout + done.stderr
        assert done.returncode == expect, done.stdout + done.stderr
        self.give()
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def inside(self, program: str) -> str:
        """Run a few lines of Python with the token open as `session`; what they print."""
        opened = (
            "import pkcs11\nfrom pkcs11 import Attribute, KeyType, ObjectClass\n"
            f"token = pkcs11.lib({str(self.module)!r}).get_token(token_label={LABEL!r})\n"
            f"session = token.open(user_pin={PIN!r}, rw=True)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", opened + program],
            env=self.environ, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.give()
        return done.stdout

    def give(self) -> None:
        """Let the user that root's blinding process becomes own the token."""
        if os.geteuid() == 0:
            for path in [self.tokens, *self.tokens.rglob("*")]:
                shutil.chown(path, NOBODY, pwd.getpwnam(NOBODY).pw_gid)

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"


def soft_token(folder: Path) -> SoftToken:
    """Make an empty token in a folder that other users may pass through; skip without SoftHSM."""
    module = next((one for one in MODULES if one.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not here: ci/packages asks for it")
    if importlib.util.find_spec("pkcs11") is None:
        pytest.skip("python-pkcs11 is not here: requirements-dev.txt names it")
    made = SoftToken(folder, module)
    folder.chmod(0o755)
    made.tokens.mkdir(mode=0o700)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {made.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    made.pin_file.touch(mode=0o600)
    made.pin_file.write_text(PIN + "\n")
    subprocess.run(
        [
            *("softhsm2-util", "--init-token", "--free", "--label", LABEL),
            *("--pin", PIN, "--so-pin", "96-the-other-one"),
        ],
        env=made.environ, check=True, capture_output=True,
    )  # fmt: skip
    made.give()
    return made

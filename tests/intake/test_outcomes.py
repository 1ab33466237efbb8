"""What becomes of a feed: reports, confirmations, one mail, and processes that are killed."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import httpx
import msgspec
import pytest

from rempart.registry import FeedHeader
from tests.intake.premises import PART, Intake, Premises, code_of, many, send_all
from tests.registry.feeds import day, line, prepare

pytestmark = pytest.mark.slow


def tampered(path: Path, *changes: tuple[int, str, str]) -> bytes:
    """Change lines of a feed (from 1, the header) and make its header fit again."""
    lines = path.read_bytes().splitlines(keepends=True)
    for number, old, new in changes:
        assert old.encode() in lines[number - 1], lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old.encode(), new.encode())
    header = msgspec.json.decode(lines[0], type=FeedHeader)
    body = b"".join(lines[1:])
    fitting = msgspec.structs.replace(header, sha256=hashlib.sha256(body).hexdigest())
    return msgspec.json.encode(fitting) + b"\n" + body


def mails_to(platform: Intake, mine: Premises) -> list[str]:
    return [
        message_from_bytes(one.original_content or b"", policy=default).as_string()
        for one in platform.mails.received
        if one.rcpt_tos == [f"flux@{mine.amc}.example.org"]
    ]


def wait_for_mail(platform: Intake, mine: Premises, seconds: float = 60) -> str:
    give_up = time.monotonic() + seconds
    while not mails_to(platform, mine):
        assert time.monotonic() < give_up
        time.sleep(0.1)
    (mail,) = mails_to(platform, mine)
    return mail


def open_mails(platform: Intake, name: str) -> int:
    (row,) = platform.rows(
        "select count(*) as n from intake.job j join intake.upload u using (upload_id)"
        " where j.kind = 'mail' and u.name = %s",
        name,
    )
    return int(row["n"])


def test_bad_lines_refuse_the_feed_and_one_mail_says_so(platform: Intake, mine: Premises) -> None:
    good = mine.feed(*many(20))
    assert mine.put("good", good.read_bytes()).status_code == 200
    assert mine.wait("good", "in_force")["accepted"] == 20
    later = mine.feed(*many(20))
    plain = "Dupont Jeanne 42771803"
    data = tampered(later, (4, "FULL", plain), (9, day(400), "2031-02-30"), (12, ",1,", ",0,"))
    platform.mails.refuses = 2  # and the mail server is busy at first
    mine.put("bad", data)
    found = mine.wait("bad", "refused", "in_force")
    assert (found["state"], found["accepted"], found["refused"]) == ("refused", 0, 3)
    assert [(one["line"], one["column"]) for one in found["problems"]] == [
        (4, "plan"), (9, "valid_from or valid_to"), (12, "cover_rank"),
    ]  # fmt: skip
    assert platform.covers(mine.amc) == 20
    assert platform.has_spooled_nothing()

    mail = wait_for_mail(platform, mine)
    parsed = message_from_bytes(mail.encode(), policy=default)
    text = parsed.get_content()
    assert parsed["From"] == "rempart@example.org"
    assert parsed["Content-Language"] == "fr"
    assert "bad" in str(parsed["Subject"])
    assert "Lignes refusées : 3" in text
    assert f"{mine.url}/v1/feeds/bad" in text
    # Nothing of what was sent is anywhere: not in the mail, the report, the tables or the logs.
    logs = platform.platform.settings.state_dir / "logs"
    kept = [json.dumps(found), mail, repr(platform.rows("select * from intake.upload"))]
    kept += [path.read_text() for path in logs.iterdir()]
    assert [w for w in ("Dupont", "42771803", "2031-02-30") if w in "".join(kept)] == []

    # Neither a restart nor reading the report writes again.
    platform.restart("intake-worker", signal.SIGKILL)
    mine.report("bad")
    assert open_mails(platform, "bad") == 0
    beside = platform.insurer()
    with beside.sender:
        beside.put("after", beside.feed(*many(2)).read_bytes())
        beside.wait("after", "in_force")
    assert len(mails_to(platform, mine)) == 1


def test_what_ends_many_waits_for_a_confirmation(
    platform: Intake, mine: Premises, others: Premises
) -> None:
    mine.put("before", mine.feed(*many(20)).read_bytes())
    mine.wait("before", "in_force")
    small = mine.feed(*many(12))
    mine.put("small", small.read_bytes())
    found = mine.wait("small", "needs_confirmation", "in_force", "refused")
    assert (found["state"], found["before"], found["ended"], found["after"]) == (
        "needs_confirmation", 20, 8, 12,
    )  # fmt: skip
    assert platform.covers(mine.amc) == 20
    assert "attend votre confirmation" in str(
        message_from_bytes(wait_for_mail(platform, mine).encode(), policy=default)["Subject"]
    )

    path = "/v1/feeds/small/confirmation"
    assert code_of(others.ask("POST", path)) == "feed_unknown"
    assert code_of(mine.ask("POST", path, b"{}")) == "bad_format"
    assert code_of(mine.ask("POST", "/v1/feeds/before/confirmation")) == "nothing_to_confirm"
    assert platform.covers(mine.amc) == 20
    for _ in range(2):  # the second changes nothing
        assert mine.ask("POST", path).status_code == 204
    found = mine.wait("small", "in_force", "refused")
    assert (found["accepted"], found["ended"], found["problems"]) == (12, 8, [])
    assert platform.covers(mine.amc) == 12
    assert platform.has_spooled_nothing()
    assert mine.ask("POST", path).status_code == 204


def test_a_better_feed_takes_the_place_of_one_that_waits(platform: Intake, mine: Premises) -> None:
    mine.put("before", mine.feed(*many(20)).read_bytes())
    mine.wait("before", "in_force")
    mine.put("small", mine.feed(*many(5)).read_bytes())
    mine.wait("small", "needs_confirmation")
    mine.put("better", mine.feed(*many(21)).read_bytes())
    assert mine.wait("better", "in_force")["accepted"] == 21
    assert mine.report("small")["state"] == "refused"
    assert code_of(mine.ask("POST", "/v1/feeds/small/confirmation")) == "nothing_to_confirm"
    assert platform.has_spooled_nothing()


def test_a_feed_that_stops_coming_is_given_up(platform: Intake, mine: Premises) -> None:
    feed = mine.feed(*many(40)).read_bytes()
    mine.put("stopped", feed[:PART], 0, len(feed), feed)
    platform.rows(
        "update intake.job j set due_at = clock_timestamp() from intake.upload u"
        " where u.upload_id = j.upload_id and u.name = 'stopped'"
    )
    found = mine.wait("stopped", "refused")
    assert "within a day" in found["problems"][0]["reason"]
    assert platform.has_spooled_nothing()
    assert f"{mine.url}/v1/feeds/stopped" in str(
        message_from_bytes(wait_for_mail(platform, mine).encode(), policy=default).get_content()
    )


def test_an_older_feed_is_refused(mine: Premises) -> None:
    older, newer = mine.feed(*many(3)), mine.feed(*many(3))
    mine.put("newer", newer.read_bytes())
    mine.wait("newer", "in_force")
    mine.put("older", older.read_bytes())
    found = mine.wait("older", "refused", "in_force")
    assert (found["problems"][0]["column"], found["state"]) == ("made_at", "refused")


def test_the_intake_is_killed_between_parts(platform: Intake, mine: Premises) -> None:
    feed = mine.feed(*many(40))
    whole = feed.read_bytes()
    for at, part in list(mine.parts(feed))[:3]:
        mine.put("killed", part, at, len(whole), whole)
    platform.restart("intake", signal.SIGKILL)
    assert mine.report("killed")["received"] == 3 * PART
    send_all(mine, "killed", feed, start=3 * PART)
    assert mine.wait("killed", "in_force")["accepted"] == 40


def test_the_worker_is_killed_in_the_middle_of_an_import(platform: Intake, mine: Premises) -> None:
    feed = mine.feed(*many(30_000))
    mine.sender.part_bytes = 4 * 2**20
    mine.sender.send(feed, "large", lambda _received, _total: None)
    give_up = time.monotonic() + 120
    while not platform.rows("select staged from registry.feed_work where staged > 0"):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    platform.restart("intake-worker", signal.SIGKILL)
    # The worker that was started instead may have begun again from the file's first line.
    assert mine.report("large")["state"] in {"importing", "checking"}
    assert platform.covers(mine.amc) == 0
    assert mine.wait("large", "in_force", "refused", seconds=240)["accepted"] == 30_000
    assert platform.covers(mine.amc) == 30_000


def test_the_client_is_killed_and_run_again(platform: Intake, mine: Premises) -> None:
    """The insurer's own command: cut, gone on with, refused, confirmed; exit codes for scripts."""
    feed = mine.feed(*many(400))
    words = ("--url", mine.url, "--key", str(mine.key_file))
    command = [sys.executable, "-m", "rempart", "feed", "send", str(feed), *words]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("REMPART_")}
    sending = subprocess.Popen(
        [*command, "--id", "cli", "--part-kb", "1"],
        env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    give_up = time.monotonic() + 60
    while mine.report("cli").get("received", 0) < 3 * PART:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    sending.kill()
    sending.wait()
    reached = mine.report("cli")
    assert (reached["state"], reached["received"] < reached["total"]) == ("receiving", True)

    done = platform.command("feed", "send", str(feed), *words, "--id", "cli")
    assert (done["accepted"], done["state"], done["problems"]) == (400, "in_force", [])
    assert platform.command("feed", "report", "cli", *words)["accepted"] == 400

    small = mine.feed(*many(100))
    waiting = platform.command("feed", "send", str(small), *words, expect=3)
    assert (waiting["state"], waiting["ended"]) == ("needs_confirmation", 300)
    done = platform.command("feed", "send", str(small), *words, "--confirm")
    assert (done["state"], done["id"], done["after"]) == ("in_force", waiting["id"], 100)

    bad = mine.folder / "bad.feed"
    bad.write_bytes(tampered(mine.feed(line("1"), line("2")), (2, "FULL", "NONE")))
    refused = platform.command("feed", "send", str(bad), *words, expect=3)
    assert (refused["refused"], refused["problems"][0]["column"]) == (1, "plan")
    unknown = platform.command("feed", "report", "never", *words, expect=3)
    assert unknown["error"]["kind"] == "refused"


def test_enrolling_and_sending_in_one_go(platform: Intake) -> None:
    amc = str(next(platform.numbers))
    for words in (
        ("insurer", "add", amc, "--name", "Mutuelle d'essai"),
        ("insurer", "contact", amc, "--mail", f"flux@{amc}.example.org", "--language", "en"),
    ):
        platform.command(*words)
    platform.command("insurer", "contact", amc, "--mail", "a@b\nBcc: x", expect=2)
    platform.command("insurer", "contact", "1", "--mail", "a@example.org", expect=3)
    platform.command("insurer", "code", "1", "--vendor", "essai", expect=3)
    code = platform.command("insurer", "code", amc, "--vendor", "essai")["code"]
    folder = platform.folder / amc
    folder.mkdir()
    feed = prepare(folder, *many(3), amc=amc).out
    settings = platform.platform.settings
    told = platform.command(
        "feed", "send", str(feed), "--url", settings.intake_url, "--key", str(folder / "key.json"),
        "--code", code, "--signin", settings.signin_url, expect=3,
    )  # fmt: skip
    # No plan of that code is on record: the report says which column.
    assert (told["state"], told["problems"][0]["column"]) == ("refused", "plan")
    listed = platform.command("client", "list")["installations"]
    assert [one["vendor"] for one in listed if one["insurer"] == amc] == ["essai"]


def test_a_disk_that_is_wanted_elsewhere_is_said(platform: Intake) -> None:
    """The readiness probe names the worker when it is gone, and the spool's lock keeps it one."""
    settings = platform.platform.settings
    second = subprocess.run(
        [sys.executable, "-m", "rempart.intake.worker"],
        input=f"{platform.platform.reached.conninfo('rempart_intake')}\n\n".encode(),
        env={**os.environ, "REMPART_SPOOL": str(settings.spool)},
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert second.returncode != 0
    platform.platform.supervisor._running["intake-worker"].terminate()
    platform.platform.supervisor._running.pop("intake-worker").wait()
    give_up = time.monotonic() + 30
    while (answer := httpx.get(f"{settings.intake_url}/readyz")).status_code == 200:
        assert time.monotonic() < give_up
        time.sleep(0.2)
    assert (answer.status_code, answer.json()["parts"]["worker"]) == (503, "red")
    platform.start("intake-worker")
    while httpx.get(f"{settings.intake_url}/readyz").status_code != 200:
        assert time.monotonic() < give_up + 30
        time.sleep(0.2)

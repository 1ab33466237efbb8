"""Fills an empty platform with people who do not exist: insurers, professionals, softwares."""

import shutil

from rempart.cli.demo_lists import send_lists
from rempart.cli.demo_platform import Platform
from rempart.cli.demo_practice import enrol_softwares, installations_folder, open_practice
from rempart.cli.demo_results import Lists
from rempart.cli.demo_state import SEED, write_made
from rempart.simulation.population import Population
from rempart.simulation.professionals import make_practice


async def fill(platform: Platform, population: Population) -> Lists:
    """Put everything there that may be asked about, and who may ask; return what the lists held.

    Doing it again after an interruption completes it.
    """
    state_dir = platform.settings.state_dir
    lists = await send_lists(platform, population)
    practice = make_practice(SEED)
    await open_practice(platform, practice)
    # Keys of an attempt that did not end: their installations are nobody's.
    shutil.rmtree(installations_folder(state_dir), ignore_errors=True)
    await enrol_softwares(platform, practice)
    write_made(state_dir, population)
    return lists

"""What may be billed in each kind of care: the closed list that the database holds too."""

from collections.abc import Mapping
from typing import Final

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "PHAR": ("PH1", "PH7", "PH4", "PH2", "DM"),
    "LABO": ("BIOLOGIE",),
    "OPTI": ("MONTURE", "VERRE", "LENTILLES"),
    "AUDI": ("AIDE_AUDITIVE", "ACCESSOIRE"),
    "DESO": ("SOIN",),
    "DEPR": ("COURONNE", "BRIDGE", "INLAY_CORE", "AMOVIBLE"),
    "HOSP": ("SEJOUR", "FORFAIT_JOURNALIER", "CHAMBRE_SEULE"),
    "MED": ("CONSULTATION", "ACTE"),
    "RADL": ("IMAGERIE",),
    "AUXM": ("ACTE",),
    "TRAN": ("TRANSPORT",),
}
"""By domain, the commonest first (registry.care_category, docs/money.md)."""

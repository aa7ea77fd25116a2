"""Labels in files to actors: states, territories, armed groups and organisations, with their lives.

`registry()` holds them; `Registry.resolve` never guesses. Ids are ISO 3166-1 alpha-3 for what has one (XKX: Kosovo),
ISO 3166-3 or Correlates of War letters for states that are gone (CSK, YUG, SCG, DDR, YMD, ANT; YAR, RVN, BAV, AUH …),
letters and a year for a state whose name another bore later (SRB1878, MNE1868, KOR1816, VNM1816), and short words for
groups (TTP, ISKP, AQ, TALIBAN).

A state that changed its name or regime, or that international practice takes for the same person, is one actor: Zaire
is COD, the Soviet Union RUS, the Ottoman Empire TUR, Prussia and the Federal Republic before 1990 DEU. Correlates of
War has West Germany (260) and Germany (255) side by side in 1990; the id GFR stands for the former in that year alone,
so that the universe of dyads is theirs. A state that lost and regained its independence keeps its id, and `spells.csv`
its gap. The beginnings of armed groups are known to the year at best; a first of January says no more than the year.

Sources of the facts: Correlates of War Project (2017), *State System Membership List, v2016*; Gleditsch, K. S. and M.
D. Ward (1999), "A revised list of independent states since the congress of Vienna", *International Interactions* 25(4):
393–413, with its later updates and microstates; ISO 3166; FIPS PUB 10-4; the CAMEO codebook (Schrodt 2012); the code
lists that UNHCR, the IMF and the World Bank publish with their data; UCDP's actor numbers (CC BY 4.0).
"""

from __future__ import annotations

from detente.actors.lookup import Registry, Resolution, registry
from detente.actors.systems import dyads, members
from detente.actors.tables import SCHEMES

__all__ = ["SCHEMES", "Registry", "Resolution", "dyads", "members", "registry"]

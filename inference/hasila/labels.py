"""The 14 labels of the scheme, their BIO tags, and which of them are casualties.

The meaning of each label, with examples, is in `annotations/GUIDELINES.md`.
"""

from __future__ import annotations

ENTITIES = ("ACTOR", "PERSON", "ORG", "LOCATION", "FACILITY", "WEAPON", "DATE", "EVENT")
CASUALTIES = ("KILLED", "INJURED", "CASUALTY", "DETAINED", "MISSING", "DISPLACED")
LABELS = ENTITIES + CASUALTIES

# The order is the model's output order: index 0 is O, then B and I of each label in turn.
TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))
TAG_IDS = {tag: index for index, tag in enumerate(TAGS)}

KINDS = (
    "exact",
    "at_least",
    "more_than",
    "at_most",
    "less_than",
    "about",
    "range",
    "vague",
    "plural",
)
STATUSES = ("asserted", "negated", "hypothetical", "historical")
VICTIMS = ("civilian", "child", "woman", "combatant", "mixed", "unknown")
LINKS = ("of", "by", "where", "when", "source", "part_of", "same_as", "event", "weapon")

# Which labels the target of each link may carry, as the scheme states them.
LINK_TARGETS: dict[str, tuple[str, ...]] = {
    "of": ("ACTOR",),
    "by": ("ACTOR",),
    "where": ("LOCATION", "FACILITY"),
    "when": ("DATE",),
    "source": ("ORG", "PERSON", "ACTOR", "LOCATION"),
    "part_of": CASUALTIES,
    "same_as": CASUALTIES,
    "event": ("EVENT",),
    "weapon": ("WEAPON",),
}


def is_casualty(label: str) -> bool:
    """Whether `label` counts people harmed."""
    return label in CASUALTIES

"""Documents and models as a person wants to see them in a terminal.

Arabic stands last in each row and inside bidi isolates, so that numbers and Latin words beside it keep
their places in terminals that order both directions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hasila.document import Casualty, Document, Span
from hasila.labels import ENTITIES

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


def document(shown: Document) -> RenderableType:
    """One article: a line that names it, its casualty claims, its entities by label."""
    date = f"{shown.date} ({shown.date_from})" if shown.date else "no date"
    parts: list[RenderableType] = [
        Text(f"━━ {one_line(shown.id)} · {date} · {len(shown.text):,} characters", "bold")
    ]
    parts.append(_claims(shown) if shown.casualties else Text("   no casualty claims", "dim"))
    parts.append(_entities(shown.spans))
    parts.extend(Text(f"   note: {note}", "yellow") for note in shown.notes)
    return Group(*parts, "")


def _claims(shown: Document) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1))
    for name in ("outcome", "count", "of whom", "score"):
        table.add_column(name, no_wrap=True)
    for name in ("whose", "by", "where", "when", "says", "quote"):
        table.add_column(name, overflow="fold")
    for claim in shown.casualties:
        table.add_row(
            escape(_outcome(claim)),
            count(claim),
            claim.victim or "?",
            "" if claim.score is None else f"{claim.score:.2f}",
            *(_link(shown, claim, name) for name in ("of", "by")),
            _where(shown, claim),
            _when(shown, claim),
            _link(shown, claim, "source"),
            arabic(claim.text),
        )
    return table


def _outcome(claim: Casualty) -> str:
    marks = [claim.status] if claim.status not in (None, "asserted") else []
    marks += ["part"] if claim.part_of is not None else []
    marks += ["again"] if claim.same_as is not None else []
    return f"{claim.label} ({', '.join(map(str, marks))})" if marks else claim.label


def count(claim: Casualty) -> str:
    """Bounds in words: `21+`, `≤ 5`, `~100`, `20–30`, `?` where the text gives none."""
    low, high = claim.min, claim.max
    if low is None and high is None:
        return "?" if claim.kind is None else f"? {claim.kind}"
    if high is None:
        return f"{low}+"
    if low is None:
        return f"≤ {high}"
    if low == high:
        return f"~{low}" if claim.kind == "about" else str(low)
    return f"{low}–{high}"


def _link(shown: Document, claim: Casualty, name: str) -> str:
    target = getattr(claim, name)
    return "" if target is None else arabic(shown.spans[target].text)


def _where(shown: Document, claim: Casualty) -> str:
    words = _link(shown, claim, "where")
    place = claim.place
    return words if place is None else f"{words} ({place.country or '?'}, {place.precision})"


def _when(shown: Document, claim: Casualty) -> str:
    words, days = _link(shown, claim, "when"), claim.date
    if days is None:
        return words
    both = (days.start.isoformat() if days.start else "…", days.end.isoformat() if days.end else "…")
    return f"{words} {both[0] if both[0] == both[1] else '–'.join(both)}".strip()


def _entities(spans: Iterable[Span]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=True, padding=(0, 1))
    table.add_column("label", style="cyan", no_wrap=True)
    table.add_column("names", overflow="fold")
    found = list(spans)
    for label in ENTITIES:
        counts: dict[str, int] = {}
        for span in found:
            if span.label == label:
                counts[span.text] = counts.get(span.text, 0) + 1
        if counts:
            names = (arabic(name) + (f" ×{n}" if n > 1 else "") for name, n in counts.items())
            table.add_row(f"  {label}", " · ".join(names))
    return table


def one_line(text: str) -> str:
    """`text` with a space for each run of blanks, controls and other unprintable characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def arabic(text: str) -> str:
    """`text` on one line, isolated from what stands beside it, its own markup and controls disarmed."""
    shown = one_line(text)
    shown = shown if len(shown) <= 120 else shown[:119] + "…"
    return f"{_FIRST_STRONG_ISOLATE}{escape(shown)}{_POP_ISOLATE}"


def models(manifests: Iterable[dict[str, Any]]) -> Table:
    """The embedded models: version, size, scores on test, licence and sources."""
    table = Table(box=box.SIMPLE)
    for name in ("model", "version", "MB", "exact F1", "casualties", "entities", "licence", "sources"):
        table.add_column(name, overflow="fold")
    for manifest in manifests:
        scores = manifest.get("scores", {})
        table.add_row(
            manifest["name"],
            manifest["version"],
            f"{manifest.get('bytes', 0) / 1e6:.1f}",
            *(f"{scores[key]:.1f}" if key in scores else "?" for key in _SCORES),
            manifest.get("licence", "?"),
            "\n".join(manifest.get("sources", ())),
        )
    return table


_SCORES = ("exact_f1", "casualties_f1", "entities_f1")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 (rich would exit with 1 here; the command decides)


def console(file: Any) -> Console:
    """A console on `file`; off a terminal it is wide enough that nothing wraps needlessly."""
    terminal = file.isatty()
    return _Console(file=file, width=None if terminal else 200, highlight=False, soft_wrap=False)

"""A story as a page for a person: what became of the ticket, what it is, and how it went."""

from typing import Any

from ops.cli.story.record import Story
from ops.cli.story.timeline import cache_effect, timeline
from ops.cli.terminal.wording import block, columns, count, dollars, duration, plain


def page(story: Story, *, with_text: bool) -> str:
    """Write the whole story; the customer's text only when asked for."""
    facts = [(name, value) for name, value in _facts(story) if value]
    lines = [headline(story), *columns(facts, indent="  ")]
    if with_text:
        lines += ["", block(str(story["ticket"].get("body", ""))) or "  (no text)"]
        for name in ("forwarded", "signature", "quoted"):
            if story["ticket"].get(name):
                lines += ["", f"  {name}:", block(str(story["ticket"][name]), indent="    ")]
        if story["raw"]:
            lines += ["", "  the message as it came, in base64:", block(str(story["raw"]), indent="    ")]
    lines += ["", *(timeline(story, with_text=with_text) or ["  (nothing is recorded)"])]
    waiting = [_delivery(row) for row in story["deliveries"]]
    return "\n".join([*lines, *(["", *waiting] if waiting else [])])


def headline(story: Story) -> str:
    """Say in one line what became of the ticket."""
    state, verdict = story["state"], story["verdict"]
    if state == "triaged" and isinstance(verdict, dict):
        return f"{story['id']}: {describe_verdict(verdict)}"
    if state == "parked":
        return f"{story['id']}: parked, {plain(str(story['reason']))}; to try again: triage dead replay {story['id']}"
    if state == "retry" and story.get("waits_for") == "newer":
        return f"{story['id']}: waiting for a newer worker, this release is too old for it"
    words = {"accepted": "waiting for a worker", "running": "at work", "retry": "waiting to be tried again"}
    return f"{story['id']}: {words.get(state, plain(str(state)))}"


def describe_verdict(verdict: dict[str, Any]) -> str:
    """Write a verdict: `billing, high, needs a human (by small, confidence 0.93)`."""
    human = "needs a human" if verdict.get("needs_human") else "no human needed"
    confidence = verdict.get("confidence")
    sure = f", confidence {confidence:.2f}" if isinstance(confidence, (int, float)) else ""
    labels = f"{plain(str(verdict.get('category', '?')))}, {plain(str(verdict.get('urgency', '?')))}"
    return f"{labels}, {human} (by {plain(str(verdict.get('decided_by', '?')))}{sure})"


def _facts(story: Story) -> list[tuple[str, str]]:
    ticket, verdict = story["ticket"], story["verdict"] if isinstance(story["verdict"], dict) else {}
    attachments = ", ".join(plain(str(name)) for name in ticket.get("attachments") or ())
    return [
        ("reason", plain(str(verdict.get("reason", "")))),
        ("flags", ", ".join(plain(str(flag)) for flag in verdict.get("flags") or ())),
        ("error", plain(str(story["error"] or "")) if story["state"] in ("parked", "retry", "discarded") else ""),
        ("escalated", ", ".join(plain(str(reason)) for reason in story["escalated_for"])),
        ("subject", plain(str(ticket.get("subject", "")))),
        ("from", plain(str(ticket.get("sender", "")))),
        ("source", f"{story['source']}, lane {story['lane']}, key {plain(str(story['key']))}"),
        ("conversation", plain(str(ticket.get("conversation", "")))),
        ("attachments", attachments),
        ("written by", str(ticket.get("automated") or "")),
        ("accepted", _accepted(story)),
        ("spent", _spent(story)),
    ]


def _accepted(story: Story) -> str:
    at = str(story["accepted_at"] or "")[:19].replace("T", " ")
    if story["seconds"] is None:
        return at
    ended = story["finished_at"] or story["parked_at"]
    took = duration(story["seconds"])
    return f"{at} UTC, ended after {took}" if ended else f"{at} UTC, {took} ago"


def _spent(story: Story) -> str:
    parts = [count(len(story["calls"]), "model call"), dollars(story["cost_nusd"])]
    if story["cache_saved_nusd"]:
        parts.append(cache_effect(story["cache_saved_nusd"]))
    if story["crashes"]:
        parts.append(f"{count(story['crashes'], 'worker')} lost")
    if story["replays"]:
        parts.append(f"replayed {count(story['replays'], 'time')}")
    return ", ".join(parts)


def _delivery(row: dict[str, Any]) -> str:
    error = f", last error: {plain(str(row['error']))}" if row["error"] else ""
    hint = f"; to try again: triage dead replay {row['id']}" if row["state"] == "parked" else ""
    return f"  delivery {row['id']} is {row['state']} ({count(row['attempts'], 'attempt')}{error}){hint}"

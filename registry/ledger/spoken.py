"""Findings and verdicts as sentences in the reader's language, for the command line and pages."""

from __future__ import annotations

from registry.core.languages import say
from registry.core.words import N_
from registry.ledger.findings import CHECKPOINT, Finding, Verdict

KINDS = {
    "ticket": N_("Ticket %(name)s"), "person": N_("Person %(name)s"),
    "key": N_("The registry's keys"), "lifecycle": N_("Lifecycle %(name)s"),
    "signature_rules": N_("The rules of signatures"), "document": N_("Document %(name)s"),
    "evidence": N_("Evidence taken of ticket %(name)s"), "erasure": N_("Erasure %(name)s"),
    "import": N_("Import %(name)s"),
}


def spoken_place(chain: str, seq: int | None) -> str:
    """«Ticket 1042, entry 7»; the ledger itself where the finding is about no chain."""
    if not chain:
        return say(N_("The ledger"))
    if chain == CHECKPOINT:
        return say(N_("Checkpoint of %(size)s entries"), {"size": "?" if seq is None else seq})
    kind, _, name = chain.partition(":")
    owner = say(KINDS[kind], {"name": name}) if kind in KINDS else str(printable(chain))
    if seq is None:
        return owner
    return say(N_("%(owner)s, entry %(seq)s"), {"owner": owner, "seq": seq})


def spoken_finding(finding: Finding) -> str:
    """The place and what is wrong there."""
    params = {name: printable(value) if isinstance(value, str) else value
              for name, value in finding.params.items()}
    return f"{spoken_place(finding.chain, finding.seq)}: {say(finding.text, params)}"


def spoken_verdict(verdict: Verdict) -> str:
    """What was looked at and whether all of it is as it was written."""
    counts = say(
        N_("Entries %(entries)s, chains %(chains)s, signatures %(signatures)s, "
           "checkpoints %(checkpoints)s"),
        {"entries": verdict.entries, "chains": verdict.chains, "signatures": verdict.signatures,
         "checkpoints": verdict.checkpoints})
    if verdict.is_sound:
        return say(N_("%(counts)s: everything verifies."), {"counts": counts})
    return say(N_("%(counts)s: NOT everything verifies, findings: %(count)s."),
               {"counts": counts, "count": len(verdict.findings) + verdict.omitted})


def printable(value: str) -> str:
    """A damaged text may hold bytes that no terminal takes."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")

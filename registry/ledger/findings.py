"""What ``verify`` may find, each as a sentence, with the chain and the entry that it is about.

Sentences are English; the edge translates them. Areas that prove their own rows (owners.py) make
Findings of their own with their own sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.core.words import N_

# At most so many findings are kept: a wrong key would otherwise fill the memory.
MOST = 1000

# Stands for the chain where a finding is about a checkpoint; ``seq`` is then its size.
CHECKPOINT = "checkpoint"

SENTENCES = {
    "storage": N_("The database reports damage in its own storage: %(answer)s."),
    "trigger": N_("The trigger %(name)s, which guards the table %(table)s, is missing or altered."),
    # Entries
    "damaged": N_("The column %(column)s holds what does not belong there."),
    "missing": N_("The entry is missing."),
    "repeated": N_("The entry is there twice."),
    "hash": N_("The hash does not fit what the entry says."),
    "prev": N_("The entry does not follow from the one before it."),
    "unreadable": N_("What the entry says cannot be read."),
    "column": N_("The column %(column)s says something else than the entry."),
    "placeless": N_("The entry has no place in the tree and does not wait for one."),
    "placed_twice": N_("The entry has a place in the tree and still waits for one."),
    # Chains
    "short": N_("Entries %(first)s to %(last)s are missing at the end of the chain."),
    "long": N_("The chain has entries after number %(last)s, where its owner says that it ends."),
    "head": N_("The last entry is not the one that the chain's owner names."),
    "ownerless": N_("Nothing in the registry owns this chain."),
    # Signatures
    "signature_missing": N_("A signature that the entry names is missing: statement "
                            "%(statement)s."),
    "signature_idle": N_("A signature belongs to no entry: statement %(statement)s."),
    "signature_hash": N_("A signed statement was changed: statement %(statement)s."),
    "signature_column": N_("The column %(column)s of a signature says something else than the "
                           "signed statement."),
    "signature_claim": N_("The %(column)s of a signature is not what the entry says of it."),
    "signature_erased": N_("A signed statement is gone, but no entry says that it was erased: "
                           "statement %(statement)s."),
    "signature_kept": N_("The entry says that a signed statement was erased, but it is still "
                         "there: statement %(statement)s."),
    # Sealed words
    "seal_missing": N_("Sealed words that the entry names are missing."),
    "seal_idle": N_("Sealed words belong to no entry: %(seal)s."),
    "seal_words": N_("Sealed words were changed."),
    "seal_erased": N_("Sealed words are gone, but no entry says that they were erased then."),
    "seal_kept": N_("The entry says that words were erased, but they are still there."),
    # The tree
    "leaf_idle": N_("The tree has a place for the entry, but the entry is not there."),
    "leaf_outside": N_("The entry's place in the tree, %(index)s, is covered by no checkpoint."),
    "leaf_missing": N_("The tree has no entry at place %(index)s."),
    "pending_idle": N_("An entry waits for its place in the tree, but it is not there."),
    "tree": N_("The entries at places %(first)s to %(last)s of the tree are not those that were "
               "signed."),
    # Checkpoints
    "no_key": N_("The registry's key is missing, so the signature cannot be checked."),
    "note_unreadable": N_("The note cannot be read."),
    "note_signature": N_("The note is not signed by the registry's key."),
    "note_key": N_("The note is signed by a key that could not sign it any more: it was replaced "
                   "before."),
    "note_column": N_("The column %(column)s says something else than the signed note."),
    "frontier": N_("The frontier kept with it is not that of the tree."),
    "checkpoint_missing": N_("The checkpoint before it, of %(size)s entries, is missing."),
    # Keys
    "key_unreadable": N_("What the entry says of the registry's key does not follow from the one "
                         "before."),
    "key_handover": N_("The old key has not signed for the new one."),
    "key_unproven": N_("The key that you brought was lost or stolen; it signed for no other. "
                       "Compare the new public key with the operator, and old mails with the "
                       "registry."),
    # Rows of the areas
    "not_replayed": N_("Because of the damage it could not be checked to the end whether the rows "
                       "agree with their chains (%(kind)s)."),
    # A note from outside
    "against_signature": N_("The note that you brought is not signed by this registry's key, "
                            "%(key)s."),
    "against_key": N_("The note that you brought is signed by a key of this registry that could "
                      "not sign it any more: it was replaced or stolen before, and no mail "
                      "confirmed the note then."),
    "against_size": N_("The note that you brought covers %(size)s entries, but the registry's tree "
                       "holds only %(held)s."),
    "against_root": N_("The first %(size)s entries are no longer those that the note covers that "
                       "you brought."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written. ``seq`` is None where it is about a whole chain,
    ``chain`` is empty where it is about the ledger as a whole."""

    chain: str
    seq: int | None
    code: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        said = self.text % self.params if self.params else self.text
        return f"{self.chain}/{self.seq}: {said}"


class Findings:
    """Collects findings; beyond MOST it only counts them."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.omitted = 0

    def add(self, code: str, chain: str = "", seq: object = None, **params: object) -> None:
        """Add a finding with the sentence of its code."""
        place = seq if isinstance(seq, int) else None
        self.take(Finding(chain if isinstance(chain, str) else repr(chain), place, code,
                          SENTENCES[code], params))

    def take(self, finding: Finding) -> None:
        """Add a finding that somebody else made."""
        if len(self.kept) < MOST:
            self.kept.append(finding)
        else:
            self.omitted += 1


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and what was found; ``omitted`` counts findings beyond those kept.

    ``covered`` is the size of the note from outside, None where there was none.
    """

    entries: int
    chains: int
    signatures: int
    checkpoints: int
    findings: tuple[Finding, ...]
    omitted: int = 0
    covered: int | None = None

    @property
    def is_sound(self) -> bool:
        """Whether all is as it was written."""
        return not self.findings

"""The engine's own sentences, named here for the catalogues: the engine knows no translations.

A test holds this list against the engine's (tests/registry/tickets/test_engine_words.py).
"""

from registry.core.words import N_

SENTENCES = (
    N_("There is no state “%(state)s” in this lifecycle."),
    N_("There is no move “%(move)s” in this lifecycle."),
    N_("“%(move)s” cannot be done from “%(state)s”. Look at what happened meanwhile."),
    N_("This can be begun only by: %(who)s."),
    N_("Only what somebody holds can be given: name the holder as the giver."),
    N_("Give the reason in your own words."),
    N_("No reason is asked for here: leave it out."),
    N_("Fill in “%(field)s”."),
    N_("“%(field)s” is not asked for here: leave it out."),
    N_("“%(field)s” must be a date and time with its zone, in a year from 1970 to 2199."),
    N_("“%(field)s” must lie in the future."),
    N_("“%(field)s” must be one of: %(choices)s."),
    N_("Choose who receives it."),
    N_("Nobody receives anything here: leave the receiver out."),
    N_("It can be received only by: %(who)s."),
    N_("Giver and receiver are the same person: choose another receiver."),
    N_("Choose the witness in whose presence it is handed over."),
    N_("No witness is asked for here: leave the witness out."),
    N_("It can be witnessed only by: %(who)s."),
    N_("The witness must be a third person, neither giver nor receiver."),
    N_("A signature is missing: “%(meaning)s”, signed by: %(who)s."),
    N_("The signature “%(meaning)s” is not asked for here."),
    N_("“%(meaning)s” is signed more than once."),
    N_("“%(meaning)s” must be signed by: %(who)s."),
    N_("Each signature of one act is given by a different person."),
    N_("State “%(state)s” of version %(version)s is not carried over to this version."),
)

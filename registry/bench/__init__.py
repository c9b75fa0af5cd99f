"""The benchmark: a registry of any size, filled fast, and how long everything takes on it.

``bench-seed`` fills an empty registry with tickets whose chains, signatures and tree are those
that the verbs would have written; ``bench`` fills registries of its own, measures, and prints a
table with the targets. Nothing here is used by the product at work.
"""

"""``python -m registry COMMAND``; the launcher ``countersign`` calls it."""

from registry.cli import main

main()

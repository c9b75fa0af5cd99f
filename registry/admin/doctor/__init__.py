"""What is missing or unsafe in this installation: ``countersign doctor``.

A check is a small function that finds faults and nothing else; examining.py has the table of all of
them and runs them. Nothing here changes anything.
"""

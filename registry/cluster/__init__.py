"""The cluster of deploy/ on this one machine, and what becomes of it when parts of it are killed.

Starts the real servers with the very files that are shipped, plays handoffs through the balancer,
kills, and counts. Knows the product only from outside: its commands, its API, its database.
"""

"""Servers that we start on this machine: for the benchmark, the cluster's test and the tests.

Which programs there are and as whom they run, processes that end with us, ports, a PostgreSQL of
our own. Knows nothing of the product, and what a server is started for is its starter's business.
"""

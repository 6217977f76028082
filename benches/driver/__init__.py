"""The driver of the benchmark: which rows there are, how they are run, and what is made of the figures."""

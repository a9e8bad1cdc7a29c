"""What bench.py measures: one file a subject; budgets.py is the table they fill."""

"""What is measured, and the budgets it must keep. `make bench` runs it; README.md says how."""

"""Looking up people who have not answered: who looks whose details up, and what is saved."""

"""What matched people need: their match, an hour, help, and feedback afterwards."""

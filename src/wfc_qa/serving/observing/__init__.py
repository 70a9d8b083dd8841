"""What operators see of the service, and what is kept of its answers: ids, logs, figures, counts."""

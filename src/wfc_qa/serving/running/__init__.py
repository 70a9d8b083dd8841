"""How the server runs: its processes, how they end, and how a new generation of the index comes in."""

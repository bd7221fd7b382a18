"""What the edges of both services share and that decides nothing: problems, health, documents."""

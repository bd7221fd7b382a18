"""What the edges of both services share and that decides nothing: contracts on disk, problems, health."""

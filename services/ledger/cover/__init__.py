"""Cover: one person, one basic roll."""

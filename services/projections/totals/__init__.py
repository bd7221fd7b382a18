"""Payment totals: households, persons, person-times and amount entitled, with the lines behind them."""

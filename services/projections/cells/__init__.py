"""Questions over all cells: totals, exits, and who is covered in two of them."""

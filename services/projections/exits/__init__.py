"""The audit of exits: who left, when, why, on what basis, heard and notified or not, and who came
back."""

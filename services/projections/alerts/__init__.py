"""Early warning: alerts that nobody has dealt with yet, and referrals without an end."""

"""Early warning and services: alerts, visits, referrals, what departments and helpers gave."""

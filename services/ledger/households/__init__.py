"""Households: applications, enrolment, changes, exits, returns."""

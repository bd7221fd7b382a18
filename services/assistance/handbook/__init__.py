"""The reference part of docs/, written from the contracts and the code so that it cannot drift."""

"""The commands of the command line, by kind: work, administration, questions."""

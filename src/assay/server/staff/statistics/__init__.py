"""How items and exams have done: figures with their standard errors, tables, plots, CSV."""

"""The inspector: a form for whatever is selected, made from tables of fields."""

"""Mail that goes by itself: when, to how many, and what became of it.

`usual` has what a new program starts with, `hours` the clock, `running` is what beat calls,
`forecast` and `past` fill the calendar, and `changing` is what a person does.
"""

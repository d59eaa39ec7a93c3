"""Plots that the server draws: numbers in, the places of lines, bars and words in an SVG out.

Their templates are in `templates/committee/plots`. They need no script and no style of their own,
and say their numbers in words to people who do not see them.
"""

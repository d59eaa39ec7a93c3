"""Scheduled emails: when they are queued, for how many people, and what became of them.

`schedule_defaults` (beside this folder) has what a new program starts with, `hours` the clock,
`runs` is what beat calls, `forecast` and `calendar` fill the email schedule, and `changes` is what
a person does.
"""

"""What happens to people that somebody higher up may need to know.

`responses_recorded`: sent with `program` and `responses`, after responses were saved: of each
person the newest.
`people_changed`: sent with `program` and `participant_ids`, after anything changed on which a
queued email may depend: role, attendance, address, withdrawal.
`people_joined`: sent with `program` and `participant_ids`, after people came into a program or got
another address.
`program_copied`: sent with `source` and `program`, after a new program was made from another; a
receiver copies what is its package's, and gives a list of sentences that should be known.
The first four are sent inside the transaction that made the change.
`link_wanted`: sent with `person`, who is to get their personal link by email.
`signup_wanted`: sent with `program`, `email` and `token`, when somebody who is not in the program
would like to be, and is to get the link with that token by email.
`own_data_asked`: sent with `person`, who wants to know what is stored about them, and with
`confidential`, whether that takes in what they wrote to the chairs alone; a receiver gives
what its package stores as name → list, ready for JSON.
`asked_what_follows`: sent with `program` and `joining` (how many people an import would make) when
an import is shown before it is saved; a receiver gives a sentence about what it would do then, or
"".
"""

from django.dispatch import Signal

responses_recorded = Signal()
own_data_asked = Signal()
people_changed = Signal()
people_joined = Signal()
program_copied = Signal()
link_wanted = Signal()
signup_wanted = Signal()
asked_what_follows = Signal()

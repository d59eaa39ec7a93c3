"""What breaks, what people see of it, what resumes, and the test that shows it."""

KILLS = "tests/notifications/outbox/worker/test_kills.py"
HERE = "tests/committee/operation/test_faults.py"
CLOCK = "tests/committee/operation/test_clock.py"
KILLED = "tests/committee/operation/test_killed.py"
AWAY = "tests/committee/operation/test_away.py"

# The same rows stand in docs/host.md, without the tests.
FAULTS = [
    (
        "a worker dies while it sends",
        "the email becomes *uncertain* after 15 minutes, all others leave",
        "a person says whether it arrived",
        f"{KILLS}::test_killed_at_any_moment_loses_nothing_and_doubles_nothing",
    ),
    (
        "PostgreSQL or Redis is killed or restarted under workers and beat",
        "emails wait",
        "everything by itself; no email is lost or sent twice",
        f"{KILLS}::test_killed_at_any_moment_loses_nothing_and_doubles_nothing",
    ),
    (
        "PostgreSQL restarts while people use the pages",
        "a page says that it can’t save right now; what a participant typed stands on it",
        "*Send again* on that page, once; all else by itself",
        f"{AWAY}::test_what_is_sent_while_postgresql_restarts_is_kept_to_be_sent_again",
    ),
    (
        "Redis is away",
        "nothing: answers are taken, and emails wait; `/readyz` and `/healthz` say `unreachable`",
        "everything by itself, after a minute too; Docker, systemd or `make run` start a worker "
        "again that has stopped meanwhile",
        f"{AWAY}::test_while_redis_is_away_answers_are_taken",
        f"{AWAY}::test_what_is_asked_for_while_redis_is_away_is_emailed_once_it_is_back",
    ),
    (
        "a process of the web server dies while it imports, proposes, announces or anonymizes",
        "the browser says that the connection was closed; nothing has changed",
        "another process is there at once; press the button again",
        f"{KILLED}::test_a_web_server_killed_in_the_middle_has_done_nothing",
    ),
    (
        "a worker dies while it imports, proposes, queues scheduled emails or anonymizes",
        "nothing has changed; after a minute the page says that there is no news",
        "import again, or press *Start again*; schedules and dates to anonymize by themselves",
        f"{KILLED}::test_a_worker_killed_in_the_middle_has_done_nothing",
    ),
    (
        "beat dies",
        "scheduled emails wait",
        "once it runs again, or at once if a second one runs",
        "tests/mentorship/test_beat.py"
        "::test_of_two_beats_one_sends_and_the_other_goes_on_when_that_is_killed",
    ),
    (
        "web server or worker dies under `make run`",
        "nothing, or a second without pages",
        "it starts again; the others go on",
        "tests/mentorship/test_serve.py"
        "::test_a_part_that_is_killed_starts_again_while_the_others_go_on",
    ),
    (
        "an import, killed in the middle",
        "nothing of the file is there",
        "import the file again: the same numbers as at first",
        f"{HERE}::test_killed_in_the_middle_nothing_is_done_and_again_it_is_whole",
    ),
    (
        "an announcement, killed in the middle",
        "no match is announced and no email queued",
        "announce again",
        f"{HERE}::test_killed_in_the_middle_nothing_is_done_and_again_it_is_whole",
    ),
    (
        "a worker dies before it saves a proposal",
        "no pair has changed",
        "propose again",
        "tests/matching/proposals/test_runs_at_once.py"
        "::test_a_worker_killed_while_it_waits_to_save_saves_nothing",
    ),
    (
        "anonymizing, killed in the middle",
        "nobody is anonymized",
        "anonymize again",
        "tests/committee/test_retention.py"
        "::test_killed_in_the_middle_nothing_is_done_and_again_it_is_whole",
    ),
    (
        "a backup, killed in the middle",
        "there is no file of that name",
        "make it again; a folder `.backup-…` beside it can be deleted",
        f"{HERE}::test_a_backup_killed_in_the_middle_is_no_backup",
    ),
    (
        "a file of a backup is damaged",
        "`restore` says what is wrong, and nothing has changed",
        "restore another one",
        "tests/committee/backups/test_backups.py::test_a_backup_that_is_not_whole_changes_nothing",
    ),
    (
        "the disk is full, or the database takes no writing",
        "the form says that it cannot save and keeps what was typed; `/readyz` and `/healthz` say "
        "`full`",
        "the same button, once there is room",
        f"{HERE}::test_what_cannot_be_saved_stays_in_the_form",
    ),
    (
        "the clock jumps an hour ahead",
        "what is due within that hour leaves early",
        "everything by itself; an email that is being sent at that moment is not sent twice",
        f"{CLOCK}::test_an_email_that_is_being_sent_when_the_clock_jumps_ahead_is_not_sent_twice",
    ),
    (
        "the clock goes back an hour",
        "what waits for its time, such as the two minutes before a bulk send, waits up to an hour "
        "longer",
        "all else at once: beat starts its tasks, limits of a minute are free, and what people "
        "answer counts",
        f"{CLOCK}::test_what_waits_for_its_time_waits_no_longer_than_the_clock_went_back",
        f"{CLOCK}::test_beat_goes_on_when_the_clock_goes_back",
        f"{CLOCK}::test_beat_that_starts_after_the_clock_went_back_does_not_wait_for_it",
        f"{CLOCK}"
        "::test_what_was_sent_by_a_clock_that_was_ahead_takes_a_place_of_the_day_not_of_the_minute",
        f"{CLOCK}::test_what_somebody_answers_after_the_clock_went_back_counts",
    ),
    (
        "the clock of one of several workers is an hour wrong",
        "ahead, it sends what is due within that hour, and for a moment shows as *uncertain* what "
        "another is sending; behind, it leaves to others what is due",
        "nothing is sent twice, or earlier than that; set its clock",
        f"{CLOCK}::test_beside_a_worker_whose_clock_is_wrong_each_email_leaves_once",
    ),
]

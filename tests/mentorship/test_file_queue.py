import json
import threading

from kombu import Connection, Queue

from mentorship import file_queue


def test_messages_written_while_they_are_read_arrive_whole(tmp_path):
    """Two writers and a reader at once: each message comes once, none half written."""
    file_queue.use()
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
        "polling_interval": 0.001,
    }
    queue = Queue("mail", routing_key="mail")
    sent = [f"{writer}-{number}" for writer in range(2) for number in range(300)]

    def write(writer):
        with Connection("filesystem://", transport_options=options) as connection:
            producer = connection.Producer(serializer="json")
            for number in range(300):
                producer.publish(f"{writer}-{number}", routing_key="mail", declare=[queue])

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(2)]
    came = []
    with Connection("filesystem://", transport_options=options) as connection:
        channel = connection.channel()
        queue(channel).declare()
        for writer in writers:
            writer.start()
        while len(came) < len(sent):
            if message := queue(channel).get(no_ack=True):
                came.append(json.loads(message.body))
        for writer in writers:
            writer.join()

    assert sorted(came) == sorted(sent)
    assert list((tmp_path / "messages").iterdir()) == []

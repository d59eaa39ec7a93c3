"""What gunicorn reads wherever it is started in this folder; the rest is on its command line."""

from mentorship.web_server import share_request_times

# For two processors. Only one thread of a process can compute: more of them would take turns at it
# and all be late, while the second is for what waits for the database or for a slow upload. What a
# process had queued would wait for it even while another has nothing to do, so none takes on much
# more than it has threads.
workers = 3
threads = 2
worker_connections = 3
logger_class = "mentorship.web_server.ServerLog"
on_exit = share_request_times()
# Nobody here asks the server anything by its own socket.
control_socket_disable = True

"""What gunicorn reads wherever it is started in this folder; the rest is on its command line."""

from mentorship.web_server import share_request_times

logger_class = "mentorship.web_server.ServerLog"
on_exit = share_request_times()
# Nobody here asks the server anything by its own socket.
control_socket_disable = True

"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
application = get_wsgi_application()

# The addresses load the pages. Without this the first request would wait for them.
import mentorship.urls  # noqa: E402, F401

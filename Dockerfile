# One image for the three processes; docker-compose.yml starts them.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/mentorship
WORKDIR /app

COPY requirements/run.lock requirements/run.lock
RUN pip install --no-cache-dir --require-hashes -r requirements/run.lock

COPY . .
RUN useradd --create-home mentorship \
    && mkdir -p "$VAR_DIR" \
    && SECRET_KEY=not-kept python manage.py collectstatic --noinput \
    && chown -R mentorship "$VAR_DIR"
USER mentorship

EXPOSE 8000
CMD ["gunicorn", "mentorship.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4"]

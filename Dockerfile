# One image for web server, worker and beat; docker-compose.yml starts them.
# Debian 13, whose PostgreSQL client is of the same version as the database in docker-compose.yml.
FROM python:3.12-slim-trixie@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/mentorship
WORKDIR /app

# pg_dump, pg_restore and psql, for `manage.py backup` and `restore`.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*

COPY requirements/run.lock requirements/run.lock
RUN pip install --no-cache-dir --require-hashes -r requirements/run.lock

COPY . .
RUN useradd --create-home mentorship && mkdir -p "$VAR_DIR" && chown mentorship "$VAR_DIR"
USER mentorship

EXPOSE 8000
CMD ["gunicorn", "mentorship.wsgi", "--bind", "0.0.0.0:8000"]

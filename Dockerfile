# The application as it runs in production: one image for the web processes, the worker and what runs at night. The target
# "word" also has LibreOffice, which converts uploaded Word documents.
#
# The digests are those that Docker's own list of official images (docker-library/repo-info) had in August 2026 for
# python:3.11-slim-bookworm. Bring them up to date with each release.
FROM python:3.11-slim-bookworm@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b AS build

ENV PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# Without a host name the application is for this machine only, and so needs no secret to do this.
RUN /opt/venv/bin/python manage.py collectstatic --no-input
# Nothing can be compiled later, when the file system cannot be written to.
RUN python -m compileall -q /opt/venv/lib inquiries scrutiny
RUN mkdir -p var/files var/backups var/heads


FROM python:3.11-slim-bookworm@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b AS application

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /app
RUN groupadd --gid 10001 scrutiny && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp scrutiny
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# All that its user can write to, and what volumes are mounted on.
RUN chown -R 10001:10001 var/files var/backups var/heads
USER 10001:10001

EXPOSE 8000
# Where the owner of the tables is known, it is forgotten before anybody from outside can ask for a page.
CMD ["sh", "-c", "python manage.py prepare_database && exec env -u DATABASE_OWNER_URL -u DATABASE_OWNER_URL_FILE gunicorn"]


FROM application AS word

USER root
RUN apt-get update && apt-get install --yes --no-install-recommends libreoffice-writer-nogui && rm -rf /var/lib/apt/lists/*
USER 10001:10001


FROM application AS scrutiny

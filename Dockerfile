# The application as it runs in production: one image for the web process and for the worker.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .

# Without a host name the application is for this machine only, and so needs no secret to do this.
RUN python manage.py collectstatic --no-input
RUN mkdir -p var/files

RUN useradd --system --no-create-home scrutiny
RUN chown -R scrutiny var
USER scrutiny

EXPOSE 8000
# Where the owner of the tables is known, it is forgotten before anybody from outside can ask for a page.
CMD ["sh", "-c", "python manage.py prepare_database && exec env -u DATABASE_OWNER_URL -u DATABASE_OWNER_URL_FILE gunicorn"]

# One image for web, worker, beat and migrations. Every dependency is a wheel: nothing is compiled here.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=spico.settings.prod

WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin spico
# A volume mounted here belongs to the one who writes in it.
RUN install --directory --owner=spico --mode=0700 /var/lib/spico /var/lib/spico-documents

COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY . .
# These words open nothing: the production settings refuse to start without any, and static files need none.
RUN SECRET_KEY=static-files-only ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgresql://nowhere/none REDIS_URL=redis://nowhere/0 \
    python manage.py collectstatic --no-input \
    && python -m compileall -q .

USER spico
EXPOSE 8000

# Asked by the portal's own name, since it answers to no other.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].strip().lstrip('.')}), timeout=4)"]

CMD ["granian", "--interface", "wsgi", "spico.wsgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--no-ws"]

# Everything a developer needs; only make and Python 3.11 or newer have to be there first.
PORT ?= 8000
LOCK := requirements-dev.lock
VENV := .venv
PYTHON := $(VENV)/bin/python
BIN := $(VENV)/bin
MANAGE := $(PYTHON) manage.py
# Told only to the check of the production settings, which refuse to start without secrets.
DUMMY_SECRETS := DJANGO_SETTINGS_MODULE=spico.settings.prod \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG \
	ALLOWED_HOSTS=spico.example DATABASE_URL=postgresql://127.0.0.1:9/none REDIS_URL=redis://127.0.0.1:9/0

# Measuring what is covered takes as long again as what it measures: it is done where delegations are played, and
# neither elsewhere nor while the database is made, nor where what others cover is played again.
AGAIN := stateful races request_pages living_pages previews admin_refusals
MEASURED := $(filter-out $(AGAIN:%=tests/delegations/test_%.py),$(wildcard tests/delegations/test_*.py)) \
	$(addprefix tests/api/test_delegations_,api.py api_accounts.py renewals.py)
WORKERS := -n 2 --dist worksteal
# What was compiled once serves the second part and the processes that tests start, whatever the container says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env run stop check types rules test e2e soak bench format clean

help: ## Affiche cette aide.
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

env: ## Prépare l'environnement Python (.venv) ; ne fait rien s'il est à jour.
	@if ! $(PYTHON) -c '' 2>/dev/null; then \
		for candidate in python3.13 python3.12 python3.11 python3; do \
			if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
		done; \
		if [ -z "$${found:-}" ]; then echo "SPICO demande Python 3.11 ou plus récent : installez-le, puis recommencez." >&2; exit 1; fi; \
		if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "Il manque le module venv de Python. Sous Debian ou Ubuntu : « sudo apt-get install python3-venv », puis recommencez." >&2; exit 1; \
		fi; \
		"$$found" -m venv --clear $(VENV); \
	fi
	@state=$$($(PYTHON) -c 'import hashlib, sys; print(hashlib.sha256(open("$(LOCK)", "rb").read()).hexdigest(), sys.version.split()[0])'); \
	if [ "$$state" != "$$(cat $(VENV)/installed 2>/dev/null)" ]; then \
		echo "Installation des paquets Python…"; \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK) && echo "$$state" > $(VENV)/installed; \
	fi

run: env ## Lance SPICO sur http://127.0.0.1:8000 (ou PORT=…) avec sa base et sa démonstration.
	@exec $(PYTHON) -m spico.embedded.supervisor --port $(PORT)

stop: env ## Arrête SPICO et ses services embarqués ; les données restent.
	@$(PYTHON) -m spico.embedded stop

check: env ## Mise en forme, règles, types, imports, migrations, sécurité du déploiement.
	@$(MAKE) --no-print-directory --jobs 2 types rules

# The longest of the checks, beside all the others.
types:
	$(BIN)/mypy

rules:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(DUMMY_SECRETS) $(MANAGE) check --deploy --fail-level WARNING

test: check ## Tout ce que vérifie l'intégration continue : check, puis les tests, navigateur compris.
	@$(PYTHON) -m spico.embedded.chromium
	@status=0; \
	$(BIN)/pytest $(WORKERS) --reuse-db --create-db $(MEASURED:%=--ignore=%) || status=1; \
	$(BIN)/pytest $(WORKERS) --reuse-db --cov --cov-report=term $(MEASURED) || status=1; \
	exit $$status

e2e: env ## Les seuls tests dans un navigateur.
	@$(PYTHON) -m spico.embedded.chromium
	$(BIN)/pytest -m e2e

soak: env ## Les longues répétitions (une à deux heures).
	SPICO_SOAK=1 $(BIN)/pytest -m soak

bench: env ## Les mesures, à côté du comparant, sur cette machine.
	$(PYTHON) -m bench

format: env ## Met le code en forme.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Arrête tout et efface .venv, la base de développement et les caches.
	@if $(PYTHON) -c '' 2>/dev/null; then $(PYTHON) -m spico.embedded purge; fi
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov staticfiles test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

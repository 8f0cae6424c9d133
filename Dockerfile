# The one image of all blocwatch services. Tags are pinned; raise them together with docker-compose.yml.
FROM ghcr.io/astral-sh/uv:0.9.30-python3.12-bookworm-slim AS build
# Bytecode is compiled here, as the containers' file system is read-only.
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build
RUN uv venv /opt/blocwatch
# Dependencies first: they change less often than the program and keep their own layer.
COPY requirements.lock ./
RUN uv pip install --python /opt/blocwatch --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY pipeline ./pipeline
RUN uv pip install --python /opt/blocwatch --no-deps .

FROM python:3.12.12-slim-bookworm
# /state belongs to the user in the image: a new named volume takes over its owner.
RUN groupadd --gid 10001 blocwatch \
 && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin blocwatch \
 && install --directory --owner 10001 --group 10001 /state
COPY --from=build /opt/blocwatch /opt/blocwatch
COPY config /config
# One thread a process for linear algebra: by default it starts one a core, which a pool multiplies.
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
ENV PATH=/opt/blocwatch/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp \
    BLOCWATCH_CONFIG=/config BLOCWATCH_STATE=/state
# Numeric, so that an orchestrator can see that it is not root.
USER 10001:10001
ENTRYPOINT ["blocwatch"]

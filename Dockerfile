# One image for `krake api`, `krake worker` and `krake bootstrap`; see docker-compose.yml.
# tests/deploy/test_image.py makes the same environment by the RUN lines of the build stage.

ARG PYTHON_IMAGE=python:3.13.9-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/krake
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
# The libraries are a layer of their own: they change more rarely than the code.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY tools tools
COPY krake krake
COPY scheduler scheduler
COPY activities activities
COPY workflows workflows
COPY worker worker
COPY api api
COPY rok rok
RUN uv sync --frozen --no-dev --no-editable

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --create-home --home-dir /var/lib/krake --shell /usr/sbin/nologin krake
COPY --from=build /opt/krake /opt/krake
ENV PATH=/opt/krake/bin:$PATH PYTHONUNBUFFERED=1 KRAKE_LOG_FORMAT=json KRAKE_STATE_DIR=/var/lib/krake
USER 10001:10001
WORKDIR /var/lib/krake
EXPOSE 8080 9464 9465
ENTRYPOINT ["krake"]
CMD ["--help"]

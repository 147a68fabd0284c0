# syntax=docker/dockerfile:1

# The service in one image: no compiler, no package installer, no root.
#
#   docker build --tag policy-claims .
#   docker run --rm --read-only --tmpfs /tmp --publish 127.0.0.1:8000:8000 policy-claims
#
# Which source it was built from, when and from where, is written on it:
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" \
#     --build-arg CREATED="$(git show --no-patch --format=%cI HEAD)" --build-arg SOURCE=https://... .
#
# Another base with the same layout of Python, by digest for instance:
#   docker build --build-arg BASE=python:3.13-slim@sha256:... .
#
# With what a cluster of OpenSearch is asked with:
#   docker build --build-arg REQUIREMENTS=requirements/opensearch.txt .
ARG BASE=python:3.13-slim

# ---- what is installed, in an environment of its own ---------------------------------------
FROM ${BASE} AS build
ARG REQUIREMENTS=requirements/runtime.txt
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src

# Locked first: this layer is made anew only when a version changes. pip stays outside the
# environment, so that it does not reach the image that is kept.
COPY requirements/build.txt requirements/runtime.txt requirements/opensearch.txt requirements/
RUN python -m venv --without-pip /opt/policy-claims \
 && python -m venv /opt/builder \
 && /opt/builder/bin/python -m pip --python /opt/policy-claims/bin/python install \
    --require-hashes --only-binary :all: --requirement "${REQUIREMENTS}" \
 && /opt/builder/bin/python -m pip install --require-hashes --requirement requirements/build.txt

COPY . .
RUN /opt/builder/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/builder/bin/python -m pip --python /opt/policy-claims/bin/python install --no-deps \
    --no-index --find-links /wheels policy-claims \
 && /opt/policy-claims/bin/python deploy/bill_of_materials.py \
    /opt/policy-claims/share/policy-claims.cdx.json

# ---- what runs --------------------------------------------------------------------------------
FROM ${BASE}
# Nothing is invented: what is not said at the build is empty.
ARG BASE
ARG REVISION=""
ARG CREATED=""
ARG SOURCE=""
ARG URL=""
LABEL org.opencontainers.image.title="policy-claims" \
      org.opencontainers.image.description="Claims of policy documents as data, over HTTP" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="MIT AND CC-BY-4.0" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.url="${URL}" \
      org.cyclonedx.bom="/opt/policy-claims/share/policy-claims.cdx.json"

# The base's own installer has nothing to do here.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/pip* \
    /usr/local/lib/python3*/ensurepip

COPY --from=build /opt/policy-claims /opt/policy-claims

# pip compiled the bytecode when it installed, and the file system may be read-only: gunicorn's heartbeat
# files go to /dev/shm. A container is reached through its network address, so the service has to listen
# on it; DIRECT_EXPOSURE accepts that because the network is private, and nginx alone is published
# (deploy/compose.yaml). Do not publish the port of this image to the internet.
ENV PATH=/opt/policy-claims/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    DIRECT_EXPOSURE=accept \
    PORT=8000

# A number, so that an orchestrator can see that it is not root; the user needs no name or home.
USER 65532:65532
WORKDIR /opt/policy-claims
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-m", "service.server.probe"]

ENTRYPOINT ["policy-claims"]
CMD ["serve"]

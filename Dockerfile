# The server for a cluster: `docker build -t tappet .`. The program is one bundle and Node brings its SQLite, so the image has no node_modules.
# Slim rather than distroless: the git resolver calls git, by a shell that limits it.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No scripts of packages: esbuild's binary comes as a package of its own.
RUN npm ci --ignore-scripts
COPY tools/build.mjs tools/
COPY tsconfig.json ./
COPY src src
RUN npm run build && find dist -name '*.map' -delete

FROM node:24-bookworm-slim
# tini reaps what git leaves behind. npm and yarn are of no use at run time, and others' bugs.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* /usr/local/bin/yarn*
WORKDIR /app
COPY LICENSE package.json ./
COPY charts charts
COPY schemas schemas
COPY triggers triggers
COPY examples examples
COPY --from=build /build/dist dist
# Nothing is written but the data directory and /tmp: the root may be read-only.
ENV NODE_ENV=production HOME=/tmp TAPPET_DATA_DIR=/var/lib/tappet
RUN install --directory --owner=65532 --group=65532 /var/lib/tappet
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["tini", "--", "node", "--disallow-code-generation-from-strings", "/app/dist/tappet.js"]
CMD ["serve"]

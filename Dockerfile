# The service, with its own PostgreSQL or that of DATABASE_URL. See docs/deploy.md.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/client/package.json packages/client/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-bookworm-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/client/package.json packages/client/
RUN npm ci --omit=dev --no-audit --no-fund
# Prisma's client brings a query compiler for each database, as ES modules and as CommonJS; one of them is loaded.
RUN find node_modules/@prisma/client/runtime \
  \( -name 'query_compiler_*' ! -name 'query_compiler_small_bg.postgresql.*mjs' -o -name '*.map' \) -delete
COPY --from=build /app/dist dist
COPY prisma/migrations prisma/migrations
# Completes the files of the embedded PostgreSQL, which belong to root from here on.
RUN node --eval "import('/app/dist/database/embedded/binaries.js').then(({ findBinaries }) => findBinaries())"

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8055 DATA_DIR=/data
WORKDIR /app
COPY --from=production /app .
RUN mkdir /data && chown node:node /data && chmod 700 /data \
  && chmod 755 dist/cli/main.js && ln -s /app/dist/cli/main.js /usr/local/bin/tidings
USER node
VOLUME /data
EXPOSE 8055
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm in between: the signal to stop reaches the service.
CMD ["node", "dist/main.js"]

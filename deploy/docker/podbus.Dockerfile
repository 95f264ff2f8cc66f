# Every service of podbus, and its command line. docker-compose.yml picks one by its command.
FROM node:24-trixie-slim AS services
RUN npm install --global pnpm@12.21.0
WORKDIR /opt/podbus/app
# The store of packages depends on the lockfile only, so that an edited source file does not fetch them again.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
RUN pnpm fetch --prod
COPY . .
RUN pnpm install --prod --frozen-lockfile --offline
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/node-compile-cache
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning"]
CMD ["cli/src/main.ts", "help"]

# A node's container runtime: the same, with containerd, runc, the CNI plugins, and a busybox for the pause image.
FROM services AS node
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      busybox-static ca-certificates containerd containernetworking-plugins iproute2 iptables runc \
 && rm -rf /var/lib/apt/lists/*

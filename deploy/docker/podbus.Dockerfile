# Every service of podbus, and its command line. docker-compose.yml picks one by its command.
FROM node:24-trixie-slim AS services
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates mount \
 && rm -rf /var/lib/apt/lists/*
RUN npm install --global pnpm@12.21.0
WORKDIR /opt/podbus/app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY tests/package.json tests/
COPY deploy deploy
COPY libs libs
COPY services services
COPY cli cli
RUN pnpm install --prod --frozen-lockfile
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/node-compile-cache
ENTRYPOINT ["node"]
CMD ["cli/src/main.ts", "help"]

# A node's container runtime: the same, with containerd, runc, the CNI plugins, and a busybox for the pause image.
FROM services AS node
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      busybox-static containerd containernetworking-plugins iproute2 iptables runc \
 && rm -rf /var/lib/apt/lists/*

# The container runtime of one node: containerd, runc and the CNI plugins.
FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates containerd containernetworking-plugins iproute2 iptables mount runc \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/docker/containerd-entrypoint.sh /usr/local/bin/containerd-entrypoint
ENTRYPOINT ["containerd-entrypoint"]

const overview = `podbus runs Kubernetes Pods without a Kubernetes cluster.

Usage: podbus COMMAND [OPTIONS]

  up          run everything on this machine, in the foreground
  down        stop it; containers go on running
  reset       remove everything podbus keeps, running containers included
  status      services, nodes, pods and running pulls
  kubeconfig  print a kubeconfig for kubectl
  trace POD   show where a pod's start-up time went
  probes      show what probes find, as they find it
  demo        run one pod from YAML to Ready and show all of that, then clean up
  runtime     run only this node's containerd
  init        write credentials and configuration for services that run separately

"podbus help COMMAND" lists a command's options.`;

const stateDirOption = "  --state-dir DIR            where everything is kept (default /var/lib/podbus)";

const commands: Readonly<Record<string, string>> = {
  up: `Usage: podbus up [OPTIONS]

Runs nats-server, containerd and all services until Ctrl-C, SIGTERM or "podbus down". Containers go on running
then, and the next "podbus up" on the same state directory adopts them.

${stateDirOption}
  --node-name NAME           this machine's node (default: the host's name)
  --api-address ADDRESS      where the Kubernetes API listens (default 0.0.0.0)
  --api-port PORT            (default 6443)
  --nats-port PORT           on 127.0.0.1 (default 4222)
  --otlp-port PORT           on 127.0.0.1, for traces (default 4318)
  --pod-cidr NETWORK         addresses of pods (default 10.88.0.0/16)
  --insecure-registry HOST   a registry reached over plain http; may be repeated
  --log-level LEVEL          trace, debug, info, warn, error, fatal or silent (default info)

Other settings of the services are environment variables: the README of each service lists them.`,
  down: `Usage: podbus down [OPTIONS]

${stateDirOption}`,
  reset: `Usage: podbus reset [OPTIONS]

podbus must not run. Removes containers, images, objects, credentials and logs of a state directory.

${stateDirOption}`,
  status: `Usage: podbus status [OPTIONS]

${stateDirOption}`,
  kubeconfig: `Usage: podbus kubeconfig [OPTIONS] > FILE

${stateDirOption}`,
  trace: `Usage: podbus trace POD [OPTIONS]

  -n, --namespace NAME       (default "default")
  -f, --follow               wait until the pod is Ready or over, and tell meanwhile how far its pulls are
${stateDirOption}`,
  probes: `Usage: podbus probes [POD] [OPTIONS]

Shows the verdict of each probe, then each verdict that changes and each attempt that fails, until Ctrl-C.

  -n, --namespace NAME       (default: all, or "default" for a POD)
${stateDirOption}`,
  demo: `Usage: podbus demo [OPTIONS]

  --manifest FILE            what to run instead of examples/hello.yaml; its last pod is the one shown
  --keep                     leave podbus running at the end and say how to reach it`,
  runtime: `Usage: podbus runtime [OPTIONS]

Runs containerd as "podbus up" would, for a node whose services run separately.

${stateDirOption}
  --pod-cidr NETWORK         addresses of pods (default 10.88.0.0/16)
  --insecure-registry HOST   a registry reached over plain http; may be repeated`,
  init: `Usage: podbus init --dir DIR --node NAME [OPTIONS]

  --dir DIR                  where to write pki/, bus/ and kubeconfig; what is there is kept
  --node NAME                a node that may connect; may be repeated
  --api-name NAME            another name or address of the API server; may be repeated
  --api-url URL              the server in the kubeconfig (default https://127.0.0.1:6443)
  --nats-listen ADDRESS      (default 0.0.0.0:4222)
  --nats-store-dir DIR       (default /data)`,
};

export const helpText = (command: string | undefined): string => (command && commands[command]) || overview;

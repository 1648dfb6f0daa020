import type { TargetGroup } from '../../types.ts';
import { hostPort, type LabelMap, meta, metadataLabels } from '../labels.ts';
import type { Container, ContainerPort, Pod } from '../objects.ts';
import type { World } from '../world.ts';
import { attachedLabels } from './attach.ts';

/** One target per container port of each pod that has an address; a container without ports is one target without a port. */
export function podGroups(world: World): TargetGroup[] {
  return [...world.pods.values()]
    .filter((pod) => pod.status.podIP !== '')
    .map((pod) => ({
      source: `pod/${pod.metadata.namespace}/${pod.metadata.name}`,
      labels: {
        ...meta({ namespace: pod.metadata.namespace }),
        ...podLabels(pod),
        ...attachedLabels(world, { node: pod.spec.nodeName, namespace: pod.metadata.namespace }),
      },
      targets: containersOf(pod).flatMap((one) => containerTargets(pod, one)),
    }));
}

interface OneContainer {
  readonly container: Container;
  readonly init: boolean;
}

export function containersOf({ spec }: Pod): OneContainer[] {
  return [
    ...spec.containers.map((container) => ({ container, init: false })),
    ...spec.initContainers.map((container) => ({ container, init: true })),
  ];
}

function containerTargets(pod: Pod, one: OneContainer): LabelMap[] {
  const { ports } = one.container;
  if (ports.length === 0) {
    const host = pod.status.podIP;
    return [
      { __address__: host.includes(':') ? `[${host}]` : host, ...containerLabels(pod, one, undefined) },
    ];
  }
  return ports.map((port) => ({
    __address__: hostPort(pod.status.podIP, port.containerPort),
    ...containerLabels(pod, one, port),
  }));
}

export function containerLabels(
  { status }: Pod,
  { container, init }: OneContainer,
  port: ContainerPort | undefined,
): LabelMap {
  const statuses = init ? status.initContainerStatuses : status.containerStatuses;
  return meta({
    pod_container_name: container.name,
    pod_container_id: statuses.find(({ name }) => name === container.name)?.containerID,
    pod_container_image: container.image,
    pod_container_init: init,
    pod_container_port_name: port?.name,
    pod_container_port_number: port?.containerPort,
    pod_container_port_protocol: port === undefined ? undefined : port.protocol || 'TCP',
  });
}

export function podLabels(pod: Pod): LabelMap {
  const { metadata, spec, status } = pod;
  const controller = metadata.ownerReferences.find((owner) => owner.controller === true);
  const ready = status.conditions.find(({ type }) => type === 'Ready')?.status;
  return {
    ...meta({
      pod_name: metadata.name,
      pod_ip: status.podIP,
      pod_ready: (ready ?? 'unknown').toLowerCase(),
      pod_phase: status.phase,
      pod_node_name: spec.nodeName,
      pod_host_ip: status.hostIP,
      pod_uid: metadata.uid,
      pod_controller_kind: controller?.kind,
      pod_controller_name: controller?.name,
    }),
    ...metadataLabels('pod', metadata),
  };
}

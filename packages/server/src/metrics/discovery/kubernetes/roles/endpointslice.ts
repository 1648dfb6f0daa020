import type { TargetGroup } from '../../types.ts';
import { hostPort, type LabelMap, meta, metadataLabels } from '../labels.ts';
import type { EndpointSlice } from '../objects.ts';
import { keyOf, type World } from '../world.ts';
import { attachedLabels } from './attach.ts';
import { BackingPods, podBehind } from './backed.ts';
import { serviceLabels } from './service.ts';

/** Names the service that a slice belongs to. */
const SERVICE_LABEL = 'kubernetes.io/service-name';

type Endpoint = EndpointSlice['endpoints'][number];
type Port = EndpointSlice['ports'][number];

/** One target per address and port of each endpoint slice, and the other ports of the pods behind them. */
export function endpointSliceGroups(world: World): TargetGroup[] {
  return [...world.endpointSlices.values()].map((slice) => {
    const { name, namespace, labels } = slice.metadata;
    const service = world.services.get(keyOf(namespace, labels[SERVICE_LABEL] ?? ''));
    const pods = new BackingPods(world);
    const targets = slice.ports.flatMap((port) =>
      slice.endpoints.flatMap((endpoint) =>
        endpoint.addresses.flatMap((address) => target({ world, pods, namespace, endpoint, address, port })),
      ),
    );
    return {
      source: `endpointslice/${namespace}/${name}`,
      labels: {
        ...meta({ namespace, endpointslice_name: name, endpointslice_address_type: slice.addressType }),
        ...metadataLabels('endpointslice', slice.metadata),
        ...(service === undefined ? {} : serviceLabels(service)),
        ...attachedLabels(world, { node: '', namespace }),
      },
      targets: [...targets, ...pods.others()],
    };
  });
}

interface Parts {
  readonly world: World;
  readonly pods: BackingPods;
  readonly namespace: string;
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly port: Port;
}

function target({ world, pods, namespace, endpoint, address, port }: Parts): LabelMap[] {
  // A port without a number stands for all ports, which names none to scrape.
  if (port.port === null || port.port === undefined) return [];
  const protocol = port.protocol || 'TCP';
  const pod = podBehind(world, endpoint.targetRef, namespace);
  return [
    {
      __address__: hostPort(address, port.port),
      ...attachedLabels(world, { node: endpoint.nodeName, namespace: '' }),
      ...(pod === undefined ? {} : pods.labels(pod, port.port, protocol)),
      ...meta({
        endpointslice_port: port.port,
        endpointslice_port_name: port.name,
        endpointslice_port_protocol: protocol,
        endpointslice_port_app_protocol: port.appProtocol ?? undefined,
        endpointslice_endpoint_conditions_ready: endpoint.conditions?.ready ?? undefined,
        endpointslice_endpoint_conditions_serving: endpoint.conditions?.serving ?? undefined,
        endpointslice_endpoint_conditions_terminating: endpoint.conditions?.terminating ?? undefined,
        endpointslice_endpoint_hostname: endpoint.hostname,
        endpointslice_endpoint_node_name: endpoint.nodeName,
        endpointslice_endpoint_zone: endpoint.zone,
        endpointslice_address_target_kind: endpoint.targetRef?.kind,
        endpointslice_address_target_name: endpoint.targetRef?.name,
      }),
    },
  ];
}

import type { TargetGroup } from '../../types.ts';
import { hostPort, type LabelMap, meta, metadataLabels } from '../labels.ts';
import type { Endpoints } from '../objects.ts';
import { keyOf, type World } from '../world.ts';
import { attachedLabels } from './attach.ts';
import { BackingPods, podBehind } from './backed.ts';
import { serviceLabels } from './service.ts';

type Subset = Endpoints['subsets'][number];
type Address = Subset['addresses'][number];

/** One target per address and port of each endpoints object, and the other ports of the pods behind them. */
export function endpointsGroups(world: World): TargetGroup[] {
  return [...world.endpoints.values()].map((endpoints) => {
    const { name, namespace } = endpoints.metadata;
    const service = world.services.get(keyOf(namespace, name));
    const pods = new BackingPods(world);
    const targets = endpoints.subsets.flatMap((subset) =>
      subset.ports.flatMap((port) => [
        ...subset.addresses.map((address) => target({ world, pods, namespace, address, port, ready: true })),
        ...subset.notReadyAddresses.map((address) =>
          target({ world, pods, namespace, address, port, ready: false }),
        ),
      ]),
    );
    return {
      source: `endpoints/${namespace}/${name}`,
      labels: {
        ...meta({ namespace, endpoints_name: name }),
        ...metadataLabels('endpoints', endpoints.metadata),
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
  readonly address: Address;
  readonly port: Subset['ports'][number];
  readonly ready: boolean;
}

function target({ world, pods, namespace, address, port, ready }: Parts): LabelMap {
  const protocol = port.protocol || 'TCP';
  const pod = podBehind(world, address.targetRef, namespace);
  return {
    __address__: hostPort(address.ip, port.port),
    ...attachedLabels(world, { node: address.nodeName, namespace: '' }),
    ...(pod === undefined ? {} : pods.labels(pod, port.port, protocol)),
    ...meta({
      endpoint_port_name: port.name,
      endpoint_port_protocol: protocol,
      endpoint_ready: ready,
      endpoint_hostname: address.hostname,
      endpoint_node_name: address.nodeName,
      endpoint_address_target_kind: address.targetRef?.kind,
      endpoint_address_target_name: address.targetRef?.name,
    }),
  };
}

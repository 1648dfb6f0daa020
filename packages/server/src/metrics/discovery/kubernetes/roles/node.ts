import { labelName } from '../../label-name.ts';
import type { TargetGroup } from '../../types.ts';
import { hostPort, type LabelMap, meta, metadataLabels } from '../labels.ts';
import type { Node } from '../objects.ts';
import type { World } from '../world.ts';

/** In the order in which a node's own address is looked for. */
const ADDRESS_TYPES = [
  'InternalIP',
  'InternalDNS',
  'ExternalIP',
  'ExternalDNS',
  'LegacyHostIP',
  'Hostname',
] as const;
const KUBELET_PORT = 10_250;

/** One target per node: its kubelet. */
export function nodeGroups(world: World): TargetGroup[] {
  return [...world.nodes.values()].flatMap((node) => {
    const host = addressOf(node);
    if (host === undefined) return [];
    const port = node.status.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT;
    return [
      {
        source: `node/${node.metadata.name}`,
        labels: {
          ...meta({ node_name: node.metadata.name, node_provider_id: node.spec.providerID }),
          ...metadataLabels('node', node.metadata),
        },
        targets: [
          {
            __address__: hostPort(host, port),
            instance: node.metadata.name,
            ...addressLabels(node),
          },
        ],
      },
    ];
  });
}

function addressOf({ status }: Node): string | undefined {
  for (const type of ADDRESS_TYPES) {
    const found = status.addresses.find((address) => address.type === type);
    if (found !== undefined) return found.address;
  }
  return undefined;
}

function addressLabels({ status }: Node): LabelMap {
  const labels: LabelMap = {};
  for (const { type, address } of status.addresses)
    labels[`__meta_kubernetes_node_address_${labelName(type)}`] ??= address;
  return labels;
}

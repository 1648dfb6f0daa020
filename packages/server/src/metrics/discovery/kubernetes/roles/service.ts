import type { TargetGroup } from '../../types.ts';
import { type LabelMap, meta, metadataLabels } from '../labels.ts';
import type { Service } from '../objects.ts';
import type { World } from '../world.ts';
import { attachedLabels } from './attach.ts';

/** One target per port of each service, at its name in the cluster's DNS: for probing from outside. */
export function serviceGroups(world: World): TargetGroup[] {
  return [...world.services.values()].map((service) => {
    const { name, namespace } = service.metadata;
    return {
      source: `svc/${namespace}/${name}`,
      labels: {
        ...meta({ namespace }),
        ...serviceLabels(service),
        ...attachedLabels(world, { node: '', namespace }),
      },
      targets: service.spec.ports.map((port) => ({
        __address__: `${name}.${namespace}.svc:${port.port}`,
        ...meta({
          service_port_name: port.name,
          service_port_number: port.port,
          service_port_protocol: port.protocol || 'TCP',
          service_type: service.spec.type,
          ...(service.spec.type === 'ExternalName'
            ? { service_external_name: service.spec.externalName }
            : {
                service_cluster_ip: service.spec.clusterIP,
                service_loadbalancer_ip: service.spec.loadBalancerIP,
              }),
        }),
      })),
    };
  });
}

export function serviceLabels({ metadata }: Service): LabelMap {
  return { ...meta({ service_name: metadata.name }), ...metadataLabels('service', metadata) };
}

import type { TargetGroup } from '../../types.ts';
import { meta, metadataLabels } from '../labels.ts';
import type { Ingress } from '../objects.ts';
import type { World } from '../world.ts';
import { attachedLabels } from './attach.ts';

/** One target per host and path of each ingress: for probing from outside. */
export function ingressGroups(world: World): TargetGroup[] {
  return [...world.ingresses.values()].map((ingress) => {
    const { name, namespace } = ingress.metadata;
    return {
      source: `ingress/${namespace}/${name}`,
      labels: {
        ...meta({
          namespace,
          ingress_name: name,
          ingress_class_name: ingress.spec.ingressClassName ?? undefined,
        }),
        ...metadataLabels('ingress', ingress.metadata),
        ...attachedLabels(world, { node: '', namespace }),
      },
      targets: ingress.spec.rules.flatMap(({ host, http }) => {
        const address = host === '' ? '*' : host;
        const paths = http?.paths.map(({ path }) => path || '/') ?? ['/'];
        return paths.map((path) => ({
          __address__: address,
          ...meta({
            ingress_scheme: hasTls(ingress, host) ? 'https' : 'http',
            ingress_host: address,
            ingress_path: path,
          }),
        }));
      }),
    };
  });
}

/** A certificate's `*.` covers one label of the host's name. */
function hasTls({ spec }: Ingress, host: string): boolean {
  return spec.tls.some(({ hosts }) =>
    hosts.some(
      (covered) =>
        covered === host ||
        (covered.startsWith('*.') &&
          host.includes('.') &&
          covered.slice(1) === host.slice(host.indexOf('.'))),
    ),
  );
}

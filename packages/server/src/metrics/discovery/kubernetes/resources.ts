import type { KubernetesSdConfig } from '../config.ts';
import type { TargetGroup } from '../types.ts';
import { endpointsGroups } from './roles/endpoints.ts';
import { endpointSliceGroups } from './roles/endpointslice.ts';
import { ingressGroups } from './roles/ingress.ts';
import { nodeGroups } from './roles/node.ts';
import { podGroups } from './roles/pod.ts';
import { serviceGroups } from './roles/service.ts';
import type { World } from './world.ts';

/** Where a kind of object is listed, and whether it lives in namespaces. */
export const RESOURCES = {
  pods: { root: '/api/v1', path: 'pods', namespaced: true, selector: 'pod' },
  nodes: { root: '/api/v1', path: 'nodes', namespaced: false, selector: 'node' },
  services: { root: '/api/v1', path: 'services', namespaced: true, selector: 'service' },
  endpoints: { root: '/api/v1', path: 'endpoints', namespaced: true, selector: 'endpoints' },
  endpointSlices: {
    root: '/apis/discovery.k8s.io/v1',
    path: 'endpointslices',
    namespaced: true,
    selector: 'endpointslice',
  },
  ingresses: { root: '/apis/networking.k8s.io/v1', path: 'ingresses', namespaced: true, selector: 'ingress' },
  namespaces: { root: '/api/v1', path: 'namespaces', namespaced: false, selector: null },
} as const satisfies Readonly<Record<keyof World, unknown>>;

export type ResourceName = keyof typeof RESOURCES;

/** A role: the kinds it watches, and its targets as a pure function of them. A new role is one file and one entry here. */
export const ROLES: Readonly<
  Record<
    KubernetesSdConfig['role'],
    { readonly watches: readonly ResourceName[]; readonly groups: (world: World) => TargetGroup[] }
  >
> = {
  pod: { watches: ['pods'], groups: podGroups },
  node: { watches: ['nodes'], groups: nodeGroups },
  service: { watches: ['services'], groups: serviceGroups },
  endpoints: { watches: ['endpoints', 'services', 'pods'], groups: endpointsGroups },
  endpointslice: { watches: ['endpointSlices', 'services', 'pods'], groups: endpointSliceGroups },
  ingress: { watches: ['ingresses'], groups: ingressGroups },
};

/** The kinds a configuration watches: its role's, and those it attaches labels of. */
export function watchedBy(config: KubernetesSdConfig): readonly ResourceName[] {
  const { node, namespace } = config.attach_metadata;
  return [
    ...ROLES[config.role].watches,
    ...(node && config.role !== 'node' ? (['nodes'] as const) : []),
    ...(namespace ? (['namespaces'] as const) : []),
  ];
}

import type { EndpointSlice, Endpoints, Ingress, Metadata, Node, Pod, Service } from './objects.ts';

/** What is known of a cluster now, by namespace and name (nodes and namespaces by name alone). Kinds that are not watched stay empty. */
export interface World {
  readonly pods: ReadonlyMap<string, Pod>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly services: ReadonlyMap<string, Service>;
  readonly endpoints: ReadonlyMap<string, Endpoints>;
  readonly endpointSlices: ReadonlyMap<string, EndpointSlice>;
  readonly ingresses: ReadonlyMap<string, Ingress>;
  readonly namespaces: ReadonlyMap<string, { readonly metadata: Metadata }>;
}

export function keyOf(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

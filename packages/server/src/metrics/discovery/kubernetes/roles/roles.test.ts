import { describe, expect, it } from 'vitest';
import { flat } from '../../testing/harness.ts';
import {
  endpointSliceSchema,
  endpointsSchema,
  ingressSchema,
  nodeSchema,
  podSchema,
  serviceSchema,
} from '../objects.ts';
import { ROLES } from '../resources.ts';
import { keyOf, type World } from '../world.ts';

const EMPTY: World = {
  pods: new Map(),
  nodes: new Map(),
  services: new Map(),
  endpoints: new Map(),
  endpointSlices: new Map(),
  ingresses: new Map(),
  namespaces: new Map(),
};

function by<Thing extends { readonly metadata: { readonly namespace: string; readonly name: string } }>(
  ...things: Thing[]
): ReadonlyMap<string, Thing> {
  return new Map(things.map((thing) => [keyOf(thing.metadata.namespace, thing.metadata.name), thing]));
}

const METADATA = {
  name: 'order',
  namespace: 'shop',
  labels: { 'app.kubernetes.io/name': 'order' },
  annotations: { 'prometheus.io/scrape': 'true' },
};
/** What every kind's labels and annotations become. */
const twins = (kind: string) => ({
  [`__meta_kubernetes_${kind}_label_app_kubernetes_io_name`]: 'order',
  [`__meta_kubernetes_${kind}_labelpresent_app_kubernetes_io_name`]: 'true',
  [`__meta_kubernetes_${kind}_annotation_prometheus_io_scrape`]: 'true',
  [`__meta_kubernetes_${kind}_annotationpresent_prometheus_io_scrape`]: 'true',
});

const POD = podSchema.parse({
  metadata: {
    ...METADATA,
    uid: 'u1',
    ownerReferences: [{ kind: 'ReplicaSet', name: 'order-7d', controller: true }],
  },
  spec: {
    nodeName: 'n1',
    containers: [
      { name: 'app', image: 'order:1', ports: [{ name: 'http', containerPort: 80 }] },
      { name: 'quiet', image: 'q:1' },
    ],
    initContainers: [{ name: 'init', image: 'i:1' }],
  },
  status: {
    phase: 'Running',
    podIP: 'fd00::2',
    hostIP: '10.0.0.1',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'app', containerID: 'containerd://1' }],
  },
});

const POD_LABELS = {
  __meta_kubernetes_pod_name: 'order',
  __meta_kubernetes_pod_ip: 'fd00::2',
  __meta_kubernetes_pod_ready: 'false',
  __meta_kubernetes_pod_phase: 'Running',
  __meta_kubernetes_pod_node_name: 'n1',
  __meta_kubernetes_pod_host_ip: '10.0.0.1',
  __meta_kubernetes_pod_uid: 'u1',
  __meta_kubernetes_pod_controller_kind: 'ReplicaSet',
  __meta_kubernetes_pod_controller_name: 'order-7d',
  ...twins('pod'),
};

const APP_LABELS = {
  __meta_kubernetes_pod_container_name: 'app',
  __meta_kubernetes_pod_container_id: 'containerd://1',
  __meta_kubernetes_pod_container_image: 'order:1',
  __meta_kubernetes_pod_container_init: 'false',
  __meta_kubernetes_pod_container_port_name: 'http',
  __meta_kubernetes_pod_container_port_number: '80',
  __meta_kubernetes_pod_container_port_protocol: 'TCP',
};

describe('roles', () => {
  it('pod: a target per port, and one for a container without any', () => {
    const targets = flat(ROLES.pod.groups({ ...EMPTY, pods: by(POD) }));
    expect(targets.map((target) => target['__address__'])).toEqual([
      '[fd00::2]:80',
      '[fd00::2]',
      '[fd00::2]',
    ]);
    expect(targets[0]).toEqual({
      __address__: '[fd00::2]:80',
      __meta_kubernetes_namespace: 'shop',
      ...POD_LABELS,
      ...APP_LABELS,
    });
    expect(targets[2]).toMatchObject({ __meta_kubernetes_pod_container_init: 'true' });
  });

  it('pod: none before it has an address', () => {
    const pending = podSchema.parse({ metadata: METADATA, spec: {}, status: { phase: 'Pending' } });
    expect(ROLES.pod.groups({ ...EMPTY, pods: by(pending) })).toEqual([]);
  });

  it('node: its kubelet, under its name', () => {
    const node = nodeSchema.parse({
      metadata: { ...METADATA, namespace: undefined, name: 'n1' },
      spec: { providerID: 'aws:///i-1' },
      status: {
        addresses: [
          { type: 'Hostname', address: 'n1.local' },
          { type: 'InternalIP', address: '10.0.0.1' },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10_255 } },
      },
    });
    expect(flat(ROLES.node.groups({ ...EMPTY, nodes: by(node) }))).toEqual([
      {
        __address__: '10.0.0.1:10255',
        instance: 'n1',
        __meta_kubernetes_node_name: 'n1',
        __meta_kubernetes_node_provider_id: 'aws:///i-1',
        __meta_kubernetes_node_address_Hostname: 'n1.local',
        __meta_kubernetes_node_address_InternalIP: '10.0.0.1',
        ...twins('node'),
      },
    ]);
  });

  it('service: a target per port at its DNS name', () => {
    const service = serviceSchema.parse({
      metadata: METADATA,
      spec: { type: 'ClusterIP', clusterIP: '10.2.0.1', ports: [{ name: 'http', port: 80 }] },
    });
    expect(flat(ROLES.service.groups({ ...EMPTY, services: by(service) }))).toEqual([
      {
        __address__: 'order.shop.svc:80',
        __meta_kubernetes_namespace: 'shop',
        __meta_kubernetes_service_name: 'order',
        __meta_kubernetes_service_type: 'ClusterIP',
        __meta_kubernetes_service_cluster_ip: '10.2.0.1',
        __meta_kubernetes_service_port_name: 'http',
        __meta_kubernetes_service_port_number: '80',
        __meta_kubernetes_service_port_protocol: 'TCP',
        ...twins('service'),
      },
    ]);
    const external = serviceSchema.parse({
      metadata: METADATA,
      spec: { type: 'ExternalName', externalName: 'db.example', ports: [{ port: 5432 }] },
    });
    expect(flat(ROLES.service.groups({ ...EMPTY, services: by(external) }))[0]).toMatchObject({
      __meta_kubernetes_service_external_name: 'db.example',
    });
  });

  it('endpoints: addresses that are not ready say so', () => {
    const endpoints = endpointsSchema.parse({
      metadata: METADATA,
      subsets: [
        {
          notReadyAddresses: [{ ip: '10.1.0.1', hostname: 'h1', targetRef: { kind: 'Pod', name: 'order' } }],
          ports: [{ port: 80 }],
        },
      ],
    });
    expect(flat(ROLES.endpoints.groups({ ...EMPTY, endpoints: by(endpoints), pods: by(POD) }))).toEqual([
      {
        __address__: '10.1.0.1:80',
        __meta_kubernetes_namespace: 'shop',
        __meta_kubernetes_endpoints_name: 'order',
        __meta_kubernetes_endpoint_ready: 'false',
        __meta_kubernetes_endpoint_hostname: 'h1',
        __meta_kubernetes_endpoint_port_protocol: 'TCP',
        __meta_kubernetes_endpoint_address_target_kind: 'Pod',
        __meta_kubernetes_endpoint_address_target_name: 'order',
        ...twins('endpoints'),
        ...POD_LABELS,
        ...APP_LABELS,
      },
    ]);
  });

  it('endpointslice: conditions, zone and the service it belongs to', () => {
    const slice = endpointSliceSchema.parse({
      metadata: {
        ...METADATA,
        name: 'order-x',
        labels: { 'kubernetes.io/service-name': 'order' },
        annotations: {},
      },
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.1.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'n1',
          zone: 'eu-1',
        },
      ],
      ports: [{ name: 'http', port: 80, appProtocol: 'h2c' }, { name: 'all' }],
    });
    const service = serviceSchema.parse({ metadata: { name: 'order', namespace: 'shop' }, spec: {} });
    const world = { ...EMPTY, endpointSlices: by(slice), services: by(service) };
    expect(flat(ROLES.endpointslice.groups(world))).toEqual([
      {
        __address__: '10.1.0.1:80',
        __meta_kubernetes_namespace: 'shop',
        __meta_kubernetes_service_name: 'order',
        __meta_kubernetes_endpointslice_name: 'order-x',
        __meta_kubernetes_endpointslice_address_type: 'IPv4',
        __meta_kubernetes_endpointslice_label_kubernetes_io_service_name: 'order',
        __meta_kubernetes_endpointslice_labelpresent_kubernetes_io_service_name: 'true',
        __meta_kubernetes_endpointslice_port: '80',
        __meta_kubernetes_endpointslice_port_name: 'http',
        __meta_kubernetes_endpointslice_port_protocol: 'TCP',
        __meta_kubernetes_endpointslice_port_app_protocol: 'h2c',
        __meta_kubernetes_endpointslice_endpoint_conditions_ready: 'true',
        __meta_kubernetes_endpointslice_endpoint_conditions_serving: 'true',
        __meta_kubernetes_endpointslice_endpoint_conditions_terminating: 'false',
        __meta_kubernetes_endpointslice_endpoint_node_name: 'n1',
        __meta_kubernetes_endpointslice_endpoint_zone: 'eu-1',
      },
    ]);
  });

  it('ingress: a target per host and path, https where a certificate covers the host', () => {
    const ingress = ingressSchema.parse({
      metadata: METADATA,
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['*.example.org'] }],
        rules: [
          { host: 'a.example.org', http: { paths: [{ path: '/' }, { path: '/api' }] } },
          { host: 'b.a.example.org' },
        ],
      },
    });
    const targets = flat(ROLES.ingress.groups({ ...EMPTY, ingresses: by(ingress) }));
    expect(
      targets.map((t) => [
        t['__meta_kubernetes_ingress_scheme'],
        t['__address__'],
        t['__meta_kubernetes_ingress_path'],
      ]),
    ).toEqual([
      ['https', 'a.example.org', '/'],
      ['https', 'a.example.org', '/api'],
      ['http', 'b.a.example.org', '/'],
    ]);
    expect(targets[0]).toMatchObject({ __meta_kubernetes_ingress_class_name: 'nginx', ...twins('ingress') });
  });
});

import { z } from 'zod';

/*
 * What is read of Kubernetes' objects; all else is left out while parsing. Missing lists are empty, missing texts ''.
 * Source: Kubernetes API reference v1, discovery.k8s.io/v1, networking.k8s.io/v1.
 */

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const listOf = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);

export const metadataSchema = z.object({
  name: z.string(),
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: texts,
  annotations: texts,
  ownerReferences: listOf(
    z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }),
  ),
});

const portSchema = z.object({ name: text, containerPort: z.number(), protocol: text });
const containerSchema = z.object({ name: z.string(), image: text, ports: listOf(portSchema) });
const containerStatusSchema = z.object({ name: z.string(), containerID: text });

export const podSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    nodeName: text,
    containers: listOf(containerSchema),
    initContainers: listOf(containerSchema),
  }),
  status: z.object({
    phase: text,
    podIP: text,
    hostIP: text,
    conditions: listOf(z.object({ type: z.string(), status: z.string() })),
    containerStatuses: listOf(containerStatusSchema),
    initContainerStatuses: listOf(containerStatusSchema),
  }),
});

export const nodeSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ providerID: text }).prefault({}),
  status: z.object({
    addresses: listOf(z.object({ type: z.string(), address: z.string() })),
    daemonEndpoints: z
      .object({ kubeletEndpoint: z.object({ Port: z.number().nullish() }).nullish() })
      .nullish(),
  }),
});

export const serviceSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    type: text,
    clusterIP: text,
    externalName: text,
    loadBalancerIP: text,
    ports: listOf(z.object({ name: text, port: z.number(), protocol: text })),
  }),
});

const targetRefSchema = z.object({ kind: text, name: text, namespace: text }).nullish();

const addressSchema = z.object({
  ip: z.string(),
  hostname: text,
  nodeName: text,
  targetRef: targetRefSchema,
});

export const endpointsSchema = z.object({
  metadata: metadataSchema,
  subsets: listOf(
    z.object({
      addresses: listOf(addressSchema),
      notReadyAddresses: listOf(addressSchema),
      ports: listOf(z.object({ name: text, port: z.number(), protocol: text })),
    }),
  ),
});

export const endpointSliceSchema = z.object({
  metadata: metadataSchema,
  addressType: text,
  endpoints: listOf(
    z.object({
      addresses: listOf(z.string()),
      conditions: z
        .object({
          ready: z.boolean().nullish(),
          serving: z.boolean().nullish(),
          terminating: z.boolean().nullish(),
        })
        .nullish(),
      hostname: text,
      nodeName: text,
      zone: text,
      targetRef: targetRefSchema,
    }),
  ),
  ports: listOf(
    z.object({ name: text, port: z.number().nullish(), protocol: text, appProtocol: z.string().nullish() }),
  ),
});

export const ingressSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    ingressClassName: z.string().nullish(),
    tls: listOf(z.object({ hosts: listOf(z.string()) })),
    rules: listOf(
      z.object({
        host: text,
        http: z.object({ paths: listOf(z.object({ path: text })) }).nullish(),
      }),
    ),
  }),
});

export type Metadata = z.output<typeof metadataSchema>;
export type Pod = z.output<typeof podSchema>;
export type Node = z.output<typeof nodeSchema>;
export type Service = z.output<typeof serviceSchema>;
export type Endpoints = z.output<typeof endpointsSchema>;
export type EndpointSlice = z.output<typeof endpointSliceSchema>;
export type Ingress = z.output<typeof ingressSchema>;
export type Container = z.output<typeof containerSchema>;
export type ContainerPort = z.output<typeof portSchema>;
export type TargetRef = z.output<typeof targetRefSchema>;

/** The five services that Pharos watches. */
export const SERVICE_NAMES = ['auth', 'order', 'catalog', 'user', 'gateway'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Who may hold a service credential. */
export const CALLER_NAMES = [...SERVICE_NAMES, 'controller'] as const;
export type CallerName = (typeof CALLER_NAMES)[number];

/** Default ports: the API, the extra metrics listener, and the fault control channel (demo only). */
export const DEFAULT_PORTS: Readonly<
  Record<ServiceName, { readonly port: number; readonly metricsPort: number; readonly controlPort: number }>
> = {
  auth: { port: 8001, metricsPort: 8002, controlPort: 8101 },
  order: { port: 8003, metricsPort: 8004, controlPort: 8103 },
  catalog: { port: 8005, metricsPort: 8006, controlPort: 8105 },
  user: { port: 8007, metricsPort: 8008, controlPort: 8107 },
  gateway: { port: 8080, metricsPort: 8081, controlPort: 8180 },
};

export const CONTROLLER_PORT = 8009;

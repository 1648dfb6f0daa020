import { Draw } from './draw.ts';

/** How a service writes its lines. */
export type LineFormat = 'pino' | 'logfmt' | 'spring' | 'access' | 'python';

export interface BenchService {
  readonly name: string;
  readonly format: LineFormat;
  /** Of a hundred lines so many are its own. */
  readonly share: number;
  readonly pods: number;
}

/** A shop of twenty services as one finds them: a few talk most, and each stack has a format of its own. */
export const SERVICES: readonly BenchService[] = [
  { name: 'ingress', format: 'access', share: 18, pods: 4 },
  { name: 'gateway', format: 'pino', share: 12, pods: 4 },
  { name: 'catalog', format: 'logfmt', share: 10, pods: 6 },
  { name: 'cart', format: 'pino', share: 9, pods: 4 },
  { name: 'order', format: 'spring', share: 8, pods: 4 },
  { name: 'payment', format: 'spring', share: 6, pods: 3 },
  { name: 'inventory', format: 'logfmt', share: 6, pods: 3 },
  { name: 'user', format: 'pino', share: 5, pods: 3 },
  { name: 'search', format: 'logfmt', share: 5, pods: 3 },
  { name: 'pricing', format: 'logfmt', share: 4, pods: 2 },
  { name: 'recommendation', format: 'python', share: 3, pods: 3 },
  { name: 'mailer', format: 'python', share: 2, pods: 2 },
  { name: 'shipping', format: 'spring', share: 2, pods: 2 },
  { name: 'invoice', format: 'spring', share: 2, pods: 2 },
  { name: 'session', format: 'pino', share: 2, pods: 2 },
  { name: 'static', format: 'access', share: 2, pods: 2 },
  { name: 'fraud', format: 'python', share: 1, pods: 2 },
  { name: 'stock-feed', format: 'logfmt', share: 1, pods: 1 },
  { name: 'review', format: 'pino', share: 1, pods: 1 },
  { name: 'audit', format: 'spring', share: 1, pods: 1 },
];

/** Indexes of services, each as often as its share: a hundred of them. */
export const BY_SHARE: readonly number[] = SERVICES.flatMap(({ share }, at) =>
  Array.from({ length: share }, () => at),
);

export interface Pod {
  readonly service: BenchService;
  readonly name: string;
  readonly node: string;
}

const podDraw = new Draw();

/** The pods of each service, by its index. */
export const PODS: readonly (readonly Pod[])[] = SERVICES.map((service, at) => {
  const set = podDraw.seed(at, 77).hex(10);
  return Array.from({ length: service.pods }, (_, pod) => ({
    service,
    name: `${service.name}-${set}-${podDraw.seed(at * 100 + pod, 78).hex(5)}`,
    node: `node-${podDraw.below(6)}.cluster.local`,
  }));
});

const idDraw = new Draw();

/** The id of the n-th trace: 32 hex digits. */
export function traceIdOf(trace: number): string {
  return idDraw.seed(trace, 11).hex(32);
}

import { z } from 'zod';
import type { ServiceName } from '../ports.ts';
import { SERVICE_NAMES } from '../ports.ts';

/** What a form needs to know about one parameter of a fault. */
export interface ParamSpec {
  readonly name: string;
  readonly type: 'number' | 'string';
  readonly default: number | string;
  readonly min: number | null;
  readonly max: number | null;
  readonly unit: string | null;
  readonly description: string;
}

export type FaultParams = Readonly<Record<string, number | string>>;

interface KindSpec {
  readonly description: string;
  readonly services: readonly ServiceName[];
  readonly params: readonly ParamSpec[];
  /** The true cause in words, for the ground truth. */
  readonly cause: (service: ServiceName, params: FaultParams) => string;
  /** `service`: done inside the service. `traffic`: done by the controller through the gateway. */
  readonly by: 'service' | 'traffic';
}

const ALL = SERVICE_NAMES;

function num(
  name: string,
  fallback: number,
  [min, max]: readonly [number, number],
  unit: string | null,
  description: string,
): ParamSpec {
  return { name, type: 'number', default: fallback, min, max, unit, description };
}

const RATE = 'share of requests that are hit';
const PER_SECOND = num('per_second', 5, [0.1, 100], 'requests/s', 'how many of them');

export const FAULT_KINDS = {
  error_spike: {
    description: 'Requests fail with a server error',
    services: ALL,
    params: [
      num('rate', 0.3, [0.01, 1], 'ratio', RATE),
      num('status', 500, [500, 503], null, 'the HTTP status: 500, 502 or 503'),
    ],
    cause: (s, p) => `${s} fails ${percent(p['rate'])} of its requests with ${p['status']}`,
    by: 'service',
  },
  added_latency: {
    description: 'Requests are answered late',
    services: ALL,
    params: [
      num('latency_ms', 1000, [1, 60_000], 'ms', 'how late'),
      num('jitter_ms', 0, [0, 60_000], 'ms', 'how much it varies, up and down'),
      num('rate', 1, [0.01, 1], 'ratio', RATE),
    ],
    cause: (s, p) => `${s} answers ${p['latency_ms']} ms late`,
    by: 'service',
  },
  timeouts: {
    description: 'Requests hang until their caller gives up',
    services: ALL,
    params: [
      num('rate', 0.5, [0.01, 1], 'ratio', RATE),
      num('hang_ms', 30_000, [1_000, 120_000], 'ms', 'how long they hang'),
    ],
    cause: (s, p) => `${s} lets ${percent(p['rate'])} of its requests hang`,
    by: 'service',
  },
  dead_service: {
    description: 'The service stops answering on all of its ports',
    services: ALL,
    params: [],
    cause: (s) => `${s} is dead: nothing listens on its ports`,
    by: 'service',
  },
  slow_database: {
    description: "Every access to the service's own store is slow",
    services: ['auth', 'order', 'catalog', 'user'],
    params: [num('latency_ms', 500, [1, 60_000], 'ms', 'added to each access')],
    cause: (s, p) => `the database of ${s} is ${p['latency_ms']} ms slower`,
    by: 'service',
  },
  memory_leak: {
    description: 'Memory is taken and never given back',
    services: ALL,
    params: [
      num('mb_per_second', 8, [0.1, 100], 'MB/s', 'how fast'),
      num('max_mb', 200, [1, 2_000], 'MB', 'where it stops'),
    ],
    cause: (s, p) => `${s} leaks ${p['mb_per_second']} MB of memory a second`,
    by: 'service',
  },
  cpu_burn: {
    description: 'A busy loop takes the processor from the service',
    services: ALL,
    params: [num('percent', 80, [1, 95], '%', 'of one core')],
    cause: (s, p) => `${s} burns ${p['percent']} % of a core in a busy loop`,
    by: 'service',
  },
  bad_input: {
    description: 'A client sends malformed requests through the gateway',
    services: ALL,
    params: [PER_SECOND],
    cause: (s, p) => `a client sends ${p['per_second']} malformed requests a second to ${s}`,
    by: 'traffic',
  },
  auth_failure_storm: {
    description: 'A client tries wrong passwords through the gateway',
    services: ['auth'],
    params: [PER_SECOND],
    cause: (_s, p) => `a client tries ${p['per_second']} wrong passwords a second`,
    by: 'traffic',
  },
  stock_exhaustion: {
    description: 'Products are out of stock',
    services: ['catalog'],
    params: [
      {
        name: 'product_id',
        type: 'string',
        default: '',
        min: null,
        max: null,
        unit: null,
        description: 'one product; empty means all of them',
      },
    ],
    cause: (_s, p) =>
      p['product_id'] === '' ? 'every product is out of stock' : `product ${p['product_id']} is out of stock`,
    by: 'service',
  },
} as const satisfies Record<string, KindSpec>;

export type FaultKind = keyof typeof FAULT_KINDS;

export const FAULT_KIND_NAMES = [
  'error_spike',
  'added_latency',
  'timeouts',
  'dead_service',
  'slow_database',
  'memory_leak',
  'cpu_burn',
  'bad_input',
  'auth_failure_storm',
  'stock_exhaustion',
] as const satisfies readonly FaultKind[];

export function faultKind(kind: FaultKind): KindSpec {
  return FAULT_KINDS[kind];
}

/** A fault as a service is told of it. */
const injectedFault = z.object({
  id: z.string().min(1).max(64),
  kind: z.enum(FAULT_KIND_NAMES),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
});

export type InjectedFault = z.infer<typeof injectedFault>;

/** The wish of the controller: exactly these faults, for at most `lease_ms` unless it says so again. */
export const faultOrder = z.strictObject({
  faults: z.array(injectedFault).max(50),
  lease_ms: z.number().int().min(1_000).max(60_000),
});

/** A numeric parameter, or its default when it is not there. */
export function paramOf(fault: InjectedFault, name: string): number {
  const given = fault.params[name];
  if (typeof given === 'number') return given;
  const spec = faultKind(fault.kind).params.find((param) => param.name === name);
  return typeof spec?.default === 'number' ? spec.default : 0;
}

function percent(rate: number | string | undefined): string {
  return `${Math.round(Number(rate) * 100)} %`;
}

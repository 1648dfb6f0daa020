/** A made-up shop controller with the API of shop/README.md. */
interface Reply {
  readonly status: number;
  readonly body: unknown;
}

interface Fault {
  readonly id: string;
  readonly kind: string;
  readonly service: string;
  readonly params: Readonly<Record<string, unknown>>;
  state: 'active' | 'ended' | 'unreachable';
  readonly from: string;
  readonly until: string | null;
  to: string | null;
  readonly cause: string;
  readonly error: string | null;
}

const ALL = ['auth', 'order', 'catalog', 'user', 'gateway'];
const number = (
  name: string,
  value: number,
  [min, max]: readonly [number, number],
  unit: string | null,
  description: string,
) => ({
  name,
  type: 'number',
  default: value,
  min,
  max,
  unit,
  description,
});
const KINDS = [
  {
    kind: 'error_spike',
    description: 'Answers with errors',
    services: ALL,
    params: [
      number('rate', 0.3, [0, 1], null, 'share of requests'),
      number('status', 500, [500, 503], null, 'status code'),
    ],
  },
  {
    kind: 'added_latency',
    description: 'Answers late',
    services: ALL,
    params: [
      number('latency_ms', 1000, [1, 60_000], 'ms', 'delay of each answer'),
      number('jitter_ms', 0, [0, 60_000], 'ms', 'random part'),
      number('rate', 1, [0, 1], null, 'share of requests'),
    ],
  },
  { kind: 'dead_service', description: 'Closes every listener', services: ALL, params: [] },
  {
    kind: 'slow_database',
    description: 'Its store answers late',
    services: ['auth', 'order', 'catalog', 'user'],
    params: [number('latency_ms', 500, [1, 60_000], 'ms', 'delay of each operation')],
  },
  {
    kind: 'stock_exhaustion',
    description: 'Nothing is in stock',
    services: ['catalog'],
    params: [
      {
        name: 'product_id',
        type: 'string',
        default: '',
        min: null,
        max: null,
        unit: null,
        description: 'empty: all products',
      },
    ],
  },
];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

type Body = Readonly<Record<string, unknown>>;

class Shop {
  readonly #started = Date.now();
  readonly #faults: Fault[] = [];
  #traffic: Body = { mode: 'steady', rate: 6, period_seconds: 60, users: 8 };
  #verdicts = 'shadow';
  #counter = 0;

  constructor(scenario: string) {
    const old = this.#add('added_latency', 'catalog', { latency_ms: 400 }, this.#started - 3_600_000);
    old.state = 'ended';
    old.to = new Date(this.#started - 3_540_000).toISOString();
    if (scenario === 'trouble') {
      this.#add('slow_database', 'order', { latency_ms: 500 }, this.#started - 840_000);
    }
  }

  #add(kind: string, service: string, params: Body, from: number, seconds: number | null = null): Fault {
    this.#counter++;
    const fault: Fault = {
      id: `flt_${this.#counter.toString(16).padStart(4, '0')}`,
      kind,
      service,
      params,
      state: 'active',
      from: new Date(from).toISOString(),
      until: seconds === null ? null : new Date(from + seconds * 1000).toISOString(),
      to: null,
      cause: `${service}: ${kind.replaceAll('_', ' ')}`,
      error: null,
    };
    this.#faults.unshift(fault);
    return fault;
  }

  traffic(body: unknown): Reply {
    if (isRecord(body)) this.#traffic = { ...this.#traffic, ...body };
    const { mode, rate } = this.#traffic;
    return {
      status: 200,
      body: {
        ...this.#traffic,
        current_rate: mode === 'off' ? 0 : rate,
        in_flight: 1,
        signed_in_users: 8,
        sent_total: 48_210,
        dropped_total: 0,
        by_status: { '2xx': 47_892, '4xx': 301, '5xx': 17, failed: 0 },
        by_action: { search: 400, order: 210 },
        since: new Date(this.#started).toISOString(),
      },
    };
  }

  verdicts(body: unknown): Reply {
    if (isRecord(body) && typeof body['mode'] === 'string') this.#verdicts = body['mode'];
    return { status: 200, body: { mode: this.#verdicts } };
  }

  list(): Reply {
    return {
      status: 200,
      body: { timestamp: new Date().toISOString(), kinds: KINDS, faults: this.#faults },
    };
  }

  start(body: unknown): Reply {
    if (!isRecord(body) || typeof body['kind'] !== 'string') return refusal('kind: missing');
    const params = isRecord(body['params']) ? body['params'] : {};
    if (Number(params['rate'] ?? 0) > 1) {
      return refusal(`rate: got ${String(params['rate'])}, expected a number from 0 to 1`);
    }
    const seconds = typeof body['duration_seconds'] === 'number' ? body['duration_seconds'] : null;
    const service = typeof body['service'] === 'string' ? body['service'] : 'catalog';
    return { status: 201, body: this.#add(body['kind'], service, params, Date.now(), seconds) };
  }

  end(id: string | undefined): Reply {
    const ended = this.#faults.filter(
      (fault) => fault.state !== 'ended' && (id === undefined || fault.id === id),
    );
    for (const fault of ended) {
      fault.state = 'ended';
      fault.to = new Date().toISOString();
    }
    if (id === undefined) return { status: 200, body: { ended } };
    return { status: 200, body: this.#faults.find((fault) => fault.id === id) ?? null };
  }

  truth(): Reply {
    const entries = this.#faults.map(({ id, kind, service, params, from, to, cause }) => {
      return { id, what: kind, where: service, parameters: params, from, to, cause };
    });
    return {
      status: 200,
      body: { timestamp: new Date().toISOString(), total: entries.length, entries: entries.toReversed() },
    };
  }
}

function refusal(message: string): Reply {
  return { status: 400, body: { error: { code: 'validation', message } } };
}

export interface ShopRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly scenario: string;
}

export function createShop(): (request: ShopRequest) => Reply {
  let shop: Shop | null = null;
  return ({ method, path, body, scenario }) => {
    if (scenario === 'empty') return { status: 503, body: { error: { message: 'the shop is not running' } } };
    shop ??= new Shop(scenario);
    if (path === '/traffic') return shop.traffic(method === 'POST' ? body : null);
    if (path === '/truth') return shop.truth();
    if (path === '/verdicts') return shop.verdicts(method === 'POST' ? body : null);
    if (path.startsWith('/faults')) {
      if (method === 'DELETE') return shop.end(path.split('/')[2]);
      return method === 'POST' ? shop.start(body) : shop.list();
    }
    return { status: 404, body: { error: { message: 'no such path' } } };
  };
}

import type { Draw } from './draw.ts';

export type Attributes = readonly (readonly [key: string, value: string | number])[];

/** What one kind of request does: a step, and the steps it makes in turn. Durations in µs are of the step alone. */
export interface Step {
  readonly service: string;
  readonly name: string;
  /** OTLP's SpanKind. */
  readonly kind: 1 | 2 | 3 | 4 | 5;
  readonly scope: string;
  readonly micros: number;
  /** Of a hundred traces so many make the step; all when absent. */
  readonly percent?: number;
  readonly attributes: (draw: Draw, ids: TraceIds) => Attributes;
  readonly steps?: readonly Step[];
}

/** What a whole trace is about. */
export interface TraceIds {
  readonly user: string;
  readonly order: string;
}

const HTTP = '@opentelemetry/instrumentation-http';
const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

const status = (draw: Draw): number => (draw.chance(95) ? 200 : draw.pick([201, 204, 400, 404, 409]));

function request(service: string, method: string, route: string, steps: readonly Step[], micros = 900): Step {
  return {
    service,
    name: `${method} ${route}`,
    kind: 2,
    scope: HTTP,
    micros,
    steps,
    attributes: (draw, { user }) => [
      ['http.request.method', method],
      ['url.scheme', 'http'],
      ['url.path', route.replace(/:\w+/, String(draw.below(40_000)))],
      ['http.route', route],
      ['http.response.status_code', status(draw)],
      ['network.protocol.version', '1.1'],
      ['server.address', service],
      ['server.port', 8080],
      ['client.address', `10.${draw.below(4)}.${draw.below(40)}.${draw.between(2, 250)}`],
      ...(service === 'gateway'
        ? ([
            ['user_agent.original', AGENT],
            ['user.id', user],
          ] as const)
        : []),
    ],
  };
}

function call(from: string, service: string, method: string, route: string, steps: readonly Step[]): Step {
  return {
    service: from,
    name: method,
    kind: 3,
    scope: HTTP,
    micros: 300,
    steps: [request(service, method, route, steps)],
    attributes: (draw) => [
      ['http.request.method', method],
      ['url.full', `http://${service}:8080${route.replace(/:\w+/, String(draw.below(40_000)))}`],
      ['server.address', service],
      ['server.port', 8080],
      ['http.response.status_code', status(draw)],
      ['network.peer.address', `10.0.${draw.below(40)}.${draw.between(2, 250)}`],
    ],
  };
}

function query(service: string, statement: string, table: string, percent = 100): Step {
  const operation = statement.slice(0, statement.indexOf(' '));
  return {
    service,
    name: `${operation} ${table}`,
    kind: 3,
    scope: '@opentelemetry/instrumentation-pg',
    micros: 1800,
    percent,
    attributes: () => [
      ['db.system.name', 'postgresql'],
      ['db.namespace', service],
      ['db.operation.name', operation],
      ['db.collection.name', table],
      ['db.query.text', statement],
      ['server.address', `${service}-db`],
      ['server.port', 5432],
    ],
  };
}

function cache(service: string, command: string): Step {
  return {
    service,
    name: command,
    kind: 3,
    scope: '@opentelemetry/instrumentation-redis',
    micros: 250,
    attributes: (draw) => [
      ['db.system.name', 'redis'],
      ['db.operation.name', command],
      ['db.query.text', `${command} ${service}:${draw.below(40_000)}`],
      ['server.address', 'redis'],
      ['server.port', 6379],
    ],
  };
}

function work(service: string, name: string, micros: number): Step {
  return {
    service,
    name,
    kind: 1,
    scope: 'shop',
    micros,
    attributes: (draw, { order }) => [
      ['order.id', order],
      ['shop.items', draw.between(1, 9)],
    ],
  };
}

const sent: Step = {
  service: 'order',
  name: 'send orders',
  kind: 4,
  scope: '@opentelemetry/instrumentation-kafkajs',
  micros: 400,
  attributes: (draw) => [
    ['messaging.system', 'kafka'],
    ['messaging.destination.name', 'orders'],
    ['messaging.operation.type', 'send'],
    ['messaging.destination.partition.id', String(draw.below(12))],
  ],
  steps: ['mailer', 'shipping', 'invoice'].map((service) => ({
    service,
    name: 'process orders',
    kind: 5 as const,
    scope: '@opentelemetry/instrumentation-kafkajs',
    micros: 6000,
    attributes: (draw: Draw) => [
      ['messaging.system', 'kafka'],
      ['messaging.destination.name', 'orders'],
      ['messaging.operation.type', 'process'],
      ['messaging.kafka.offset', draw.below(50_000_000)],
    ],
    steps: [
      query(service, `INSERT INTO ${service}_jobs (order_id, state) VALUES ($1, $2)`, `${service}_jobs`),
    ],
  })),
};

const product = [
  cache('catalog', 'GET'),
  query('catalog', 'SELECT * FROM products WHERE id = $1', 'products', 30),
  call('catalog', 'pricing', 'GET', '/prices/:id', [cache('pricing', 'MGET')]),
];

/** The requests of the shop, and how many of a hundred are of each kind. */
export const REQUESTS: readonly { readonly share: number; readonly root: Step }[] = [
  {
    share: 46,
    root: request('gateway', 'GET', '/api/v1/products/:id', [
      call('gateway', 'catalog', 'GET', '/products/:id', product),
      call('gateway', 'recommendation', 'GET', '/related/:id', [cache('recommendation', 'ZRANGE')]),
    ]),
  },
  {
    share: 20,
    root: request('gateway', 'GET', '/api/v1/search', [
      call('gateway', 'search', 'GET', '/search', [
        query('search', 'SELECT id, rank FROM documents WHERE body @@ to_tsquery($1) LIMIT 40', 'documents'),
      ]),
    ]),
  },
  {
    share: 22,
    root: request('gateway', 'POST', '/api/v1/carts/:id/items', [
      call('gateway', 'user', 'GET', '/sessions/:id', [cache('user', 'GET')]),
      call('gateway', 'cart', 'POST', '/carts/:id/items', [
        query('cart', 'UPDATE carts SET items = $2, changed_at = now() WHERE id = $1', 'carts'),
        call('cart', 'inventory', 'GET', '/stock/:id', [
          query('inventory', 'SELECT count FROM stock_levels WHERE sku = $1', 'stock_levels'),
        ]),
      ]),
    ]),
  },
  {
    share: 12,
    root: request('gateway', 'POST', '/api/v1/orders', [
      call('gateway', 'order', 'POST', '/orders', [
        work('order', 'validate order', 900),
        query('order', 'INSERT INTO orders (id, customer, state, total) VALUES ($1, $2, $3, $4)', 'orders'),
        call('order', 'inventory', 'POST', '/reservations', [
          query(
            'inventory',
            'UPDATE stock_levels SET reserved = reserved + $2 WHERE sku = $1',
            'stock_levels',
          ),
        ]),
        call('order', 'fraud', 'POST', '/scores', [work('fraud', 'score order', 12_000)]),
        call('order', 'payment', 'POST', '/charges', [
          work('payment', 'charge', 4000),
          query('payment', 'INSERT INTO payments (id, order_id, amount) VALUES ($1, $2, $3)', 'payments'),
        ]),
        sent,
      ]),
    ]),
  },
];

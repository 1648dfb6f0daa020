import type { Random } from '../../kernel/random.ts';

const NAMES = [
  'TypeError',
  'Error',
  'RangeError',
  'OrderError',
  'MongoServerError',
  'ValidationError',
  'AxiosError',
];
const VERBS = [
  'load',
  'save',
  'reserve',
  'charge',
  'ship',
  'cancel',
  'render',
  'publish',
  'validate',
  'refresh',
];
const THINGS = ['order', 'basket', 'invoice', 'profile', 'stock'];

/** What differs between two occurrences of one error. */
const NOISE: readonly ((random: Random) => string)[] = [
  (random) => String(Math.floor(random() * 10 ** Math.ceil(random() * 9))),
  (random) => uuid(random),
  (random) => hex(random, 24),
  (random) => `0x${hex(random, 8)}`,
  (random) => Array.from({ length: 4 }, () => Math.floor(random() * 256)).join('.'),
  (random) =>
    `${Array.from({ length: 4 }, () => Math.floor(random() * 256)).join('.')}:${Math.floor(1 + random() * 65_534)}`,
  (random) => new Date(Math.floor(random() * 2e12)).toISOString(),
  (random) => `"${word(random)} ${word(random)}"`,
  (random) => `'${word(random)}'`,
  (random) => `${word(random)}.${word(random)}@${word(random)}.example`,
  (random) => `/srv/${word(random)}/${word(random)}/file-${Math.floor(random() * 1e6)}.json`,
  (random) =>
    `https://${word(random)}.example/${word(random)}/${Math.floor(random() * 1e4)}?q=${word(random)}`,
  (random) => `${(random() * 5000).toFixed(2)}ms`,
];

/** One of many shapes of errors: what stays the same, and how to make an occurrence of it. */
export interface ErrorShape {
  readonly index: number;
  /** An error as the JSON door takes it. */
  make(random: Random, time: number): Record<string, unknown>;
}

/** Shapes that differ in class, words of the message, place of the throw, or what caused them. */
export function shapesOf(many: number): ErrorShape[] {
  return Array.from({ length: many }, (_, index) => {
    const name = NAMES[index % NAMES.length] ?? 'Error';
    const verb = VERBS[index % VERBS.length] ?? 'load';
    const thing = THINGS[Math.floor(index / VERBS.length) % THINGS.length] ?? 'order';
    const slots = 1 + (index % 3);
    const caused = index % 7 === 3;
    return {
      index,
      make(random, time) {
        const noise = Array.from({ length: slots }, (_, slot) => {
          const make = NOISE[(index + slot) % NOISE.length];
          return make === undefined ? '' : make(random);
        });
        const message = `could not ${verb} ${thing}: ${noise.join(' after ')} was refused`;
        return {
          id: hex(random, 32),
          service: 'order-service',
          timestamp: new Date(time).toISOString(),
          name,
          message,
          stack: stackOf(`${name}: ${message}`, `${verb}${thing}`, thing, random),
          username: word(random),
          ...(caused && {
            causes: [
              {
                name: 'Error',
                message: `connect ECONNREFUSED 10.0.${Math.floor(random() * 255)}.7:5432`,
                code: 'ECONNREFUSED',
              },
            ],
          }),
        };
      },
    };
  });
}

/** The same throw as V8 tells it from different machines, builds and points of an async function. */
function stackOf(head: string, name: string, module: string, random: Random): string {
  const root =
    ['/app', '/home/deploy/releases/20260101/shop', 'file:///srv/shop', 'C:\\shop'][
      Math.floor(random() * 4)
    ] ?? '';
  const separator = root.startsWith('C:') ? '\\' : '/';
  const place = (file: string): string =>
    `${[root, 'src', file].join(separator)}:${Math.floor(1 + random() * 900)}:${Math.floor(1 + random() * 90)}`;
  const async = random() < 0.5;
  const callers = [
    `    at ${async ? 'async ' : ''}handle (${place('routes.js')})`,
    `    at ${async ? 'async ' : ''}Object.dispatch (${place('server.js')})`,
  ];
  const lines = [
    head,
    ...(random() < 0.3
      ? [`    at Socket.<anonymous> (${root}/node_modules/pg/lib/client.js:${Math.floor(random() * 500)}:11)`]
      : []),
    `    at ${name} (${place(`${module}.js`)})`,
    ...(async ? ['    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)'] : []),
    ...(random() < 0.2 ? ['    at async Promise.all (index 3)'] : []),
    ...(random() < 0.7 ? callers : callers.slice(0, 1)),
    ...(random() < 0.5
      ? [`    at Layer.handle [as handle_request] (${root}/node_modules/express/lib/router/layer.js:95:5)`]
      : []),
  ];
  return lines.join('\n');
}

function hex(random: Random, digits: number): string {
  // A run of letters alone would be a word.
  return `${Math.floor(random() * 10)}${Array.from({ length: digits - 1 }, () => Math.floor(random() * 16).toString(16)).join('')}`;
}

function uuid(random: Random): string {
  const digits = hex(random, 32);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}

function word(random: Random): string {
  return Array.from({ length: 3 + Math.floor(random() * 8) }, () =>
    String.fromCharCode(97 + Math.floor(random() * 26)),
  ).join('');
}

import { createServer } from 'node:http';
import { exposition } from './data.ts';

/** A process of its own that plays the targets (how many: its argument), so that its cost is nobody else's. Prints its port. */
const STEPS = 4;
const targets = Number(process.argv[2] ?? 10);
const bodies = Array.from({ length: targets }, (_, target) =>
  Array.from({ length: STEPS }, (__, step) => Buffer.from(exposition(target, step))),
);
const asked = new Map<number, number>();
const server = createServer((request, response) => {
  const target = Number(/^\/t\/(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
  const turn = asked.get(target) ?? 0;
  asked.set(target, turn + 1);
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  response.end(bodies[target]?.[turn % STEPS] ?? '');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening ${typeof address === 'object' && address !== null ? address.port : 0}`);
});
process.on('disconnect', () => process.exit(0));

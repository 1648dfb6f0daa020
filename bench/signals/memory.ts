import type { Cost } from '../process-cost.ts';

export function printMemory({ server, engine }: Record<'server' | 'engine', Cost>): void {
  const text = ({ residentMb, anonymousMb }: Cost): string =>
    `${residentMb.toFixed(0)} MB resident (${anonymousMb.toFixed(0)} anonymous)`;
  console.log(`memory after all of it: server ${text(server)}, engine ${text(engine)}`);
}

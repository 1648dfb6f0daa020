import { type HostCollector, linesOf, single } from '../family.ts';

const PATH = '/proc/meminfo';
const LINE = /^([A-Za-z0-9_]+)(?:\(([a-z]+)\))?:\s+(\d+)( kB)?$/;

/** Every field of /proc/meminfo, those in kB as bytes. */
export const meminfo: HostCollector = {
  files: [PATH],
  collect: (files) =>
    linesOf(files, PATH).flatMap((line) => {
      const match = LINE.exec(line);
      if (match === null) return [];
      const [, name = '', part, amount, unit] = match;
      const field = part === undefined ? name : `${name}_${part}`;
      const bytes = unit !== undefined;
      return [
        single(
          `node_memory_${field}${bytes ? '_bytes' : ''}`,
          'gauge',
          `Field ${field} of /proc/meminfo.`,
          Number(amount) * (bytes ? 1024 : 1),
        ),
      ];
    }),
};

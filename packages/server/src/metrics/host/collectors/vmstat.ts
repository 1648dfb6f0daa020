import { type HostCollector, linesOf, numberOf, single } from '../family.ts';

const PATH = '/proc/vmstat';
const WANTED = /^(?:oom_kill|pgpg|pswp|pg.*fault)/;

/** Paging, swapping, page faults and kills for lack of memory. */
export const vmstat: HostCollector = {
  files: [PATH],
  collect: (files) =>
    linesOf(files, PATH).flatMap((line) => {
      const [field = '', word] = line.split(/\s+/);
      const value = numberOf(word);
      if (value === null || !WANTED.test(field)) return [];
      return [single(`node_vmstat_${field}`, 'unknown', `Field ${field} of /proc/vmstat.`, value)];
    }),
};

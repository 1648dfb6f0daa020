import { type HostCollector, numberOf, single } from '../family.ts';

const PATH = '/proc/loadavg';
const WINDOWS = ['1', '5', '15'] as const;

/** Load averages. */
export const loadavg: HostCollector = {
  files: [PATH],
  collect: (files) => {
    const words = (files.get(PATH) ?? '').split(/\s+/);
    return WINDOWS.flatMap((minutes, i) => {
      const value = numberOf(words[i]);
      return value === null
        ? []
        : [single(`node_load${minutes}`, 'gauge', `Load average over ${minutes} min.`, value)];
    });
  },
};

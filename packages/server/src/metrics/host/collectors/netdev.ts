import { type HostCollector, linesOf, numberOf } from '../family.ts';

const PATH = '/proc/net/dev';
const RECEIVE = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'] as const;
const TRANSMIT = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'] as const;

/** The columns of /proc/net/dev after the interface name. */
const FIELDS: readonly string[] = [
  ...RECEIVE.map((field) => `receive_${field}`),
  ...TRANSMIT.map((field) => `transmit_${field}`),
];

/** Traffic of each network interface. */
export const netdev: HostCollector = {
  files: [PATH],
  collect(files) {
    const interfaces = linesOf(files, PATH).flatMap((line) => {
      const colon = line.lastIndexOf(':');
      if (colon < 0) return [];
      return [
        {
          device: line.slice(0, colon).trim(),
          words: line
            .slice(colon + 1)
            .trim()
            .split(/\s+/),
        },
      ];
    });
    return FIELDS.map((field, i) => ({
      name: `node_network_${field}_total`,
      type: 'counter' as const,
      help: `Column ${field} of /proc/net/dev.`,
      samples: interfaces.flatMap(({ device, words }) => {
        const value = numberOf(words[i]);
        return value === null ? [] : [{ labels: [['device', device] as const], value }];
      }),
    }));
  },
};

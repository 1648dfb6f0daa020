import { type HostCollector, numberOf, single } from '../family.ts';

const PATH = '/proc/sys/fs/file-nr';

/** Open files of the whole host, and how many there may be. */
export const filefd: HostCollector = {
  files: [PATH],
  collect: (files) => {
    const [allocated, , maximum] = (files.get(PATH) ?? '').trim().split(/\s+/).map(numberOf);
    return [
      ...(allocated == null
        ? []
        : [single('node_filefd_allocated', 'gauge', 'File descriptors in use.', allocated)]),
      ...(maximum == null
        ? []
        : [single('node_filefd_maximum', 'gauge', 'File descriptors that may be in use.', maximum)]),
    ];
  },
};

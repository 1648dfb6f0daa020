import { createRelabeler } from '../../metrics/index.ts';
import type { AlertmanagerConfig } from './config.ts';

const PATH_LABEL = '__alerts_path__';

/** Where the Alertmanagers of an entry take alerts, each once, after relabelling. */
export function alertmanagerUrls(config: AlertmanagerConfig): readonly string[] {
  const relabel = createRelabeler(config.relabel_configs);
  const urls = new Set<string>();
  for (const { targets, labels } of config.static_configs)
    for (const target of targets) {
      const all = new Map([
        ['__address__', target],
        ['__scheme__', config.scheme],
        [PATH_LABEL, `/${config.path_prefix}/api/v2/alerts`.replaceAll(/\/+/g, '/')],
        ...Object.entries(labels),
      ]);
      if (!relabel(all)) continue;
      const address = all.get('__address__') ?? '';
      if (address === '') continue;
      const scheme = all.get('__scheme__') ?? config.scheme;
      const port = /:\d+$/.test(address) ? '' : scheme === 'https' ? ':443' : ':80';
      urls.add(`${scheme}://${address}${port}${all.get(PATH_LABEL) ?? ''}`);
    }
  return [...urls];
}

import { apiTime } from './times.ts';

/** `alertmanagerStatus` of API v2, which amtool asks for before anything else. */
export interface AlertmanagerStatus {
  readonly cluster: { readonly status: 'ready' | 'settling' | 'disabled'; readonly peers: readonly never[] };
  readonly config: { readonly original: string };
  readonly uptime: string;
  readonly versionInfo: {
    readonly branch: string;
    readonly buildDate: string;
    readonly buildUser: string;
    readonly goVersion: string;
    readonly revision: string;
    readonly version: string;
  };
}

/** `shownConfig` must be a configuration that amtool can read; `startedAt` is in epoch ms. */
export function alertmanagerStatus(
  shownConfig: string,
  version: string,
  startedAt: number,
): AlertmanagerStatus {
  return {
    cluster: { status: 'disabled', peers: [] },
    config: { original: shownConfig },
    uptime: apiTime(startedAt),
    versionInfo: { branch: '', buildDate: '', buildUser: '', goVersion: '', revision: '', version },
  };
}

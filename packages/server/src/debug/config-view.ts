import type { z } from 'zod';
import type { ConfigOrigin } from '../kernel/config/load.ts';
import { maskedConfig } from '../kernel/config/mask.ts';
import type { configAnswer } from './shapes.ts';

/** The configuration in effect as Pharos holds it. */
export interface ConfigFacts {
  /** Sections by their keys, with all defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly written: Readonly<Record<string, unknown>>;
  readonly origins: readonly ConfigOrigin[];
  /** Epoch ms. */
  readonly appliedAt: number;
  readonly lastReloadSucceeded: boolean;
}

type View = Pick<z.output<typeof configAnswer>, 'config' | 'settings'>;

/** The configuration without its secrets: what is in effect, and of what was set by whom and where. */
export function configView({ config, written, origins }: ConfigFacts): View {
  const shown = maskedConfig(written);
  return {
    config: maskedConfig(config),
    settings: origins.map(({ path, from }) => ({ setting: path.join('.'), from, written: at(shown, path) })),
  };
}

/** The value at a path; what hides the rest of the path is the value. */
function at(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== 'object' || value === null) return value;
  return at(Object.getOwnPropertyDescriptor(value, key)?.value, rest);
}

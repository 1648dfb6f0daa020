import type { z } from 'zod';

/** An environment variable that overrides one value of the configuration file. */
export interface EnvBinding {
  readonly variable: string;
  /** Path below the section's key; empty for a section that is itself a scalar. */
  readonly path: readonly string[];
  readonly as: 'string' | 'number' | 'boolean';
  readonly about: string;
  /** Masked wherever configuration is shown. */
  readonly secret?: boolean;
}

/** One slice's part of the configuration: a top-level key, its schema with defaults, its variables. */
export interface ConfigSection<Key extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly key: Key;
  readonly schema: Schema;
  readonly env: readonly EnvBinding[];
  /**
   * Relative paths in it begin where the configuration file lies, instead of where Pharos was started: those under the names that
   * stand for paths, or the items of a section that is itself a list of paths.
   */
  readonly besideFile?: boolean | 'items';
}

export function defineSection<Key extends string, Schema extends z.ZodType>(
  key: Key,
  schema: Schema,
  env: readonly EnvBinding[] = [],
): ConfigSection<Key, Schema> {
  return { key, schema, env };
}

/** The parsed values of a list of sections, by key. */
export type ConfigOf<Sections extends Readonly<Record<string, ConfigSection>>> = {
  readonly [Name in keyof Sections]: z.output<Sections[Name]['schema']>;
};

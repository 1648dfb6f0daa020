import type { ConfigProblem } from '../../kernel/config/load.ts';
import type { TimeInterval } from '../intervals/interval.ts';
import type { NamedIntervals } from '../intervals/named.ts';
import type { MatcherWarning } from '../matchers/parse.ts';
import { builtInLibrary, type TemplateFile, type TemplateLibrary } from '../templates/library.ts';
import { checkGlobal, DEFAULT_RESOLVE_TIMEOUT_MS, globalSettings } from './global.ts';
import { type InhibitRule, inhibitRule } from './inhibit-rule.ts';
import { type Receiver, receiver, type WrittenReceiver } from './receiver.ts';
import { isSent, kindName } from './receivers/sent-kinds.ts';
import { route, type WrittenRoute } from './route.ts';
import { timeInterval } from './time-intervals.ts';
import { type Decoder, filePath, given, listOf, struct, text } from './yaml/decode.ts';
import { Place, YamlFile } from './yaml/place.ts';

/** Alertmanager's configuration, checked and complete. */
export interface AlertmanagerConfig {
  readonly resolveTimeoutMs: number;
  readonly route: WrittenRoute;
  readonly inhibitRules: readonly InhibitRule[];
  readonly receivers: readonly Receiver[];
  readonly intervals: NamedIntervals;
  /** Paths of template files, each may have a `*`. */
  readonly templates: readonly string[];
  /** What comes with Pharos and what is in those files. */
  readonly library: TemplateLibrary;
  /** The file as it may be shown. */
  readonly shown: string;
  /** What works and is not what it seems, or will not work in newer Alertmanagers. */
  readonly warnings: readonly string[];
}

export type AlertmanagerConfigResult =
  | { readonly ok: true; readonly config: AlertmanagerConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export interface ConfigSource {
  /** As it stands in messages. */
  readonly name: string;
  readonly text: string;
  /** Where relative paths begin; null leaves them alone. */
  readonly directory: string | null;
  /** Reads the template files that a path of the file names; without it there are none. Throws what the machine says. */
  readonly templateFiles?: (pattern: string) => readonly TemplateFile[];
}

const namedIntervals =
  (
    missing: string,
  ): Decoder<{ readonly place: Place; readonly name: string; readonly intervals: readonly TimeInterval[] }> =>
  (place) => {
    const written = struct({ name: text, time_intervals: listOf(timeInterval) })(place);
    if (written === undefined) return undefined;
    if (!given(written.name)) return place.refuse(missing);
    return { place, name: written.name, intervals: written.time_intervals ?? [] };
  };

const rootFields = struct({
  global: globalSettings,
  route,
  inhibit_rules: listOf(inhibitRule),
  receivers: listOf(receiver),
  templates: listOf(filePath),
  mute_time_intervals: listOf(namedIntervals('missing name in mute time interval')),
  time_intervals: listOf(namedIntervals('missing name in time interval')),
});

type WrittenFile = NonNullable<ReturnType<typeof rootFields>>;

/** Reads the whole file, and says all that is wrong with it: what Alertmanager refuses is refused for the same reason. */
export function loadAlertmanagerConfig(source: ConfigSource): AlertmanagerConfigResult {
  const file = new YamlFile(source.name, source.text, source.directory);
  if (file.problems.length > 0) return { ok: false, problems: file.problems };
  if (file.root.isNull) {
    file.root.refuse('no route provided in config');
    return { ok: false, problems: file.problems };
  }
  const written = rootFields(file.root);
  if (written === undefined) return { ok: false, problems: file.problems };
  const config = complete(written, file, source);
  return config === undefined || file.problems.length > 0
    ? { ok: false, problems: file.problems }
    : { ok: true, config: { ...config, shown: file.masked() } };
}

function complete(
  written: WrittenFile,
  file: YamlFile,
  source: ConfigSource,
): Omit<AlertmanagerConfig, 'shown'> | undefined {
  const { global } = written;
  if (global !== undefined) checkGlobal(global);
  const receivers = uniqueReceivers(written.receivers ?? []).map((one) => one.finish(global ?? {}));
  const intervals = uniqueIntervals(written);
  if (written.route === undefined) {
    if (file.problems.length === 0) file.root.refuse('no route provided in config');
    return undefined;
  }
  const names = new Set((written.receivers ?? []).map(({ name }) => name));
  checkRoot(written.route);
  checkRoutes(written.route, names, intervals);
  const inhibitRules = written.inhibit_rules ?? [];
  const { library, warnings: templateWarnings } = libraryOf(written.templates ?? [], file, source);
  const warnings = [...routeWarnings(written.route), ...inhibitRules.flatMap((rule) => rule.warnings)];
  return {
    resolveTimeoutMs: global?.resolve_timeout ?? DEFAULT_RESOLVE_TIMEOUT_MS,
    route: written.route,
    inhibitRules,
    receivers,
    intervals,
    templates: written.templates ?? [],
    library,
    warnings: [
      ...warnings.map(matcherWarning),
      ...templateWarnings,
      ...receivers.flatMap(unsentWarnings),
      ...receivers.flatMap((one) => brokenTexts(one, library)),
    ],
  };
}

/** A broken file of templates refuses the configuration; one that is not there does not, as in Alertmanager. */
function libraryOf(
  patterns: readonly string[],
  file: YamlFile,
  { templateFiles }: ConfigSource,
): { readonly library: TemplateLibrary; readonly warnings: readonly string[] } {
  const library = builtInLibrary();
  if (templateFiles === undefined) return { library, warnings: [] };
  const warnings: string[] = [];
  const files: (TemplateFile & { readonly pattern: string })[] = [];
  const refuse = (pattern: string, message: string): void => {
    file.problems.push({ where: pattern, path: 'templates', message });
  };
  for (const pattern of patterns)
    try {
      const found = templateFiles(pattern);
      if (found.length === 0) warnings.push(`templates: there is no file ${pattern}`);
      files.push(...found.map((one) => ({ ...one, pattern })));
    } catch (error) {
      refuse(pattern, error instanceof Error ? error.message : String(error));
    }
  const compiled = library.withFiles(files);
  if (compiled.ok) return { library: compiled.library, warnings };
  for (const { file: at, message } of compiled.problems) refuse(files[at]?.pattern ?? '', message);
  return { library, warnings };
}

function uniqueReceivers(receivers: readonly WrittenReceiver[]): readonly WrittenReceiver[] {
  const names = new Set<string>();
  for (const { name, place } of receivers) {
    if (names.has(name)) place.refuse(`notification config name "${name}" is not unique`);
    names.add(name);
  }
  return receivers;
}

/** Both lists share their names; the older one comes first. */
function uniqueIntervals(written: WrittenFile): NamedIntervals {
  const intervals = new Map<string, readonly TimeInterval[]>();
  for (const [list, what] of [
    [written.mute_time_intervals, 'mute time interval'],
    [written.time_intervals, 'time interval'],
  ] as const)
    for (const one of list ?? []) {
      if (intervals.has(one.name)) one.place.refuse(`${what} "${one.name}" is not unique`);
      intervals.set(one.name, one.intervals);
    }
  return intervals;
}

/** The root is what nothing else matches falls to. */
function checkRoot(root: WrittenRoute): void {
  const { place } = root;
  if (root.receiver === undefined) place.refuse('root route must specify a default receiver');
  if (root.matchers.length > 0) place.refuse('root route must not have any matchers');
  if (root.muteTimeIntervals.length > 0)
    place.at('mute_time_intervals').refuse('root route must not have any mute time intervals');
  if (root.activeTimeIntervals.length > 0)
    place.at('active_time_intervals').refuse('root route must not have any active time intervals');
  if (root.continue) place.at('continue').refuse('cannot have continue in root route');
}

function checkRoutes(node: WrittenRoute, receivers: ReadonlySet<string>, intervals: NamedIntervals): void {
  const { place } = node;
  if (node.receiver !== undefined && !receivers.has(node.receiver))
    place.at('receiver').refuse(`undefined receiver "${node.receiver}" used in route`);
  for (const [list, names] of [
    ['active_time_intervals', node.activeTimeIntervals],
    ['mute_time_intervals', node.muteTimeIntervals],
  ] as const)
    for (const name of names)
      if (!intervals.has(name)) place.at(list).refuse(`undefined time interval "${name}" used in route`);
  for (const child of node.routes) checkRoutes(child, receivers, intervals);
}

function routeWarnings(node: WrittenRoute): readonly MatcherWarning[] {
  return [...node.warnings, ...node.routes.flatMap(routeWarnings)];
}

function matcherWarning({ kind, input, suggestion }: MatcherWarning): string {
  const how =
    kind === 'incompatible'
      ? 'is read by the classic syntax of matchers only'
      : 'means different things in the two syntaxes of matchers; the classic meaning counts';
  return `${input} ${how}; write it as ${suggestion}`;
}

function unsentWarnings({ name, integrations }: Receiver): readonly string[] {
  return integrations.flatMap(({ entry }) =>
    isSent(entry)
      ? []
      : [`receiver "${name}": Pharos does not send to ${kindName(entry)}; this entry is skipped`],
  );
}

/** Texts of receivers that are no templates: Alertmanager takes the file and fails with each notification. */
function brokenTexts({ name, integrations }: Receiver, library: TemplateLibrary): readonly string[] {
  return integrations.flatMap(({ entry, index }) =>
    isSent(entry)
      ? textsIn(entry.settings).flatMap((text) => {
          const problem = library.problemOf(text);
          return problem === null
            ? []
            : [`receiver "${name}": ${kindName(entry)}[${index}]: a text is no template: ${problem}`];
        })
      : [],
  );
}

/** All texts in a receiver's settings. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Map || Array.isArray(value)) return [...value.values()].flatMap(textsIn);
  return typeof value === 'object' && value !== null && !(value instanceof Place)
    ? Object.values(value).flatMap(textsIn)
    : [];
}

/** With which time before the shown one its figures are compared. */
export const COMPARISONS = ['before', '1h', '1d', '1w'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Minutes that a moment of the past takes in. */
export const WIDTHS = [1, 5, 15, 60] as const;

/** The topology page's own search parameters. */
export interface TopologySearch {
  /** The end of a moment in the past, epoch ms on a whole minute; without it the whole time range is shown. */
  readonly at?: number | undefined;
  /** Minutes of that moment; 1 without it. */
  readonly width?: number | undefined;
  readonly compare?: Comparison | undefined;
  /** Only what fails. */
  readonly failing?: true | undefined;
  /** Services only. */
  readonly stores?: false | undefined;
  /** Only this node, its callers and whom it calls. */
  readonly around?: string | undefined;
  readonly as?: 'map' | 'table' | undefined;
  /** What stands in the panel: a node by its id, or a call by both. */
  readonly node?: string | undefined;
  readonly call?: readonly [source: string, target: string] | undefined;
}

const MINUTE_MS = 60_000;
const MAX_LENGTH = 500;

function idIn(value: unknown): string | undefined {
  // A service may be called 7, which a URL carries as a number.
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= MAX_LENGTH ? text : undefined;
}

function callIn(value: unknown): TopologySearch['call'] {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [source, target] = [idIn(value[0]), idIn(value[1])];
  return source === undefined || target === undefined ? undefined : [source, target];
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateTopologySearch(search: Readonly<Record<string, unknown>>): TopologySearch {
  const at = Number(search['at']);
  const width = WIDTHS.find((minutes) => minutes === Number(search['width']));
  const known: TopologySearch = {
    at: Number.isFinite(at) && at > 0 && at < 8.64e15 ? Math.round(at / MINUTE_MS) * MINUTE_MS : undefined,
    width: width === 1 ? undefined : width,
    compare: COMPARISONS.find((one) => one === search['compare']),
    failing: search['failing'] === true ? true : undefined,
    stores: search['stores'] === false ? false : undefined,
    around: idIn(search['around']),
    as: (['map', 'table'] as const).find((one) => one === search['as']),
    node: idIn(search['node']),
    call: callIn(search['call']),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

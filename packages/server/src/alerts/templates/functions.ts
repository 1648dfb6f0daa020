import {
  bare,
  CORE_FUNCTIONS,
  fixed,
  formatTime,
  GoDuration,
  GoObject,
  isList,
  TemplateError,
  type TemplateFunction,
  type Value,
  variadic,
  zoneOrUtc,
} from '@pharos/gotemplate';
import { humanizeDuration } from '../rules/template/humanize.ts';
import { numberOf } from '../rules/template/numbers.ts';
import { matchesPattern, replacePattern } from '../rules/template/patterns.ts';
import { toJson } from './to-json.ts';

/** What the functions of a notification's templates may ask for. */
export interface NotificationContext {
  /** Epoch ms. */
  readonly now: number;
}

type NotificationFunction = TemplateFunction<NotificationContext>;

/** Types of texts that need no escaping in HTML, as Go names them. */
export const SAFE_HTML = 'template.HTML';
export const SAFE_URL = 'template.URL';

const NS_PER_MS = 1_000_000n;

const OWN: Readonly<Record<string, NotificationFunction>> = {
  toUpper: fixed(1, (args) => args.text(0).toUpperCase()),
  toLower: fixed(1, (args) => args.text(0).toLowerCase()),
  title: fixed(1, (args, { budget }) => {
    budget.chars(args.text(0).length);
    return titled(args.text(0));
  }),
  trimSpace: fixed(1, (args) => args.text(0).trim()),
  join: fixed(2, (args, { budget }) => {
    const separator = args.text(0);
    const texts = textsOf(args.at(1));
    budget.chars(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
    return texts.join(separator);
  }),
  match: fixed(2, (args) => matchesPattern(args.text(0), args.text(1))),
  reReplaceAll: fixed(3, (args, { budget }) => replacePattern(args, budget)),
  safeHtml: fixed(1, (args) => GoObject.named(SAFE_HTML, args.text(0))),
  safeUrl: fixed(1, (args) => GoObject.named(SAFE_URL, args.text(0))),
  urlUnescape: fixed(1, (args) => unescaped(args.text(0))),
  stringSlice: variadic(0, (args) => args.values.map((_value, index) => args.text(index))),
  date: fixed(2, (args) => formatTime(args.time(1), args.text(0))),
  tz: fixed(2, (args) => ({ ns: args.time(1).ns, zone: zoneOf(args.text(0)) })),
  since: fixed(1, (args, { now }) => new GoDuration(BigInt(now) * NS_PER_MS - args.time(0).ns)),
  humanizeDuration: fixed(1, (args) => humanizeDuration(numberOf(args.at(0)))),
  toJson: fixed(1, (args, { budget }) => toJson(args.at(0), budget)),
};

/** `fromJson` and `default` are Loki's own. */
const GO_FUNCTIONS = Object.entries(CORE_FUNCTIONS).filter(
  ([name]) => name !== 'fromJson' && name !== 'default',
);

/** Every function of a notification's templates, by name, as Alertmanager has them. */
export const NOTIFICATION_FUNCTIONS: ReadonlyMap<string, NotificationFunction> = new Map<
  string,
  NotificationFunction
>([...GO_FUNCTIONS, ...Object.entries(OWN)]);

function textsOf(value: Value): readonly string[] {
  const list = bare(value);
  if (!isList(list)) throw new TemplateError('expected a list of texts');
  return list.map((item) => {
    const text = bare(item);
    if (typeof text !== 'string') throw new TemplateError('expected a list of texts');
    return text;
  });
}

/** Words by Unicode's rules: `it's` is one, `high-error` are two. */
const WORDS = new Intl.Segmenter('en-US', { granularity: 'word' });

/** Each word with a capital, the rest of it small. */
function titled(text: string): string {
  let out = '';
  for (const { segment, isWordLike } of WORDS.segment(text))
    out +=
      isWordLike === true
        ? segment.toLowerCase().replace(/\p{L}/u, (letter) => letter.toUpperCase())
        : segment;
  return out;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new TemplateError(`invalid URL escape in ${JSON.stringify(text.slice(0, 100))}`);
  }
}

function zoneOf(name: string): string {
  // In Go both name the same; what is no zone is an error there.
  if (name === '' || name === 'UTC') return 'UTC';
  const zone = zoneOrUtc(name);
  if (zone !== name) throw new TemplateError(`unknown time zone ${name}`);
  return zone;
}

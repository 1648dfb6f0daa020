import type { ErrorFrame } from '../event.ts';

const FOREIGN: readonly RegExp[] = [
  /(?:^|[/\\])node_modules[/\\]/,
  /^(?:node:|internal\/|bootstrap_node)/,
  /[/\\](?:site|dist)-packages[/\\]/,
  /[/\\]lib[/\\]python\d/,
  /^webpack\/(?:bootstrap|runtime)|[/\\]webpack[/\\](?:bootstrap|runtime)/,
  /^<(?:frozen|string|anonymous)/,
];
const FOREIGN_CLASSES =
  /^(?:java|javax|jdk|sun|com\.sun|kotlin|scala|org\.springframework|org\.apache|io\.netty)\./;

/** Whether a frame is the service's own code: not the runtime's, not a dependency's. */
export function isInApp(file: string, name: string): boolean {
  if (file === '' || FOREIGN.some((pattern) => pattern.test(file))) return false;
  return !(/\.(?:java|kt|scala)$/.test(file) && FOREIGN_CLASSES.test(name));
}

/** Code that compilers put around `async` functions; it is there or not depending on what was awaited before. */
const MACHINERY =
  /^(?:Generator\.(?:next|throw)|__awaiter|_?asyncToGenerator|asyncGeneratorStep|new Promise|Promise\.\w+|process\.processTicksAndRejections|processTicksAndRejections)$/;
const STEPS = /^(?:fulfilled|rejected|step|_next|_throw|adopt)$/;

/** The service's own frames, where it was thrown first, without what compilers add. */
export function ownFrames(frames: readonly ErrorFrame[]): ErrorFrame[] {
  const compiled = frames.some(
    ({ function: name }) => MACHINERY.test(plainName(name)) && name.includes('enerator'),
  );
  return frames.filter(({ inApp, function: name }) => {
    if (!inApp) return false;
    const plain = plainName(name);
    return !MACHINERY.test(plain) && !(compiled && (STEPS.test(plain) || plain === ''));
  });
}

/** Named by a minifier, anew in every build: one or two letters, or far to the right on a line. */
export function isMinified({ function: name, file, column }: ErrorFrame): boolean {
  return column >= 500 || /\.min\.[cm]?js$/.test(file) || /^[A-Za-z_$][\w$]?$/.test(plainName(name));
}

const NAMELESS = '<anonymous>';

/** Function and module of a frame, the same on every machine and in every build: no line, no directory of the deployment. */
export function placeOf(frame: ErrorFrame): string {
  const module = moduleOf(frame.file);
  const name = isMinified(frame) ? '' : stableName(frame.function);
  return `${name === '' ? NAMELESS : name} in ${module}`;
}

/** A place as people read it: a function without a name is its module. Groups are told apart by the place itself. */
export function readablePlace(place: string): string {
  const nameless = `${NAMELESS} in `;
  return place.startsWith(nameless) ? place.slice(nameless.length) : place;
}

/** V8 says how a function was called; that is no part of which one it is. */
function plainName(name: string): string {
  return name
    .replace(/^async /, '')
    .replace(/ \[as [^\]]{1,100}\]$/, '')
    .trim();
}

function stableName(name: string): string {
  return plainName(name)
    .replace(/^new /, '')
    .replace(
      /^(?:Object|Module|Function|exports|global|globalThis|Timeout|Immediate|EventEmitter|module\.exports)\.(?=.)/,
      '',
    )
    .replace(/\$\d+$/, '')
    .replace(/^<anonymous>$/, '');
}

const OUTPUTS = new Set(['src', 'dist', 'build', 'lib', 'out', 'app', 'esm', 'cjs']);

/**
 * The file and its folder without what a build or a deployment adds: origins, roots, extensions, hashes, and the folder that compilers
 * read from or write to.
 */
export function moduleOf(file: string): string {
  const path = file
    .replace(/^[a-z][a-z0-9+-]{0,20}:\/{2,3}/i, '')
    .replace(/[?#].*$/s, '')
    .replaceAll('\\', '/');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  const base = unhashed(
    (parts.at(-1) ?? '').replace(/\.(?:min\.)?(?:[cm]?[jt]sx?|vue|svelte|py|java|kt|rb|php|go)$/, ''),
  );
  const folder = parts.at(-2) ?? '';
  return folder === '' || OUTPUTS.has(folder) || parts.length === 2 ? base : `${unhashed(folder)}/${base}`;
}

/** `main.3fa9c2b1` and `index-BxK3jS9a` are `main` and `index`. */
function unhashed(name: string): string {
  return name
    .replace(/[.-](?=[a-f]*\d)[0-9a-f]{6,64}$/i, '')
    .replace(
      /[.-](?=[\w-]{0,9}[A-Z\d])(?=[\w-]{0,9}[a-z\d])(?=[\w-]{0,9}(?:\d|[A-Z]))[\w-]{8,10}$/,
      (found) => (/\d/.test(found) ? '' : found),
    )
    .replace(/\d+/g, '<num>');
}
